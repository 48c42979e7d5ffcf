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

// below lists the files and folders of a folder.
func (b bucket) below(prefix string) []object {
	entries := map[string]object{}
	for name := range b {
		rest, inside := strings.CutPrefix(name, prefix)
		folder, _, deeper := strings.Cut(rest, "/")
		switch {
		case !inside:
		case deeper:
			entries[folder] = object{{"name", folder}, {"type", "DIR"}, {"mime_type", "DIR"}}
		default:
			entries[rest] = fileInfo(rest)
		}
	}
	out := make([]object, 0, len(entries))
	for _, name := range sortedKeys(entries) {
		out = append(out, entries[name])
	}
	return out
}

// pictures lists the pictures in a manifest.
func (b bucket) pictures(manifest string) []object {
	out := []object{}
	for _, name := range b.listed(manifest) {
		out = append(out, fileInfo(path.Base(name)))
	}
	return out
}

func fileInfo(name string) object {
	kind := "unknown"
	if strings.HasPrefix(typeOf(path.Ext(name)), "image/") {
		kind = "image"
	}
	return object{{"name", name}, {"type", "REG"}, {"mime_type", kind}}
}
