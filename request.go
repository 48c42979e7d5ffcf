package cvat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-querystring/query"
	"github.com/hashicorp/go-retryablehttp"
)

// CVAT answers 406 to "application/json" alone, on every path, file downloads included.
const accepted = "application/vnd.cvat+json, */*;q=0.8"

const mediaJSON = "application/json"

// call is one call on its way: an operation with its arguments.
type call struct {
	op     Operation
	args   []any      // path parameters
	query  url.Values // besides the organization
	header http.Header
	in     any   // body as JSON; nil: none
	body   *body // body as bytes, instead of in
	want   []int // statuses that are success; nil: 204 for a call without an answer, else 200 and 201

	anonymous bool // sent without credentials
	html      bool // answered by a page of HTML
	transfer  bool // moves data: the time-out and the transport of transfers
	bulk      bool // the transport of transfers alone: it belongs to one
	orgHeader bool // the organization travels in a header: the URL must have no query
	inOrg     bool // makes no sense outside an organization
}

// body is a request body of a known length that can be read again for every attempt.
type body struct {
	open        func() (io.Reader, error)
	size        int64
	contentType string
}

// Args fills an [Operation] for [Client.Do].
type Args struct {
	// Path fills the placeholders of the path, in order, with positive integers or strings.
	Path []any
	// Query is a url.Values, or a struct with url tags as github.com/google/go-querystring reads them; nil: none.
	Query any
}

// Do calls an operation that the library does not model, with the same credentials, organization, retries and errors
// as every method. The body in is sent as JSON (nil: none). The answer goes to out: nil drops it, an [io.Writer] gets
// its bytes, anything else is decoded into as JSON.
//
// Set op.Replay: an operation that says nothing is [Refusable].
func (c *Client) Do(ctx context.Context, op Operation, args Args, in, out any, opts ...CallOption) (*Response, error) {
	values, ok := args.Query.(url.Values)
	if !ok && args.Query != nil {
		var err error
		if values, err = query.Values(args.Query); err != nil {
			return &Response{}, &ArgumentError{Field: "Args.Query", Reason: "cannot be encoded", Err: err}
		}
	}
	cl := call{op: op, args: args.Path, query: values, in: in, want: []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent}}
	w, ok := out.(io.Writer)
	if !ok {
		return c.perform(ctx, cl, out, opts)
	}
	cl.transfer = true
	answer, resp, err := c.send(ctx, cl, true, opts)
	if err != nil {
		return resp, err
	}
	content := newContent(answer.http, answer.cancel)
	_, err = io.Copy(w, content)
	return resp, errors.Join(err, content.Close())
}

// fetch makes a call whose answer is a T.
func fetch[T any](ctx context.Context, c *Client, cl call, opts []CallOption) (*T, *Response, error) {
	out := new(T)
	resp, err := c.perform(ctx, cl, out, opts)
	if err != nil {
		return nil, resp, err
	}
	return out, resp, nil
}

// perform makes a call and decodes its JSON answer into out; nil drops it.
func (c *Client) perform(ctx context.Context, cl call, out any, opts []CallOption) (*Response, error) {
	if out == nil && cl.want == nil {
		cl.want = []int{http.StatusNoContent}
	}
	answer, resp, err := c.send(ctx, cl, false, opts)
	if err != nil {
		return resp, err
	}
	defer answer.cancel()
	defer answer.http.Body.Close() // stops the timer of a caller's http.Client that has a Timeout
	if out == nil || resp.StatusCode == http.StatusNoContent {
		return resp, nil
	}
	return resp, answer.decode(out)
}

// open makes a call whose answer is a file. A page of HTML is none, whatever its status, unless one was asked for.
func (c *Client) open(ctx context.Context, cl call, opts []CallOption) (*Content, *Response, error) {
	cl.transfer = true
	answer, resp, err := c.send(ctx, cl, true, opts)
	if err != nil {
		return nil, resp, err
	}
	content := newContent(answer.http, answer.cancel)
	if content.Type != "text/html" || cl.html {
		return content, resp, nil
	}
	e := answer.x.newError(answer.http)
	e.Hint = "not a file: is the base URL the root of a CVAT server?"
	_ = content.Close()
	return nil, resp, answer.x.withOutcome(e, true)
}

// answer is a success that is still to be read.
type answer struct {
	x      *exchange
	http   *http.Response
	cancel context.CancelFunc
}

