package bench

import (
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// sink answers as CVAT does to an upload that goes well, at as little cost as can be: the bytes are counted, and go into a
// CRC that the processor computes.
type sink struct {
	mu    sync.Mutex
	files map[string]*sunk
}

type sunk struct {
	mu     sync.Mutex
	name   string
	offset int64
	crc    uint32
	buffer []byte
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func newSink() *sink { return &sink{files: map[string]*sunk{}} }

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	where := strings.TrimSuffix(r.URL.Path, "/")
	switch {
	case r.Method == http.MethodPatch:
		s.append(w, r)
	case where == "/api/tasks":
		answer(w, http.StatusCreated, `{"id":1}`)
	case where == "/api/server/about":
		answer(w, http.StatusOK, `{"version":"2.73.1"}`)
	case strings.HasPrefix(where, "/api/requests"):
		answer(w, http.StatusOK, `{"id":"r","status":"finished"}`)
	case where == "/api/tasks/1":
		answer(w, http.StatusOK, `{"id":1,"size":1}`)
	case r.Header.Get("Upload-Length") != "":
		s.begin(w, r)
	default:
		answer(w, http.StatusAccepted, `{"rq_id":"r"}`)
	}
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/vnd.cvat+json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (s *sink) begin(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strconv.Itoa(len(s.files) + 1)
	s.files[id] = &sunk{name: r.Header.Get("Upload-Metadata"), buffer: make([]byte, 256<<10)}
	w.Header().Set("Location", r.URL.Path+id)
	w.WriteHeader(http.StatusCreated)
}

func (s *sink) append(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	file := s.files[path.Base(r.URL.Path)]
	s.mu.Unlock()
	file.mu.Lock()
	defer file.mu.Unlock()
	if r.Header.Get("Upload-Offset") != strconv.FormatInt(file.offset, 10) {
		w.WriteHeader(http.StatusConflict)
		return
	}
	for {
		n, err := r.Body.Read(file.buffer)
		file.crc = crc32.Update(file.crc, castagnoli, file.buffer[:n])
		file.offset += int64(n)
		if err != nil {
			break
		}
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(file.offset, 10))
	w.WriteHeader(http.StatusNoContent)
}

// summary is what arrived, in the order of the names.
func (s *sink) summary() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sums []string
	for _, file := range s.files {
		sums = append(sums, fmt.Sprintf("%s %d %08x", file.name, file.offset, file.crc))
	}
	slices.Sort(sums)
	return strings.Join(sums, ";")
}
