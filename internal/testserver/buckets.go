package testserver

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"
)

// bucket is what a cloud provider keeps under a name: files by their paths.
type bucket map[string][]byte

// AddBucket makes a bucket with files that cloud storages can be attached to. Any credentials open it.
func (s *Server) AddBucket(name string, files map[string][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.buckets[name] = files
}

// RemoveBucket takes a bucket away from the provider.
func (s *Server) RemoveBucket(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.state.buckets, name)
}

// listed returns the paths of the pictures in a manifest.
func (b bucket) listed(manifest string) []string {
	paths := []string{}
	for line := range bytes.Lines(b[manifest]) {
		var entry struct {
			Name      string `json:"name"`
			Extension string `json:"extension"`
		}
		if json.Unmarshal(line, &entry) == nil && entry.Name != "" {
			paths = append(paths, path.Join(path.Dir(manifest), entry.Name+entry.Extension))
		}
	}
	return paths
}

// below lists the folders and then the files that lie below a prefix, one level deep.
func below(names []string, prefix string) []object {
	folders, files, seen := []object{}, []object{}, map[string]bool{}
	for _, name := range names {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		entry, _, deeper := strings.Cut(name[strings.LastIndexByte(prefix, '/')+1:], "/")
		switch {
		case !deeper:
			files = append(files, fileInfo(entry))
		case !seen[entry]:
			seen[entry] = true
			folders = append(folders, object{{"name", entry}, {"type", "DIR"}, {"mime_type", "DIR"}})
		}
	}
	return append(folders, files...)
}

func fileInfo(name string) object {
	kind := "unknown"
	if strings.HasPrefix(typeOf(path.Ext(name)), "image/") {
		kind = "image"
	}
	return object{{"name", name}, {"type", "REG"}, {"mime_type", kind}}
}
