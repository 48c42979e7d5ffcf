package testserver

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"hash"
)

// blob is the content of an uploaded file. Its bytes are missing if the server discards uploads.
type blob struct {
	data      []byte
	size      int64
	sha256    string
	discarded bool
}

func newBlob(data []byte) *blob {
	w := newBlobWriter(false)
	_, _ = w.Write(data) // into memory
	return w.blob()
}

// blobWriter takes in an uploaded file.
type blobWriter struct {
	buffer  bytes.Buffer
	sum     hash.Hash
	size    int64
	discard bool
}

func newBlobWriter(discard bool) *blobWriter {
	return &blobWriter{sum: sha256.New(), discard: discard}
}

// Write takes in the next bytes.
func (w *blobWriter) Write(p []byte) (int, error) {
	w.size += int64(len(p))
	w.sum.Write(p)
	if !w.discard {
		w.buffer.Write(p)
	}
	return len(p), nil
}

func (w *blobWriter) blob() *blob {
	return &blob{
		data: w.buffer.Bytes(), size: w.size, sha256: hex.EncodeToString(w.sum.Sum(nil)), discarded: w.discard,
	}
}

// mark remembers how far the file is and returns what takes back the bytes since.
func (w *blobWriter) mark() (undo func()) {
	size, length := w.size, w.buffer.Len()
	state, err := w.sum.(encoding.BinaryMarshaler).MarshalBinary()
	return func() {
		w.size = size
		w.buffer.Truncate(length)
		if sum, isSum := w.sum.(encoding.BinaryUnmarshaler); isSum && err == nil {
			err = sum.UnmarshalBinary(state)
		}
	}
}
