package bench

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	cryptorand "crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"hash/crc32"
	"io"
	"math/big"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-cvat/cvat"
)

const (
	mebibyte = 1 << 20
	gigabyte = 1 << 30
	// far is half a round trip of 20 ms.
	far = 10 * time.Millisecond
)

// fileSet are files on the disk, and how a sink sums them up.
type fileSet struct {
	paths   []string
	summary string
}

// writeFiles writes so many files of a size.
func writeFiles(b *testing.B, n int, size int64) fileSet {
	b.Helper()
	var set fileSet
	folder := b.TempDir()
	var sums []string
	random := rand.NewChaCha8([32]byte{})
	for i := range n {
		name := fmt.Sprintf("f%03d.jpg", i)
		set.paths = append(set.paths, filepath.Join(folder, name))
		file, err := os.Create(set.paths[i])
		check(b, err)
		crc := crc32.New(castagnoli)
		_, err = io.CopyN(io.MultiWriter(file, crc), random, size)
		check(b, err)
		check(b, file.Sync())
		check(b, file.Close())
		sums = append(sums, fmt.Sprintf("filename %s %d %08x", base64.StdEncoding.EncodeToString([]byte(name)), size, crc.Sum32()))
	}
	slices.Sort(sums)
	set.summary = strings.Join(sums, ";")
	return set
}

// report compares the times of two ways. More is better for the first.
func report(b *testing.B, way, other time.Duration, unit string) {
	b.Helper()
	b.ReportMetric(other.Seconds()/way.Seconds(), unit)
	b.ReportMetric(way.Seconds(), "s-way")
	b.ReportMetric(other.Seconds(), "s-other")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkUploadLoopback uploads 1 GiB by TUS, and in one plain PATCH with net/http, to servers in other processes. The
// goals are 0.85 of the PATCH's speed and less than 16 MiB more of peak resident memory. Plain PATCHes of 100 MiB, which is
// what servers take in one, show what is lost to chunks by themselves.
func BenchmarkUploadLoopback(b *testing.B) {
	files := writeFiles(b, 1, gigabyte)
	var way, other, chunked time.Duration
	var grown int64
	for b.Loop() {
		before := resetPeakRSS(b)
		way += setting{}.measure(b, files, nil)
		grown = max(grown, peakRSS(b)-before)
		other += plainPatches(b, files, gigabyte)
		chunked += plainPatches(b, files, 100*mebibyte)
	}
	report(b, way, other, "of-PATCH")
	b.ReportMetric(chunked.Seconds()/way.Seconds(), "of-chunked-PATCHes")
	b.ReportMetric(float64(grown)/mebibyte, "MiB-peak-RSS")
}

// plainPatches times PATCHes of a file, each of so many bytes.
func plainPatches(b *testing.B, files fileSet, size int64) time.Duration {
	b.Helper()
	srv := setting{}.start(b)
	location := announce(b, srv.url, filepath.Base(files.paths[0]))
	start := time.Now()
	for offset := int64(0); offset < gigabyte; offset += size {
		file, err := os.Open(files.paths[0])
		check(b, err)
		_, err = file.Seek(offset, io.SeekStart)
		check(b, err)
		end := min(offset+size, gigabyte)
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPatch, srv.url+location, part{file, end})
		check(b, err)
		req.ContentLength = end - offset
		req.Header.Set("Content-Type", "application/offset+octet-stream")
		req.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
		resp, err := http.DefaultClient.Do(req)
		check(b, err)
		check(b, resp.Body.Close())
		if resp.StatusCode != http.StatusNoContent {
			b.Fatal(resp.Status)
		}
	}
	took := time.Since(start)
	srv.stop(b, files.summary)
	return took
}

// part is a file up to a place. The kernel can send it, as it can a whole file.
type part struct {
	file *os.File
	end  int64
}

func (p part) SyscallConn() (syscall.RawConn, error) { return p.file.SyscallConn() }

func (p part) Close() error { return p.file.Close() }

