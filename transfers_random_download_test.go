package cvat_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// randomDownload fetches what a task of random pictures holds, in one of several ways: all of it is there then, byte for byte,
// or the call failed; what has a final name is whole.
func randomDownload(t *testing.T, chance *rand.Rand, on stage) []string {
	t.Helper()
	pictures := map[string][]byte{}
	var sources []cvat.Source
	for i := range 1 + chance.IntN(4) {
		name, data := fmt.Sprintf("frame%d.png", i), append(picture(t, i), noise(chance, chance.IntN(3000))...)
		pictures[name] = data
		sources = append(sources, cvat.Bytes(name, data))
	}
	task, err := on.calm.Tasks.CreateFromData(t.Context(), models.TaskCreate{Name: "random", Labels: labels()}, cvat.Join(sources...),
		&cvat.UploadOptions{Wait: wait})
	require.NoError(t, err)
	on.srv.Forget()
	on.trouble(chance, downloads(on.srv.Dialect())...)

	folder := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(300+chance.IntN(1000))*time.Millisecond)
	defer cancel()
	options := &cvat.ExportOptions{Wait: cvat.WaitOptions{MaxInterval: time.Millisecond}}
	var got map[string][]byte
	var unreadable error
	switch chance.IntN(4) {
	case 0:
		var buf bytes.Buffer
		if _, err = on.client.Tasks.ExportDataset(ctx, task.ID, exportFormat, &buf, options); err == nil {
			got, unreadable = archived(buf.Bytes())
		}
	case 1:
		path := filepath.Join(folder, "dataset.zip")
		_, err = on.client.Tasks.ExportDatasetToFile(ctx, task.ID, exportFormat, path, options)
		if data, missing := os.ReadFile(path); missing == nil {
			got, unreadable = archived(data)
		}
	case 2:
		path := filepath.Join(folder, "backup.zip")
		_, err = on.client.Tasks.BackupToFile(ctx, task.ID, path, options)
		if data, missing := os.ReadFile(path); missing == nil {
			got, unreadable = archived(data)
		}
	default:
		_, err = on.client.Tasks.DownloadFrames(ctx, task.ID, folder, &cvat.DownloadFramesOptions{Parallel: 1 + chance.IntN(4)})
		got = map[string][]byte{}
		for name := range pictures {
			if data, missing := os.ReadFile(filepath.Join(folder, name)); missing == nil {
				got[name] = data
			} else if err != nil {
				got[name] = pictures[name] // the call said that something is missing
			}
		}
	}
	on.srv.Heal()

	found := []string{"succeeded"}
	if err != nil {
		found[0] = "failed"
	}
	differ := func(format string, args ...any) {
		found = append(found, fmt.Sprintf(format, args...)+fmt.Sprintf(" (the call: %v)", err))
	}
	switch {
	case unreadable != nil:
		differ("the archive cannot be read: %v", unreadable)
	case err == nil || got != nil:
		for name, want := range pictures {
			if !bytes.Equal(want, got[name]) {
				differ("%s has %d bytes that are not the %d bytes sent", name, len(got[name]), len(want))
			}
		}
	}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			differ("%s is left in the folder", entry.Name())
		}
	}
	return found
}

// downloads are the operations of exports and frames.
func downloads(dialect testserver.Dialect) []string {
	ops := []string{"tasks_retrieve_data", "tasks_retrieve_data_meta", "tasks_retrieve", ""}
	if dialect == testserver.V2_3 {
		return slices.Concat(ops, []string{"tasks_retrieve_dataset", "tasks_retrieve_dataset", "tasks_retrieve_backup", "tasks_retrieve_backup"})
	}
	return slices.Concat(ops, []string{
		"tasks_create_dataset_export", "tasks_create_backup_export", "requests_retrieve",
		"tasks_retrieve_dataset_download", "tasks_retrieve_backup_download",
	})
}

// archived reads the pictures of an archive, by their base names.
func archived(data []byte) (map[string][]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	pictures := map[string][]byte{}
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		pictures[filepath.Base(file.Name)] = content
	}
	return pictures, nil
}
