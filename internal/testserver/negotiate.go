package testserver

import (
	"cmp"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// allowedVersions is a text where a list was meant, so that any part of it will do.
const allowedVersions = "2.0"

// negotiate chooses the renderer by the Accept header and refuses what no renderer can do.
func (s *Server) negotiate(c *call) *answer {
	if own := c.view[0].renderers; own != nil {
		return s.negotiateOwn(c, own)
	}
	if scheme := c.query.Get("scheme"); scheme != "" {
		c.browsable = scheme == "api"
		if scheme == "json" || c.browsable {
			return nil
		}
		return detail(http.StatusNotFound, "Not found.")
	}
	accept := c.r.Header.Get("Accept")
	if accept == "" {
		return nil
	}
	var html, anything bool
	for part := range strings.SplitSeq(accept, ",") {
		mediaType, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		switch mediaType {
		case jsonType:
			if version, given := params["version"]; given && !strings.Contains(allowedVersions, version) {
				s.report(c, WrongAccept, accept)
				return detail(http.StatusNotAcceptable, `Invalid version in "Accept" header.`)
			}
			return nil
		case "text/html", "text/*":
			html = true
		case "*/*", "application/*":
			anything = true
		}
	}
	if html {
		c.browsable = true
		return nil
	}
	if anything {
		return nil
	}
	s.report(c, WrongAccept, accept)
	return detail(http.StatusNotAcceptable, "Could not satisfy the request Accept header.")
}

// renderer writes answers as a media type, which the parameter scheme asks for by its format.
type renderer struct{ mediaType, format string }

// negotiateOwn chooses among the renderers of a view that has its own. What is named comes before what is meant by a star.
func (s *Server) negotiateOwn(c *call, own []renderer) *answer {
	if scheme := c.query.Get("scheme"); scheme != "" {
		own = slices.DeleteFunc(slices.Clone(own), func(r renderer) bool { return r.format != scheme })
		if len(own) == 0 {
			return detail(http.StatusNotFound, "Not found.")
		}
	}
	accept := cmp.Or(c.r.Header.Get("Accept"), "*/*")
	starred := false
	for part := range strings.SplitSeq(accept, ",") {
		mediaType, _, _ := mime.ParseMediaType(part) // what cannot be read is nothing
		for _, r := range own {
			if r.mediaType == mediaType {
				c.renderer = r
				return nil
			}
			kind, _, _ := strings.Cut(r.mediaType, "/")
			starred = starred || mediaType == "*/*" || mediaType == kind+"/*"
		}
	}
	if starred {
		c.renderer = own[0]
		return nil
	}
	s.report(c, WrongAccept, accept)
	return detail(http.StatusNotAcceptable, "Could not satisfy the request Accept header.")
}
