package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// scope is what a checkpoint is about. One of another scope says nothing.
type scope struct {
	Server       string `json:"server"`
	Organization string `json:"organization,omitzero"`
	Project      int64  `json:"project,omitzero"`
	Format       string `json:"format"`
}

// checkpoint is how far the exports have come. Every change before Mark is dealt with; of those from Mark on, the ones in
// Done are.
type checkpoint struct {
	Scope scope               `json:"scope"`
	Mark  time.Time           `json:"mark"`
	Done  map[int64]time.Time `json:"done"` // by the id of the task

	path string
	todo []version // what this run does, the oldest first
}

// overlap is how long the server may take to show a change whose time is past already.
const overlap = time.Minute

// openCheckpoint reads the checkpoint in a folder, or begins one.
func openCheckpoint(folder string, about scope) (*checkpoint, error) {
	c := &checkpoint{Scope: about, Done: map[int64]time.Time{}, path: filepath.Join(folder, "checkpoint.json")}
	content, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(content, c); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", c.path, err)
	}
	if c.Scope != about {
		return nil, fmt.Errorf("%s is about other exports (%+v): use another folder", c.path, c.Scope)
	}
	return c, nil
}

// has says whether a version of a task, or a later one, is dealt with.
func (c *checkpoint) has(v version) bool {
	done, known := c.Done[v.id]
	return known && !v.changed.After(done)
}

// begin tells what is to do, the oldest first.
func (c *checkpoint) begin(todo []version) { c.todo = todo }

// finish writes down that a version is dealt with. The mark moves up to the first that is not: what fails is found
// again by the next run, and what is done behind it is not done again.
func (c *checkpoint) finish(v version) error {
	c.Done[v.id] = v.changed
	for len(c.todo) > 0 && c.has(c.todo[0]) {
		if mark := c.todo[0].changed.Add(-overlap); mark.After(c.Mark) {
			c.Mark = mark
		}
		c.todo = c.todo[1:]
	}
	for id, changed := range c.Done {
		if changed.Before(c.Mark) {
			delete(c.Done, id)
		}
	}
	return c.save()
}

// save replaces the file as a whole, so that a crash leaves the old one or the new one.
func (c *checkpoint) save() error {
	content, err := json.MarshalIndent(c, "", "\t")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(c.path), "checkpoint-*.part")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), c.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
