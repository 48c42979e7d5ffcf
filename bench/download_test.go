package bench

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-cvat/cvat"
)

// serveArchive names the archive that this test binary serves as a CVAT would: the second process of a benchmark.
const serveArchive = "CVAT_BENCH_ARCHIVE"

// serveFile is that second process: it serves an archive until standard input ends.
func serveFile(path string) {
	reply := func(w http.ResponseWriter, status int, body string) {
		w.Header().Set("Content-Type", "application/vnd.cvat+json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/about"):
			reply(w, http.StatusOK, `{"version":"2.73.1"}`)
		case r.Method == http.MethodPost:
			reply(w, http.StatusAccepted, `{"rq_id":"x"}`)
		case strings.Contains(r.URL.Path, "/requests/"):
			reply(w, http.StatusOK, `{"status":"finished","id":"x","result_url":"/api/tasks/1/dataset/download?rq_id=x"}`)
		default:
			w.Header().Set("Content-Type", "application/zip")
			http.ServeFile(w, r, path)
		}
	}))
	defer srv.Close()
	fmt.Println(srv.URL)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the benchmark is over
}

// startArchiveServer starts the second process and returns its address.
func startArchiveServer(b *testing.B, path string) string {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serveArchive+"="+path)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	check(b, err)
	stdout, err := cmd.StdoutPipe()
	check(b, err)
	check(b, cmd.Start())
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	check(b, err)
	return strings.TrimSpace(line)
}

// bigArchive writes a zip of 1 GiB, of one large file and many small ones, and returns its hash.
func bigArchive(b *testing.B, path string) string {
	b.Helper()
	file, err := os.Create(path)
	check(b, err)
	hash := sha256.New()
	w := zip.NewWriter(bufio.NewWriterSize(io.MultiWriter(file, hash), 1<<20))
	add := func(name string, size int64) {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		check(b, err)
		_, err = io.CopyN(entry, rand.NewChaCha8([32]byte{}), size)
		check(b, err)
	}
	for i := range 10_000 {
		add(fmt.Sprintf("images/default/frame_%06d.png", i), 1)
	}
	add("images/default/large.png", gigabyte)
	check(b, w.Close())
	check(b, file.Close())
	return hex.EncodeToString(hash.Sum(nil))
}

func hashOf(b *testing.B, path string) string {
	b.Helper()
	file, err := os.Open(path)
	check(b, err)
	defer file.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	check(b, err)
	return hex.EncodeToString(hash.Sum(nil))
}

// BenchmarkDownload exports an archive of 1 GiB to a file from a server in a second process, and by turns copies it with
// net/http and io.CopyBuffer with 256 KiB. It reports the speed as a share of the copy's (the goal is 0.9), both speeds,
// and how much the export raised this process's peak resident memory (the goal is 16 MiB).
func BenchmarkDownload(b *testing.B) {
	folder := b.TempDir()
	source := filepath.Join(folder, "source.zip")
	sum := bigArchive(b, source)
	url := startArchiveServer(b, source)
	client, err := cvat.NewClient(url, cvat.WithBasicAuth("admin", "admin-password"))
	check(b, err)
	path := filepath.Join(folder, "archive.zip")
	b.SetBytes(gigabyte)
	var export, plain time.Duration
	var growth int64
	// The disk goes on writing after a transfer, so both are hashed and removed, and they take turns at being first.
	timed := func(total *time.Duration, transfer func()) {
		start := time.Now()
		transfer()
		*total += time.Since(start)
		if hashOf(b, path) != sum {
			b.Fatal("another archive arrived")
		}
		check(b, os.Remove(path))
	}
	exporting := func() {
		before := peakRSS(b)
		b.StartTimer()
		_, err := client.Tasks.ExportDatasetToFile(b.Context(), 1, "COCO 1.0", path, nil)
		b.StopTimer()
		check(b, err)
		growth = max(growth, peakRSS(b)-before)
	}
	copying := func() { copyArchive(b, url, path) }
	copying() // the server's file is read for the first time
	check(b, os.Remove(path))
	for first := true; b.Loop(); first = !first {
		b.StopTimer()
		if first {
			timed(&plain, copying)
			timed(&export, exporting)
		} else {
			timed(&export, exporting)
			timed(&plain, copying)
		}
		b.StartTimer()
	}
	speed := func(d time.Duration) float64 { return float64(b.N) * gigabyte / 1e6 / d.Seconds() }
	b.ReportMetric(speed(export)/speed(plain), "of-CopyBuffer")
	b.ReportMetric(speed(export), "export-MB/s")
	b.ReportMetric(speed(plain), "CopyBuffer-MB/s")
	b.ReportMetric(float64(growth)/(1<<20), "MiB-peak-RSS")
}

// copyArchive is what the export is compared with.
func copyArchive(b *testing.B, url, path string) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url+"/api/tasks/1/dataset/download", http.NoBody)
	check(b, err)
	resp, err := http.DefaultClient.Do(req)
	check(b, err)
	defer resp.Body.Close()
	file, err := os.Create(path)
	check(b, err)
	_, err = io.CopyBuffer(struct{ io.Writer }{file}, struct{ io.Reader }{resp.Body}, make([]byte, 256<<10))
	check(b, err)
	check(b, file.Close())
}
