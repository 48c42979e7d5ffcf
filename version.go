package cvat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/go-cvat/cvat/models"
)

// version is a server's release.
type version struct{ major, minor, patch int }

// parseVersion reads what /api/server/about says. "2.3", "2.3.1", "2.3.dev20220915165419" and "2.3a1" all occur:
// leading integers count, the rest does not.
func parseVersion(text string) (version, bool) {
	var parts [3]int
	for i, field := range strings.SplitN(text, ".", 3) {
		digits := field
		if end := strings.IndexFunc(field, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
			digits = field[:end]
		}
		n, err := strconv.Atoi(digits)
		if err != nil {
			return version{parts[0], parts[1], parts[2]}, i > 0
		}
		parts[i] = n
		if len(digits) < len(field) {
			break
		}
	}
	return version{parts[0], parts[1], parts[2]}, true
}

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v.major, v.minor, v.patch) }

func (v version) before(w version) bool {
	if v.major != w.major {
		return v.major < w.major
	}
	if v.minor != w.minor {
		return v.minor < w.minor
	}
	return v.patch < w.patch
}

// feature is something that servers do in one way or the other, depending on their release.
type feature struct {
	name  string
	since version
}

// The gates: workflows ask for a feature, never for a number.
var (
	// Labels, jobs and issues of an object are lists of their own; before, they are embedded in it.
	topLevelLists = feature{"top-level lists", version{2, 4, 0}}
	// Attributes of labels go by their ids, so that their names can change.
	attributeRenaming = feature{"renaming of attributes", version{2, 12, 0}}
	// Attributes can be taken away from a label.
	attributeDeletion = feature{"deletion of attributes", version{2, 65, 0}}
	// The deleted frames of a job can be changed without forgetting those of the others. (2.3.0 can do it, too, but the
	// alpha before it, which cannot, says that it is 2.3 as well.)
	deletedFramesByJob = feature{"deleted frames by job", version{2, 4, 0}}
	// The exports of an object's dataset and of its annotations do not share one result.
	distinctExports = feature{"distinct exports", version{2, 4, 0}}
	// Files of a cloud storage need no manifest.
	optionalManifests = feature{"cloud storages without a manifest", version{2, 4, 5}}
	// The data of a task are the files that were announced for it, in an order that can be given; before, whatever lies in its
	// folder.
	uploadsByName = feature{"an order of uploaded files", version{2, 4, 6}}
	// Files with a manifest can be in a predefined order; before, the processing of such data fails.
	orderByManifest = feature{"a predefined order (UploadOptions.SortingMethod) of files with a manifest", version{2, 4, 6}}
	// Background work is followed at /api/requests, and exports start with a POST.
	backgroundRequests = feature{"background requests", version{2, 16, 0}}
	// The result of an export can be fetched until it expires; before, once.
	repeatableDownloads = feature{"downloads that can be repeated", version{2, 32, 0}}
	// A file of annotations comes with a POST; before, with a PUT.
	postedAnnotations = feature{"imports by POST", version{2, 38, 0}}
	// An import can leave masks as they are. 2.3.0 can too, but a server that calls itself 2.3 may be its alpha, which would
	// ignore the wish in silence.
	maskImports = feature{"ImportOptions.ConvMaskToPoly (conv_mask_to_poly)", version{2, 4, 0}}
	// An import can add to the annotations that are there.
	importModes = feature{"ImportOptions.Mode (import_mode)", version{2, 65, 0}}
)

// server is what clients of one server know about it and share.
type server struct {
	mu      sync.Mutex
	known   bool
	version version
	text    string // the version as the server writes it

	exports locks // by object and format
	imports locks // by what they go into
}

// learn keeps the version that an answer of /api/server/about tells.
func (s *server) learn(about *models.About) {
	v, ok := parseVersion(about.Version)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known, s.version, s.text = true, v, about.Version
}

func (s *server) release() (v version, text string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version, s.text, s.known
}

// has reports whether the server has a feature. It asks for the server's version once.
func (c *Client) has(ctx context.Context, f feature) (bool, error) {
	v, _, known := c.server.release()
	if !known {
		about, _, err := c.Server.About(ctx)
		if err != nil {
			return false, fmt.Errorf("cvat: cannot tell whether the server has %s: %w", f.name, err)
		}
		var ok bool
		if v, ok = parseVersion(about.Version); !ok {
			return true, nil // a fork with a name for a version: taken for a new server
		}
	}
	return !v.before(f.since), nil
}

// need refuses what the caller asked for and the server lacks.
func (c *Client) need(ctx context.Context, f feature) error {
	has, err := c.has(ctx, f)
	if err != nil || has {
		return err
	}
	_, text, _ := c.server.release()
	return &unsupportedError{what: f.name, op: Operation{Since: f.since.String()}, server: text}
}

// gate refuses an operation that the server, whose version is known already, lacks.
func (s *server) gate(op Operation) error {
	v, text, known := s.release()
	if !known || op.Since == "" && op.Until == "" {
		return nil
	}
	since, _ := parseVersion(op.Since)
	until, limited := parseVersion(op.Until)
	// A server that calls itself 2.3 can be the alpha or the release: patch numbers do not count at the upper end.
	until.patch = 1 << 30
	if v.before(since) || limited && until.before(v) {
		return &unsupportedError{op: op, server: text}
	}
	return nil
}

// explain turns the answers by which servers show that they lack a gated operation into ErrUnsupported. A 405 can also
// mean a disabled format and an HTML 404 a proxy, so the answer stays part of the error.
func (s *server) explain(op Operation, header http.Header, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || op.Since == "" && op.Until == "" {
		return err
	}
	missing := e.StatusCode == http.StatusGone || e.StatusCode == http.StatusMethodNotAllowed ||
		e.StatusCode == http.StatusNotFound && isHTML(header, e.Body)
	if !missing {
		return err
	}
	_, text, _ := s.release()
	return &unsupportedError{op: op, server: text, err: err}
}
