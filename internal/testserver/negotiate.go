package testserver

import (
	"mime"
	"net/http"
	"strings"
)

// allowedVersions is a text where a list was meant, so that any part of it will do.
const allowedVersions = "2.0"

// negotiate chooses the renderer by the Accept header and refuses what no renderer can do.
func (s *Server) negotiate(c *call) *answer {
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