// errNull: json.Unmarshal takes null for anything, and leaves a value of zeros.
var errNull = errors.New("it is null")

// decode reads the JSON of an answer that [whole] has read into memory.
func (a *answer) decode(out any) error {
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(a.http.Body); err != nil {
		return err
	}
	err := json.Unmarshal(buf.Bytes(), out)
	if err == nil && bytes.Equal(bytes.TrimSpace(buf.Bytes()), []byte("null")) {
		err = errNull
	}
	if err == nil {
		return nil
	}
	a.http.Body = io.NopCloser(&buf)
	e := a.x.newError(a.http)
	e.Fields, e.cause = nil, err
	if isHTML(a.http.Header, e.Body) {
		e.Hint = "not JSON: is the base URL the root of a CVAT server?"
	} else {
		e.Detail = "the answer cannot be read: " + err.Error()
	}
	return a.x.withOutcome(e, true)
}

// send makes a call and checks its status. On success the caller reads the body and cancels.
func (c *Client) send(ctx context.Context, cl call, stream bool, opts []CallOption) (*answer, *Response, error) {
	resp := &Response{}
	var settings callSettings
	for _, option := range opts {
		if err := option(&settings); err != nil {
			return nil, resp, err
		}
	}
	if err := c.server.gate(cl.op); err != nil {
		return nil, resp, err
	}
	x := &exchange{op: cl.op, policy: c.config.retry, stream: stream, bulk: cl.bulk || cl.transfer}
	if settings.noRetry {
		x.policy.MaxAttempts = 1
	}
	ctx, cancel := c.bound(ctx, cl, settings)
	ctx = context.WithValue(context.WithValue(ctx, exchangeKey{}, x), operationKey{}, cl.op)

	httpResp, err := c.attempt(ctx, cl, settings)
	resp.Attempts, resp.uncertain = x.attempts, x.uncertain
	if err != nil {
		if cut, ok := errors.AsType[*cutError](err); ok {
			resp.StatusCode, resp.Header = cut.resp.StatusCode, cut.resp.Header
		}
		defer cancel() // not before failure has looked at the context
		return nil, resp, x.failure(ctx, err)
	}
	resp.StatusCode, resp.Header = httpResp.StatusCode, httpResp.Header
	resp.RequestID = httpResp.Header.Get("X-Request-Id")
	if cl.succeeded(httpResp.StatusCode, x) {
		return &answer{x: x, http: httpResp, cancel: cancel}, resp, nil
	}
	defer cancel()
	defer httpResp.Body.Close()
	e := x.newError(httpResp)
	c.advise(e, httpResp)
	// A success of another kind than the call is after may well have done something.
	uncertain := x.uncertain || e.StatusCode < http.StatusMultipleChoices
	return nil, resp, c.server.explain(cl.op, httpResp.Header, x.withOutcome(e, uncertain))
}

// succeeded reports whether the status is what the call is after.
func (cl call) succeeded(status int, x *exchange) bool {
	// A repeated deletion that finds nothing has been carried out before.
	if status == http.StatusNotFound && cl.op.Method == http.MethodDelete && x.uncertain {
		return true
	}
	if cl.want == nil {
		return status == http.StatusOK || status == http.StatusCreated
	}
	return slices.Contains(cl.want, status)
}

// bound applies the time-out of the call.
func (c *Client) bound(ctx context.Context, cl call, settings callSettings) (context.Context, context.CancelFunc) {
	limit, source := c.config.timeouts.Metadata, "WithTimeouts: Metadata"
	if cl.transfer {
		limit, source = c.config.timeouts.Transfer, "WithTimeouts: Transfer"
	}
	if settings.timeout > 0 {
		limit, source = settings.timeout, "WithTimeout"
	}
	if limit <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v (%s): %w", limit, source, context.DeadlineExceeded))
}

// attempt sends the call, repeating it as its class allows, and once more with fresh credentials after a 401.
func (c *Client) attempt(ctx context.Context, cl call, settings callSettings) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	req, err := c.newRequest(ctx, cl, settings)
	if err != nil {
		return nil, err
	}
	if cl.anonymous {
		return c.retrying.Do(req)
	}
	authorization, version, err := c.config.credentials.authorization(ctx, 0)
	if err != nil {
		return nil, err
	}
	setAuthorization(req.Header, authorization)
	resp, err := c.retrying.Do(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || !c.config.credentials.renewable() {
		return resp, err
	}
	if authorization, _, err = c.config.credentials.authorization(ctx, version); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	_ = resp.Body.Close()
	if req, err = c.newRequest(ctx, cl, settings); err != nil {
		return nil, err
	}
	setAuthorization(req.Header, authorization)
	return c.retrying.Do(req)
}

