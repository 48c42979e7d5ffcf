package cvat

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// uploadState is the file by which another process can go on with an upload: a journal, one event a line, to which nothing
// is added but at the end, so that a process may be killed at any time. Every step is written down before it is done. A nil
// state keeps nothing.
type uploadState struct {
	path string

	mu     sync.Mutex
	file   *os.File
	err    error // the first that failed to be written
	header stateEvent
	seen   stateEvent // what is known of the whole
	files  []fileState
}

// stateEvent is a line of the journal.
type stateEvent struct {
	// The first line says which upload it is.
	Version int    `json:"version,omitzero"`
	Server  string `json:"server,omitzero"`
	Upload  string `json:"upload,omitzero"` // a hash of the files and of what the server is told about them

	Creating bool  `json:"creating,omitzero"` // a task
	Task     int64 `json:"task,omitzero"`

	File *fileState `json:"file,omitempty"`

	Finishing bool   `json:"finishing,omitzero"`
	Refused   bool   `json:"refused,omitzero"`
	Accepted  bool   `json:"accepted,omitzero"`
	Request   string `json:"request,omitzero"`
}

// fileState is what is known of one file.
type fileState struct {
	Index  int    `json:"index"`
	Begun  bool   `json:"begun,omitzero"` // an upload was announced
	ID     string `json:"id,omitzero"`    // and this is its id
	Name   string `json:"name,omitzero"`
	Offset int64  `json:"offset,omitzero"` // where the server stood
	Size   int64  `json:"size,omitzero"`   // of the chunk that was then sent
	Done   bool   `json:"done,omitzero"`
}

const stateVersion = 1

// openState opens the state of the upload, which must be one to the task, if that is not 0.
func (u *upload) openState(task int64) (*uploadState, error) {
	if u.opts.StateFile == "" {
		return nil, nil //nolint:nilnil // a nil state keeps nothing
	}
	refuse := func(reason string, err error) (*uploadState, error) {
		return nil, &ArgumentError{Field: "UploadOptions.StateFile", Reason: reason, Err: err}
	}
	hash, err := u.fingerprint()
	if err != nil {
		return nil, err
	}
	s := &uploadState{
		path: u.opts.StateFile, files: make([]fileState, len(u.files)),
		header: stateEvent{Version: stateVersion, Server: u.client.BaseURL(), Upload: hash, Task: task},
	}
	if s.file, err = os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return refuse("cannot be opened", err)
	}
	whole, err := s.load()
	switch {
	case err != nil:
		s.close()
		return refuse("cannot be read: if it is none, use another path", err)
	case whole > 0 && (s.seen.Version != stateVersion || s.seen.Server != s.header.Server || s.seen.Upload != s.header.Upload || task != 0 && s.seen.Task != task):
		s.close()
		return refuse("belongs to another upload, or the files have changed: finish that, or remove the file", nil)
	}
	if err = s.appendAt(whole); err == nil && whole == 0 {
		err = s.restart()
	}
	if err != nil {
		s.close()
		return refuse("cannot be written", err)
	}
	return s, nil
}

// fingerprint tells this upload from others.
func (u *upload) fingerprint() (string, error) {
	hash := sha256.New()
	encoder := json.NewEncoder(hash)
	for _, file := range u.files {
		if err := encoder.Encode([]any{file.name, file.size, file.modified}); err != nil {
			return "", err
		}
	}
	err := encoder.Encode(u.request)
	return hex.EncodeToString(hash.Sum(nil)), err
}

// load reads the journal, and returns how much of it was written to the end of a line. Nothing is changed: it may be a file
// that is something else.
func (s *uploadState) load() (whole int64, err error) {
	data, err := io.ReadAll(io.LimitReader(s.file, maxState))
	if err != nil {
		return 0, err
	}
	whole = int64(bytes.LastIndexByte(data, '\n') + 1)
	if whole == 0 && len(data) > 0 {
		return 0, s.torn(data)
	}
	for line := range bytes.Lines(data[:whole]) {
		var event stateEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return 0, err
		}
		if err := s.replay(event); err != nil {
			return 0, err
		}
	}
	return whole, nil
}

