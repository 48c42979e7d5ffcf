package testserver

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// target is where exports of an object go by default.
func (e *exportTarget) target() *storage {
	if e.project != nil {
		return e.project.target
	}
	return e.task.target
}

// destination is the cloud storage that an export goes to, nil if it is to be downloaded. Of 2.3 an export goes where the
// object's exports go, unless the call says that it does not want that; of 2.73, unless it says where.
func (c *call) destination(e *exportTarget) (*cloudStorage, *answer) {
	d := c.s.cfg.dialect
	location, id := c.query.Get("location"), c.query.Get("cloud_storage_id")
	byDefault := location == ""
	if d == V2_3 {
		byDefault = !slices.Contains([]string{"n", "no", "f", "false", "off", "0"}, strings.ToLower(c.query.Get("use_default_location")))
	}
	if byDefault {
		location, id = "local", ""
		if target := e.target(); target != nil {
			location = target.location
			if n, ok := target.cloudStorage.(int64); ok {
				id = strconv.FormatInt(n, 10)
			}
		}
	}
	switch location {
	case "", "local":
		return nil, nil //nolint:nilnil // no cloud storage
	case "cloud_storage":
		if id == "" && d == V2_3 {
			return nil, plain(http.StatusBadRequest, "Cloud storage location was selected for destination but cloud storage id was not specified")
		}
		n, err := strconv.ParseInt(id, 10, 64)
		if st := c.s.state.cloudStorages.rows[n]; err == nil && st != nil {
			return st, nil
		}
	}
	return nil, d.crash() // an unknown location, or a cloud storage that is not there
}

// put stores a file in a cloud storage.
func (s *Server) put(st *cloudStorage, name string, content []byte) error {
	files, exists := s.state.buckets[st.resource]
	if !exists {
		return failure("botocore.errorfactory.NoSuchBucket: An error occurred (NoSuchBucket)")
	}
	files = maps.Clone(files) // the caller's
	files[name] = content
	s.state.buckets[st.resource] = files
	return nil
}

// Bucket returns the files in a bucket by their paths.
func (s *Server) Bucket(name string) map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	return maps.Clone(s.state.buckets[name])
}