func setAuthorization(h http.Header, value string) {
	if value != "" {
		h.Set("Authorization", value)
	}
}

// newRequest builds the HTTP request of a call.
func (c *Client) newRequest(ctx context.Context, cl call, settings callSettings) (*retryablehttp.Request, error) {
	target, err := c.url(cl, settings)
	if err != nil {
		return nil, err
	}
	payload, err := cl.payload()
	if err != nil {
		return nil, err
	}
	var raw any
	if payload != nil {
		raw = retryablehttp.ReaderFunc(payload.open)
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, cl.op.Method, target, raw)
	if err != nil {
		return nil, fmt.Errorf("cvat: %s: %w", cl.op.ID, withoutURL(err))
	}
	maps.Copy(req.Header, settings.header)
	maps.Copy(req.Header, cl.header)
	req.Header.Set("Accept", accepted)
	req.Header.Set("User-Agent", c.config.userAgent)
	if exchangeFrom(ctx).stream {
		// A compressed stream would have no length, and bytes that are not the stored ones.
		req.Header.Set("Accept-Encoding", "identity")
	}
	if payload != nil {
		// A body of unknown length would be sent in chunks, which CVAT answers with 411.
		req.ContentLength = payload.size
		req.Header.Set("Content-Type", payload.contentType)
	}
	if org := c.organization(cl, settings); org != nil && cl.orgHeader {
		req.Header.Set("X-Organization", *org)
	}
	return req, nil
}

// payload returns the body of a call; nil: it has none.
func (cl call) payload() (*body, error) {
	if cl.in == nil {
		return cl.body, nil
	}
	data, err := json.Marshal(cl.in)
	if err != nil {
		return nil, &ArgumentError{Field: "body of " + cl.op.ID, Reason: "cannot be encoded as JSON", Err: err}
	}
	return bytesBody(data, mediaJSON), nil
}

func bytesBody(data []byte, contentType string) *body {
	return &body{
		open:        func() (io.Reader, error) { return bytes.NewReader(data), nil },
		size:        int64(len(data)),
		contentType: contentType,
	}
}

// url builds the address of a call. Servers name addresses too (next, Location, result_url); those are never used.
func (c *Client) url(cl call, settings callSettings) (string, error) {
	path, err := cl.op.expand(cl.args)
	if err != nil {
		return "", err
	}
	values := maps.Clone(cl.query)
	org := c.organization(cl, settings)
	if err := checkOrganization(cl, settings, org); err != nil {
		return "", err
	}
	if cl.inOrg && (org == nil || *org == "") {
		return "", &ArgumentError{Field: "organization", Reason: "is missing: " + cl.op.ID + " needs WithOrganization or ForOrganization"}
	}
	if org != nil && !cl.orgHeader {
		if values == nil {
			values = url.Values{}
		}
		values.Set("org", *org)
	}
	target := strings.TrimSuffix(c.config.base.String(), "/") + path
	if len(values) > 0 {
		target += "?" + values.Encode()
	}
	return target, nil
}

// organization returns the slug that a call runs in: "" is the personal workspace, nil no organization context.
func (c *Client) organization(cl call, settings callSettings) *string {
	if cl.anonymous {
		return nil // a login is nobody's yet
	}
	if settings.org != nil {
		return settings.org
	}
	return c.config.org
}

// checkOrganization refuses a call that names its organization twice: servers do not agree which one counts, if any.
func checkOrganization(cl call, settings callSettings, org *string) error {
	var ways []string
	switch {
	case settings.org != nil:
		ways = append(ways, "ForOrganization")
	case org != nil:
		ways = append(ways, "an option of the client")
	}
	for _, parameter := range []string{"org", "org_id"} {
		if cl.query.Has(parameter) {
			ways = append(ways, "the query parameter "+parameter)
		}
	}
	if settings.header.Values("X-Organization") != nil {
		ways = append(ways, "the header X-Organization")
	}
	if len(ways) < 2 {
		return nil
	}
	return &ArgumentError{Field: "organization", Reason: "is given twice, by " + ways[0] + " and by " + ways[1] + ": give it once"}
}