// torn refuses what is not the beginning of a first line that this upload would write.
func (s *uploadState) torn(data []byte) error {
	first, err := json.Marshal(s.header)
	if err == nil && !bytes.HasPrefix(first, data) {
		err = errNoState
	}
	return err
}

// appendAt cuts off a last line that was not written to its end, and goes on there.
func (s *uploadState) appendAt(whole int64) error {
	if err := s.file.Truncate(whole); err != nil {
		return err
	}
	_, err := s.file.Seek(whole, io.SeekStart)
	return err
}

// maxState bounds what is read of a state: a line for each 1 MiB of 25 GiB in hundreds of files.
const maxState = 1 << 30

var errNoState = errors.New("it is no state of an upload")

// replay applies one line.
func (s *uploadState) replay(event stateEvent) error {
	switch {
	case event.Version != 0:
		s.seen = event
		clear(s.files)
	case s.seen.Version == 0:
		return errNoState
	case event.File != nil:
		if event.File.Index < 0 || event.File.Index >= len(s.files) {
			return nil // of another upload, as the header shows
		}
		s.files[event.File.Index] = *event.File
	case event.Refused:
		s.seen.Finishing = false
	default:
		s.seen.Creating = s.seen.Creating || event.Creating
		s.seen.Finishing = s.seen.Finishing || event.Finishing
		s.seen.Task = max(s.seen.Task, event.Task)
		if event.Accepted {
			s.seen.Accepted, s.seen.Request = true, event.Request
		}
	}
	return nil
}

// note writes one line.
func (s *uploadState) note(event stateEvent) error {
	if s == nil {
		return nil
	}
	line, err := json.Marshal(event)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.file.Write(append(line, '\n')); err != nil && s.err == nil {
		s.err = &ArgumentError{Field: "UploadOptions.StateFile", Reason: "cannot be written", Err: err}
	}
	if err := s.replay(event); err != nil {
		return err
	}
	return s.err
}

// trouble returns the first error in writing, after which the state is of no use.
func (s *uploadState) trouble() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// restart forgets all but which upload it is.
func (s *uploadState) restart() error {
	if s == nil {
		return nil
	}
	return s.note(s.header)
}

func (s *uploadState) creating() error { return s.note(stateEvent{Creating: true}) }

func (s *uploadState) created(task int64) error { return s.note(stateEvent{Task: task}) }

// task returns the task of the upload, if there is one. That one may have been made and not been noted is an error.
func (s *uploadState) task() (id int64, known bool, err error) {
	if s == nil {
		return 0, false, nil
	}
	if s.seen.Task == 0 && s.seen.Creating {
		return 0, false, &callError{
			text: fmt.Sprintf("cvat: by %s a task was about to be made, and may have been: look for it and remove it, and the file", s.path),
			errs: []error{ErrOutcomeUnknown},
		}
	}
	return s.seen.Task, s.seen.Task != 0, nil
}

func (s *uploadState) finishing() error { return s.note(stateEvent{Finishing: true}) }

// accepted and refused note how the server answered; if that cannot be written, the next process will find out.
func (s *uploadState) accepted(request string) {
	_ = s.note(stateEvent{Accepted: true, Request: request})
}

func (s *uploadState) refused() { _ = s.note(stateEvent{Refused: true}) }

// finished reports whether the server has begun, or may have begun, to process the files, and the request if it is known.
func (s *uploadState) finished() (request string, known bool) {
	if s == nil {
		return "", false
	}
	return s.seen.Request, s.seen.Accepted || s.seen.Finishing
}

// ended removes the state of an upload whose outcome is known.
func (s *uploadState) ended(err error) {
	if _, failed := errors.AsType[*BackgroundError](err); err == nil || failed {
		s.remove()
	}
}

func (s *uploadState) remove() {
	if s != nil {
		_ = os.Remove(s.path) // one that stays is refused next time, or tells that all is done
	}
}

func (s *uploadState) close() {
	if s != nil {
		_ = s.file.Close() // every line has been written
	}
}

// record returns the part of the state that is about one file.
func (s *uploadState) record(index int) *fileRecord {
	if s == nil {
		return nil
	}
	return &fileRecord{state: s, index: index}
}
