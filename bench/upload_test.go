package bench

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// serve makes this test binary a server: the second process of a benchmark.
const serve = "CVAT_BENCH_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serve) == "" {
		os.Exit(m.Run())
	}
	if err := serveUploads(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serveUploads runs the fake server until standard input ends, tells its address, and then what it received.
func serveUploads() error {
	srv := testserver.Start(nil, testserver.DiscardUploads())
	defer srv.Close()
	fmt.Println(srv.URL)
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	for _, file := range srv.Files(1) {
		fmt.Println(file.Name, file.Size, file.SHA256)
	}
	return nil
}

// server is the second process.
type server struct {
	url    string
	stdin  io.WriteCloser
	stdout *bufio.Reader
	cmd    *exec.Cmd
}

func startServer(b *testing.B) *server {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serve+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	check(b, err)
	stdout, err := cmd.StdoutPipe()
	check(b, err)
	check(b, cmd.Start())
	s := &server{stdin: stdin, stdout: bufio.NewReader(stdout), cmd: cmd}
	line, err := s.stdout.ReadString('\n')
	check(b, err)
	s.url = strings.TrimSpace(line)
	return s
}

// task makes an empty task, and returns a client for it.
func (s *server) task(b *testing.B) (client *cvat.Client, id int64) {
	b.Helper()
	client, err := cvat.NewClient(s.url, cvat.WithBasicAuth("admin", "admin-password"))
	check(b, err)
	task, _, err := client.Tasks.Create(b.Context(), models.TaskCreate{Name: "big", Labels: []models.LabelCreate{{Name: "car"}}})
	check(b, err)
	return client, task.ID
}

// stop ends the server and returns what it received: name, size and SHA-256 of each file.
func (s *server) stop(b *testing.B) string {
	b.Helper()
	check(b, s.stdin.Close())
	received, err := io.ReadAll(s.stdout)
	check(b, err)
	check(b, s.cmd.Wait())
	return strings.TrimSpace(string(received))
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

const gigabyte = 1 << 30

// bigFile writes a file of 1 GiB and returns its path and hash.
func bigFile(b *testing.B) (path, sum string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "video.mp4")
	file, err := os.Create(path)
	check(b, err)
	hash := sha256.New()
	_, err = io.CopyN(io.MultiWriter(file, hash), rand.NewChaCha8([32]byte{}), gigabyte)
	check(b, err)
	check(b, file.Close())
	return path, hex.EncodeToString(hash.Sum(nil))
}

// BenchmarkUploadTUS uploads 1 GiB by TUS to a server in a second process, which verifies the hash. It reports how much
// the upload raised this process's peak resident memory; the goal is less than 32 MiB.
func BenchmarkUploadTUS(b *testing.B) {
	path, sum := bigFile(b)
	b.SetBytes(gigabyte)
	for b.Loop() {
		b.StopTimer()
		srv := startServer(b)
		client, task := srv.task(b)
		before := peakRSS(b)
		b.StartTimer()
		// The server makes no frames of what it discards: that the file arrived is what counts.
		if err := client.Tasks.Upload(b.Context(), task, cvat.Files(path), nil); err != nil {
			b.Log(err)
		}
		b.StopTimer()
		b.ReportMetric(float64(peakRSS(b)-before)/(1<<20), "MiB-peak-RSS")
		if got, want := srv.stop(b), "video.mp4 "+strconv.Itoa(gigabyte)+" "+sum; got != want {
			b.Fatalf("the server received %q, want %q", got, want)
		}
		b.StartTimer()
	}
}

// BenchmarkPlainPatch sends the same file with net/http to the same kind of server, for comparison: in one PATCH, and
// in chunks of the client's default size.
func BenchmarkPlainPatch(b *testing.B) {
	b.Run("whole", func(b *testing.B) { plainPatch(b, gigabyte) })
	b.Run("10MiB", func(b *testing.B) { plainPatch(b, 10<<20) })
}

func plainPatch(b *testing.B, chunk int64) {
	b.Helper()
	path, sum := bigFile(b)
	b.SetBytes(gigabyte)
	for b.Loop() {
		b.StopTimer()
		srv := startServer(b)
		_, task := srv.task(b)
		location := announce(b, srv.url, task)
		file, err := os.Open(path)
		check(b, err)
		before := peakRSS(b)
		b.StartTimer()
		for offset := int64(0); offset < gigabyte; offset += chunk {
			patch(b, location, io.NewSectionReader(file, offset, min(chunk, gigabyte-offset)), offset)
		}
		b.StopTimer()
		b.ReportMetric(float64(peakRSS(b)-before)/(1<<20), "MiB-peak-RSS")
		check(b, file.Close())
		if got, want := srv.stop(b), "video.mp4 "+strconv.Itoa(gigabyte)+" "+sum; got != want {
			b.Fatalf("the server received %q, want %q", got, want)
		}
		b.StartTimer()
	}
}

func patch(b *testing.B, location string, chunk *io.SectionReader, offset int64) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPatch, location, chunk)
	check(b, err)
	req.ContentLength = chunk.Size()
	req.SetBasicAuth("admin", "admin-password")
	req.Header.Set("Content-Type", "application/offset+octet-stream")
	req.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
	resp, err := http.DefaultClient.Do(req)
	check(b, err)
	check(b, resp.Body.Close())
	if resp.StatusCode != http.StatusNoContent {
		b.Fatal(resp.Status)
	}
}

// announce begins an upload and returns its address.
func announce(b *testing.B, url string, task int64) string {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, fmt.Sprintf("%s/api/tasks/%d/data/", url, task), http.NoBody)
	check(b, err)
	req.SetBasicAuth("admin", "admin-password")
	req.Header.Set("Tus-Resumable", "1.0.0")
	req.Header.Set("Upload-Length", strconv.Itoa(gigabyte))
	req.Header.Set("Upload-Metadata", "filename dmlkZW8ubXA0")
	resp, err := http.DefaultClient.Do(req)
	check(b, err)
	check(b, resp.Body.Close())
	return resp.Header.Get("Location")
}
