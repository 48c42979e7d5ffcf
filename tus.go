package cvat

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
)

// tus is one of the server's endpoints for resumable uploads (TUS 1.0, core protocol).
type tus struct {
	client        *Client
	create, chunk Operation
	args          []any
	chunkSize     int64
}

const (
	defaultChunkSize = 10 << 20
	// maxChunkSize is what servers take in one request; old ones hold it in memory.
	maxChunkSize = 100 << 20
	mediaTUS     = "application/offset+octet-stream"
)

// upload sends a file in chunks, in order, streamed from the source. moved is told how many bytes have arrived. The name
// that it returns is the server's: what a call that finishes an import has to name.
func (t tus) upload(ctx context.Context, file sourceFile, moved func(int64)) (name string, err error) {
	content, err := file.open()
	if err != nil {
		return "", &ArgumentError{Field: "file " + strconv.Quote(file.path), Reason: "cannot be read", Err: withoutPath(err)}
	}
	defer func() { _ = content.Close() }()
	id, name, err := t.begin(ctx, file)
	if err != nil {
		return "", err
	}
	for offset := int64(0); offset < file.size; {
		size := min(t.chunkSize, file.size-offset)
		if err := t.send(ctx, file, id, io.NewSectionReader(content, offset, size), offset); err != nil {
			return "", err
		}
		offset += size
		moved(offset)
	}
	return name, nil
}

// begin announces a file and returns the id of the upload and the name that the server gives the file: up to 2.38 its own,
// unless that was taken meanwhile, and later, for imports, the id. Old servers build the upload's address from the request's:
// it must end in a slash and have no query, and needs an Origin to be built from. Only the last element of the address is used,
// since proxies garble the rest.
func (t tus) begin(ctx context.Context, file sourceFile) (id, name string, err error) {
	resp, err := t.client.perform(ctx, call{
		op: t.create, args: t.args, orgHeader: true, want: []int{http.StatusCreated},
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
		return "", "", &Error{
			Operation: t.create, StatusCode: resp.StatusCode, RequestID: resp.RequestID, Attempts: resp.Attempts,
			Detail: "the server named no address for the upload",
		}
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

// send sends one chunk. The server checks the offset, so a chunk of unknown fate may be sent again: a conflict then means
// that it had been taken, as the next chunk shows. After the last one there is none, and an upload that was completed is
// gone, so the file itself has to show it.
func (t tus) send(ctx context.Context, file sourceFile, id string, chunk *io.SectionReader, offset int64) error {
	end := offset + chunk.Size()
	resp, err := t.client.perform(ctx, call{
		op: t.chunk, args: append(slices.Clip(t.args), id), orgHeader: true, transfer: true,
		want:   []int{http.StatusNoContent},
		header: http.Header{"Tus-Resumable": {"1.0.0"}, "Upload-Offset": {strconv.FormatInt(offset, 10)}},
		body: &body{
			open:        func() (io.Reader, error) { return io.NewSectionReader(chunk, 0, chunk.Size()), nil },
			size:        chunk.Size(),
			contentType: mediaTUS,
		},
	}, nil, nil)
	if err == nil {
		if got := resp.Header.Get("Upload-Offset"); got != strconv.FormatInt(end, 10) {
			return &Error{
				Operation: t.chunk, StatusCode: resp.StatusCode, RequestID: resp.RequestID, Attempts: resp.Attempts,
				Detail: fmt.Sprintf("the server stands at offset %q after a chunk that ends at %d", got, end),
			}
		}
		return nil
	}
	e, answered := errors.AsType[*Error](err)
	switch {
	case !answered || !resp.uncertain:
		return err
	case end == file.size && slices.Contains([]int{http.StatusConflict, http.StatusNotFound, http.StatusInternalServerError}, e.StatusCode):
		return t.confirm(ctx, file, err)
	case e.StatusCode == http.StatusConflict:
		return nil
	}
	return err
}

// confirm finds out whether a file is complete after a last chunk of unknown fate: the server refuses to begin another one
// of the same name then.
func (t tus) confirm(ctx context.Context, file sourceFile, lost error) error {
	_, _, err := t.begin(ctx, file)
	switch {
	case errors.Is(err, ErrConflict):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("%w (the server does not hold the whole file)", lost)
}
