package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// serve makes this test binary a server, the second process of a benchmark, and says which.
const serve = "CVAT_BENCH_SERVE"

// setting is what a server is like.
type setting struct {
	Delay time.Duration `json:"delay"` // in each direction; half a round trip
	Cert  string        `json:"cert"`  // Cert and Key are files; TLS with HTTP/2, if they are set
	Key   string        `json:"key"`
}

func TestMain(m *testing.M) {
	if path := os.Getenv(serveArchive); path != "" {
		serveFile(path)
		return
	}
	told := os.Getenv(serve)
	if told == "" {
		os.Exit(m.Run())
	}
	var s setting
	err := json.Unmarshal([]byte(told), &s)
	if err == nil {
		err = s.serve()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve runs a sink until standard input ends, tells its address, and then what it received.
func (s setting) serve() error {
	received := newSink()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	scheme := "http"
	if s.Delay > 0 {
		listener = delayed{listener, s.Delay}
	}
	server := &http.Server{Handler: received}
	if s.Cert != "" {
		scheme = "https"
		go func() { _ = server.ServeTLS(listener, s.Cert, s.Key) }()
	} else {
		go func() { _ = server.Serve(listener) }()
	}
	defer func() { _ = server.Close() }()
	fmt.Println(scheme + "://" + listener.Addr().String())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	fmt.Println(received.summary())
	return nil
}

// server is the second process.
type server struct {
	url    string
	stdin  io.WriteCloser
	stdout *bufio.Reader
	cmd    *exec.Cmd
}

func (s setting) start(b *testing.B) *server {
	b.Helper()
	told, err := json.Marshal(s)
	check(b, err)
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serve+"="+string(told))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	check(b, err)
	stdout, err := cmd.StdoutPipe()
	check(b, err)
	check(b, cmd.Start())
	started := &server{stdin: stdin, stdout: bufio.NewReader(stdout), cmd: cmd}
	line, err := started.stdout.ReadString('\n')
	check(b, err)
	started.url = strings.TrimSpace(line)
	return started
}

// stop ends the server and checks what it received: size and CRC of each file, by name.
func (s *server) stop(b *testing.B, want string) {
	b.Helper()
	check(b, s.stdin.Close())
	received, err := io.ReadAll(s.stdout)
	check(b, err)
	check(b, s.cmd.Wait())
	if got := strings.TrimSpace(string(received)); got != want {
		b.Fatalf("the server received %.200q, want %.200q", got, want)
	}
}

// measure times one upload, by CreateFromData, to a server of its own. The time includes all that the call does.
func (s setting) measure(b *testing.B, files fileSet, options *cvat.UploadOptions, opts ...cvat.Option) time.Duration {
	b.Helper()
	srv := s.start(b)
	client, err := cvat.NewClient(srv.url, append(opts, cvat.WithBasicAuth("admin", "admin-password"))...)
	check(b, err)
	if options == nil {
		options = &cvat.UploadOptions{}
	}
	options.Wait.MaxInterval = time.Millisecond
	start := time.Now()
	_, err = client.Tasks.CreateFromData(b.Context(), models.TaskCreate{Name: "big"}, cvat.Files(files.paths...), options)
	took := time.Since(start)
	check(b, err)
	srv.stop(b, files.summary)
	return took
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
