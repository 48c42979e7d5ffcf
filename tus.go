package cvat

import (
	"context"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"time"
)

// tus is one of the server's endpoints for resumable uploads (TUS 1.0, core protocol).
type tus struct {
	client        *Client
	create, chunk Operation
	args          []any
	chunkSize     int64 // 0: chunks adapt

	// frames says that the files are the data of a task. Nothing but the server's refusal to take another file of
	// the name tells then that one is complete, and a server of old takes what was given up for a picture. Of other
	// files the call that uses them tells whether they are there, and what was given up does no harm.
	frames bool
	record *fileRecord // what another process needs to go on; nil: nobody will
}

const mediaTUS = "application/offset+octet-stream"

// upload sends a file in chunks, in order, streamed from the source. moved is told how many bytes have arrived. The name
// that it returns is the server's: what a call that finishes an import has to name.
func (t tus) upload(ctx context.Context, file sourceFile, moved func(int64)) (name string, err error) {
	content, err := file.open()
	if err != nil {
		return "", cannotRead(file, err)
	}
	defer func() { _ = content.Close() }()
	up := &tusFile{
		tus: t, file: file, content: content, moved: moved,
		chunks: newChunkSizes(t.chunkSize, file.window), tries: t.client.config.retry.MaxAttempts - 1,
	}
	up.left = up.tries
	if err := up.run(ctx); err != nil {
		return "", err
	}
	if err := file.unchanged(content); err != nil {
		return "", cannotRead(file, err)
	}
	return up.name, nil
}

// begin announces a file and returns the id of the upload and the name that the server gives the file: up to 2.38 its own,
// unless that was taken meanwhile, and later, for imports, the id. Old servers build the upload's address from the request's:
// it must end in a slash and have no query, and needs an Origin to be built from. Only the last element of the address is used,
// since proxies garble the rest.
func (t tus) begin(ctx context.Context, file sourceFile) (id, name string, err error) {
	resp, err := t.client.perform(ctx, call{
		op: t.create, args: t.args, orgHeader: true, bulk: true, want: []int{http.StatusCreated},
		header: http.Header{
			"Tus-Resumable":   {"1.0.0"},
			"Upload-Length":   {strconv.FormatInt(file.size, 10)},
			"Upload-Metadata": {"filename " + base64.StdEncoding.EncodeToString([]byte(file.name))},
			"Origin":          {t.client.config.base.Scheme + "://" + t.client.config.base.Host},
		},
	}, nil, nil)
	if err != nil {
		return "", "", err
	}
	location, err := url.Parse(resp.Header.Get("Location"))
	if err == nil {
		id = baseName(path.Clean(location.Path))
	}
	if id == "" || id == "data" {
		return "", "", resp.unusable(t.create, "the server named no address for the upload")
	}
	return id, serverName(resp.Header, file.name), nil
}

// serverName reads the name that the server gives a file. Django writes what is no Latin-1 as mail does.
func serverName(h http.Header, otherwise string) string {
	name, err := new(mime.WordDecoder).DecodeHeader(h.Get("Upload-Filename"))
	if err != nil || name == "" {
		return otherwise
	}
	return name
}

// send sends one chunk.
func (t tus) send(ctx context.Context, id string, chunk filePart) (*Response, error) {
	return t.client.perform(ctx, call{
		op: t.chunk, args: append(slices.Clip(t.args), id), orgHeader: true, transfer: true,
		want:   []int{http.StatusNoContent},
		header: http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {strconv.FormatInt(chunk.offset, 10)}},
		body:   &body{open: chunk.open, size: chunk.size, contentType: mediaTUS},
	}, nil, nil)
}

// look asks the server where an upload stands. Servers like 2.3 do not answer that (405).
func (t tus) look(ctx context.Context, id string) (offset int64, err error) {
	op := t.chunk
	op.Method, op.Replay = http.MethodHead, Repeatable
	resp, err := t.client.perform(ctx, call{
		op: op, args: append(slices.Clip(t.args), id), orgHeader: true, bulk: true, want: []int{http.StatusOK},
		header: http.Header{"Tus-Resumable": {"1.0.0"}},
	}, nil, nil)
	if err != nil {
		return 0, err
	}
	offset, err = strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return 0, resp.unusable(op, fmt.Sprintf("the server says that the upload stands at %q", resp.Header.Get("Upload-Offset")))
	}
	return offset, nil
}

// unusable is the error of a success that says nothing.
func (r *Response) unusable(op Operation, detail string) error {
	return &Error{Operation: op, StatusCode: r.StatusCode, RequestID: r.RequestID, Attempts: r.Attempts, Detail: detail}
}

// tusFile is one file on its way.
type tusFile struct {
	tus

	file    sourceFile
	content readerAtCloser
	moved   func(int64)
	chunks  chunkSizes

	id, name  string
	offset    int64   // where the server stands
	elsewhere []int64 // where it may stand as well, if the fate of chunks is unknown
	reached   int64   // how far it was certain to be
	whole     bool    // every byte has been sent, so a file that exists is this one

	tries, left int // how many failures without progress are borne, and how many more
}

// run sends the file from where it stands.
func (u *tusFile) run(ctx context.Context) error {
	if err := u.resume(ctx); err != nil {
		return err
	}
	for u.offset < u.file.size {
		if err := u.step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// resume goes on where another process ended, or begins.
func (u *tusFile) resume(ctx context.Context) error {
	known := u.record.known()
	if known.Done {
		u.name, u.offset = known.Name, u.file.size
		u.moved(u.offset)
		return nil
	}
	if known.ID == "" {
		if known.Begun {
			return u.again(ctx, nil) // its id was lost
		}
		return u.announce(ctx)
	}
	u.id, u.name = known.ID, known.Name
	u.offset, u.reached = known.Offset, known.Offset
	if known.Size > 0 {
		u.unsure(known.Offset + known.Size)
	}
	u.moved(u.offset)
	return u.resync(ctx, nil, false)
}

// unsure notes that the server may stand at the end of a chunk.
func (u *tusFile) unsure(end int64) {
	if !slices.Contains(u.elsewhere, end) {
		u.elsewhere = append(u.elsewhere, end)
		slices.Sort(u.elsewhere) // the end of the file last: to ask for that is to announce it again
	}
	u.whole = u.whole || end == u.file.size
}

// step sends the next chunk, and finds out where the server stands if that fails.
func (u *tusFile) step(ctx context.Context) error {
	size := u.chunks.next(u.file.size - u.offset)
	end := u.offset + size
	u.record.sending(u.id, u.name, u.offset, size)
	if stream, ok := u.content.(*window); ok && len(u.elsewhere) == 0 {
		stream.hold(u.offset)
	}
	start := time.Now()
	resp, err := u.send(ctx, u.id, filePart{file: u.file, content: u.content, offset: u.offset, size: size})
	if err != nil {
		return u.failed(ctx, end, resp, err)
	}
	if got := resp.Header.Get("Upload-Offset"); got != strconv.FormatInt(end, 10) {
		return resp.unusable(u.chunk, fmt.Sprintf("the server stands at offset %q after a chunk that ends at %d", got, end))
	}
	if resp.Attempts > 1 {
		u.chunks.failed()
	} else {
		u.chunks.succeeded(time.Since(start))
	}
	u.stands(end)
	return nil
}

// stands notes where the server is certain to stand. Progress restores the patience with failures.
func (u *tusFile) stands(offset int64) {
	u.offset, u.elsewhere = offset, nil
	if offset > u.reached {
		u.reached, u.left = offset, u.tries
	}
	if offset == u.file.size {
		u.record.completed(u.name)
	}
	u.moved(offset)
}
