package testserver

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// uploadArea is the folder where the files for one thing arrive, until they are used.
type uploadArea struct {
	files []uploadedFile
	open  map[string]*tusUpload
}

// uploadedFile is a file that has arrived.
type uploadedFile struct {
	name string
	blob *blob
}

// tusUpload is a file that arrives in pieces.
type tusUpload struct {
	name    string
	size    int64
	offset  int64
	sink    *blobWriter
	created time.Time
	owner   *user
	busy    bool // a piece is arriving

	forgotten bool // the file is there, but nothing can be added to it
}

// area returns the folder of a collection such as "tasks/1/data".
func (s *Server) area(key string) *uploadArea {
	a := s.state.areas[key]
	if a == nil {
		a = &uploadArea{open: map[string]*tusUpload{}}
		s.state.areas[key] = a
	}
	return a
}

// find returns a file that has arrived.
func (a *uploadArea) find(name string) *uploadedFile {
	i := slices.IndexFunc(a.files, func(f uploadedFile) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &a.files[i]
}

// remove takes a file that is used.
func (a *uploadArea) remove(name string) {
	a.files = slices.DeleteFunc(a.files, func(f uploadedFile) bool { return f.name == name })
}

// free returns a name that no file has. A file that was announced while there was none of its name gets another one.
func (a *uploadArea) free(name string) string {
	extension := path.Ext(name)
	free := name
	for i := 1; a.find(free) != nil; i++ {
		free = fmt.Sprintf("%s_%d%s", strings.TrimSuffix(name, extension), i, extension)
	}
	return free
}

// ForgetUploads makes the server forget the uploads that are not complete, as happens after some time. Their files stay
// where they are.
func (s *Server) ForgetUploads() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.state.areas {
		for _, u := range a.open {
			u.forgotten = true
		}
	}
}

// put adds a file. One of the same name is appended to, as the real server does.
func (a *uploadArea) put(name string, b *blob) {
	if f := a.find(name); f != nil {
		f.blob = newBlob(slices.Concat(f.blob.data, b.data))
		return
	}
	a.files = append(a.files, uploadedFile{name, b})
}

// File is an uploaded file, as [Server.Files] returns it.
type File struct {
	Name   string
	Size   int64
	SHA256 string // in hexadecimal
}

// Files returns the images of a task in their order or, while the task has no data, the files that have arrived for it.
func (s *Server) Files(taskID int64) []File {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var out []File
	t := s.state.tasks.rows[taskID]
	if t == nil {
		return nil
	}
	if t.media != nil {
		for _, f := range t.media.frames {
			out = append(out, File{f.name, f.blob.size, f.blob.sha256})
		}
	}
	if len(out) == 0 {
		for _, f := range s.area(t.dataPath()).files {
			out = append(out, File{f.name, f.blob.size, f.blob.sha256})
		}
	}
	return out
}

// Share puts a file on the server's own share, from where tasks can take it.
func (s *Server) Share(name string, content []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.shared[strings.TrimPrefix(name, "/")] = newBlob(content)
}

// dataPath is the collection that a task's files are uploaded to.
func (t *task) dataPath() string { return fmt.Sprintf("tasks/%d/data", t.id) }

// creationID is the rq_id of the creation of a task.
func (t *task) creationID() string {
	return fmt.Sprintf("action=create&target=task&target_id=%d", t.id)
}
