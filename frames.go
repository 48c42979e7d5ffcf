package cvat

import (
	"context"
	"net/url"
	"strconv"
)

// Quality picks one of the two versions of the frames that a server keeps.
type Quality string

// The qualities.
const (
	// QualityCompressed is a JPEG of the quality that was chosen when the task was made. It is the default.
	QualityCompressed Quality = "compressed"
	// QualityOriginal is the picture as it was uploaded, byte for byte, if it was a picture; a PNG if it was part of a
	// video.
	QualityOriginal Quality = "original"
)

// FrameOptions say which version of a frame or chunk is wanted.
type FrameOptions struct {
	// Quality is [QualityCompressed] if empty.
	Quality Quality
}

// Kinds of media that the data of a task or job is asked for. They have been there on every server; newer ones have
// addresses of their own for some of them besides.
const (
	mediaFrame   = "frame"
	mediaChunk   = "chunk"
	mediaPreview = "preview"
	mediaContext = "context_image"
)

// media asks for bytes of the frames of a task or job; number is left out if negative.
func (c *Client) media(ctx context.Context, op Operation, id int64, kind string, number int, opts *FrameOptions, options []CallOption) (*Content, *Response, error) {
	query := url.Values{"type": {kind}}
	if number >= 0 {
		query.Set("number", strconv.Itoa(number))
	}
	if opts != nil && opts.Quality != "" {
		query.Set("quality", string(opts.Quality))
	}
	return c.open(ctx, call{op: op, args: []any{id}, query: query}, options)
}

// numbered refuses the number of a frame or chunk that cannot be.
func (c *Client) numbered(ctx context.Context, op Operation, id int64, kind string, number int, opts *FrameOptions, options []CallOption) (*Content, *Response, error) {
	if number < 0 {
		return nil, &Response{}, &ArgumentError{Field: kind, Reason: "is " + strconv.Itoa(number) + ": numbers start at 0"}
	}
	return c.media(ctx, op, id, kind, number, opts, options)
}
