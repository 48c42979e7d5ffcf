package cvat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"sync"
)

// multipartBody streams form fields and files as one multipart/form-data body of known length.
func multipartBody(fields map[string]string, files []sourceFile, fieldName func(i int) string) (*body, error) {
	var buf bytes.Buffer
	form := multipart.NewWriter(&buf)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := form.WriteField(name, fields[name]); err != nil {
			return nil, err
		}
	}
	var parts []func() io.Reader
	var size int64
	take := func() {
		data := bytes.Clone(buf.Bytes())
		buf.Reset()
		size += int64(len(data))
		parts = append(parts, func() io.Reader { return bytes.NewReader(data) })
	}
	for i, file := range files {
		header := textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, fieldName(i), quoteEscaper.Replace(file.name))},
			"Content-Type":        {"application/octet-stream"},
		}
		if _, err := form.CreatePart(header); err != nil {
			return nil, err
		}
		take()
		size += file.size
		parts = append(parts, func() io.Reader { return &lazyFile{file: file} })
	}
	if err := form.Close(); err != nil {
		return nil, err
	}
	take()
	return &body{open: func() (io.Reader, error) { return openParts(parts), nil }, size: size, contentType: form.FormDataContentType()}, nil
}

var quoteEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "%0D", "\n", "%0A")

// partsReader reads parts one after the other and closes what they have opened.
type partsReader struct {
	io.Reader
	parts []io.Reader
}

func openParts(open []func() io.Reader) *partsReader {
	parts := make([]io.Reader, len(open))
	for i := range open {
		parts[i] = open[i]()
	}
	return &partsReader{Reader: io.MultiReader(slices.Clone(parts)...), parts: parts}
}

func (r *partsReader) Close() error {
	for _, part := range r.parts {
		if closer, ok := part.(io.Closer); ok {
			_ = closer.Close() // opened for reading
		}
	}
	return nil
}

// lazyFile opens a file when it is first read, so that a body of many files holds one open at a time.
type lazyFile struct {
	file sourceFile

	mu      sync.Mutex // HTTP/2 closes the body of a call that was cancelled while it still reads it
	closed  bool
	content readerAtCloser
	section *io.SectionReader
	read    int64
}

func (l *lazyFile) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return 0, os.ErrClosed // opened now, it would stay open
	case l.section == nil:
		content, err := l.file.open()
		if err != nil {
			return 0, &sourceError{cannotRead(l.file, err)}
		}
		l.content, l.section = content, io.NewSectionReader(content, 0, l.file.size)
	}
	n, err := l.section.Read(p)
	l.read += int64(n)
	if stream, ok := l.content.(*window); ok {
		stream.hold(l.read)
	}
	complete := l.read == l.file.size
	if complete && errors.Is(err, io.EOF) {
		err = cmp.Or(l.file.unchanged(l.content), err)
		_ = l.release() // opened for reading
	}
	if broken, ok := errors.AsType[*sourceError](sourceFault(err, complete)); ok {
		return n, &sourceError{cannotRead(l.file, broken.err)}
	}
	return n, err
}

func (l *lazyFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	return l.release()
}

func (l *lazyFile) release() error {
	if l.content == nil {
		return nil
	}
	content := l.content
	l.content = nil
	return content.Close()
}

// formFields writes the fields of a JSON body as form fields. Lists are indexed, as the server wants them.
func formFields(value any) (map[string]string, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, err
	}
	fields := map[string]string{}
	for key, raw := range object {
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) == nil && items != nil {
			for i, item := range items {
				fields[fmt.Sprintf("%s[%d]", key, i)] = formValue(item)
			}
			continue
		}
		fields[key] = formValue(raw)
	}
	return fields, nil
}

// formValue writes a JSON value as a form does: strings without quotes, everything else as it is.
func formValue(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