func (p part) Read(b []byte) (int, error) {
	at, err := p.file.Seek(0, io.SeekCurrent)
	if err != nil || at >= p.end {
		return 0, cmp.Or(err, io.EOF)
	}
	return p.file.Read(b[:min(int64(len(b)), p.end-at)])
}

// announce begins an upload and returns its path.
func announce(b *testing.B, url, name string) string {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url+"/api/tasks/1/data/", http.NoBody)
	check(b, err)
	req.Header.Set("Upload-Length", strconv.Itoa(gigabyte))
	req.Header.Set("Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name)))
	resp, err := http.DefaultClient.Do(req)
	check(b, err)
	check(b, resp.Body.Close())
	return resp.Header.Get("Location")
}

// BenchmarkUploadFourFiles uploads four files of 256 MiB at 20 ms, at once and one after the other, with chunks of one
// size. The goal is 3 times as fast.
func BenchmarkUploadFourFiles(b *testing.B) {
	files := writeFiles(b, 4, 256*mebibyte)
	var way, other time.Duration
	for b.Loop() {
		way += setting{Delay: far}.measure(b, files, &cvat.UploadOptions{ChunkSize: 10 * mebibyte})
		other += setting{Delay: far}.measure(b, files, &cvat.UploadOptions{ChunkSize: 10 * mebibyte, Parallel: 1})
	}
	report(b, way, other, "x-sequential")
}

// BenchmarkUploadAdapting uploads 1 GiB at 20 ms in chunks that adapt, and in fixed ones of 10 MiB. The goal is 2 times as
// fast.
func BenchmarkUploadAdapting(b *testing.B) {
	files := writeFiles(b, 1, gigabyte)
	var way, other time.Duration
	for b.Loop() {
		way += setting{Delay: far}.measure(b, files, nil)
		other += setting{Delay: far}.measure(b, files, &cvat.UploadOptions{ChunkSize: 10 * mebibyte})
	}
	report(b, way, other, "x-fixed")
}

// BenchmarkUploadTLS uploads four files of 64 MiB at 20 ms over TLS to a server that offers HTTP/2, as the client does by
// itself, and through a default http.Client. The goal is 5 times as fast.
func BenchmarkUploadTLS(b *testing.B) {
	files := writeFiles(b, 4, 64*mebibyte)
	s := setting{Delay: far}
	s.Cert, s.Key = certificate(b)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	var way, other time.Duration
	for b.Loop() {
		way += s.measure(b, files, nil)
		other += s.measure(b, files, nil, cvat.WithHTTPClient(&http.Client{Transport: transport}))
	}
	report(b, way, other, "x-default-client")
}

// certificate makes a certificate that this process trusts from now on. The roots are read once, when the first is needed.
func certificate(b *testing.B) (cert, key string) {
	b.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), cryptorand.Reader)
	check(b, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(cryptorand.Reader, template, template, &private.PublicKey, private)
	check(b, err)
	folder := b.TempDir()
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	check(b, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	secret, err := x509.MarshalECPrivateKey(private)
	check(b, err)
	check(b, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600))
	b.Setenv("SSL_CERT_FILE", cert)
	return cert, key
}

// BenchmarkUploadSmall uploads 200 pictures of 50 kB at 20 ms, four at once. It reports the time in units of what the round
// trips alone need: two a picture, and one each for the task, start, finish, version and request, and two for the task as it
// is then. The goal is at most 1.5.
func BenchmarkUploadSmall(b *testing.B) {
	files := writeFiles(b, 200, 50_000)
	var way time.Duration
	rounds := 0
	for b.Loop() {
		way += setting{Delay: far}.measure(b, files, nil)
		rounds += 200*2/4 + 7
	}
	bound := time.Duration(rounds) * 2 * far
	b.ReportMetric(way.Seconds()/bound.Seconds(), "of-round-trips")
	b.ReportMetric(way.Seconds(), "s-way")
	b.ReportMetric(0, "ns/op")
}
