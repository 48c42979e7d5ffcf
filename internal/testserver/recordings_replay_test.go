package testserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/internal/testserver"
)

// recordedHost is what the recordings call the server.
const recordedHost = "cvat.example.com"

// replay is a fake server on which a recording is repeated.
type replay struct {
	tally

	t          *testing.T
	srv        *testserver.Server
	http       *http.Client
	exceptions exceptions
	missing    map[string]int
	people     map[string]*person
	bearers    map[string]string // access tokens by their names
	names      map[string]string // random names that the recorded server gave, and what the fake one gave instead
}

// person is what a user proves who he is with.
type person struct {
	password, key string
	cookies       []*http.Cookie
}

func newReplay(t *testing.T, rec recording) *replay {
	t.Helper()
	srv := testserver.New(nil, testserver.WithDialect(rec.dialect), testserver.WithBasePath(""),
		testserver.WithUsers(rec.users...), testserver.WithProcessing(processing))
	r := &replay{
		t: t, srv: srv, http: &http.Client{
			Transport:     serve(t, srv.Handler()),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		exceptions: exceptionsOf(rec.dialect), missing: map[string]int{}, people: map[string]*person{},
		bearers: map[string]string{}, names: map[string]string{},
	}
	for _, u := range rec.users {
		r.people[u.Username] = &person{password: u.Password}
	}
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewGray(image.Rectangle{Max: rec.pictures})))
	for _, name := range rec.share {
		srv.Share(name, picture.Bytes())
	}
	srv.AddBucket(rec.bucket.name, rec.bucket.files(picture.Bytes()))
	return r
}

// serve lets a handler answer over pipes, which have the time of a bubble.
func serve(t *testing.T, h http.Handler) *http.Transport {
	t.Helper()
	l := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	srv := &http.Server{Handler: h}
	go func() { _ = srv.Serve(l) }()
	transport := &http.Transport{DialContext: l.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = srv.Close()
	})
	return transport
}

// pipes is a listener without a network.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	close(l.done)
	return nil
}

func (*pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// send repeats a request and returns the answer and the operation that the server saw in it.
func (r *replay) send(e *exchange) (got *reply, operation string) {
	known := r.renamer()
	body := e.Base64
	if body == nil {
		body = []byte(known.Replace(e.Body))
	}
	req, err := http.NewRequestWithContext(r.t.Context(), e.Method, "http://"+recordedHost+known.Replace(e.URL),
		bytes.NewReader(body))
	require.NoError(r.t, err)
	req.Header.Set("User-Agent", "")
	for name, value := range e.Header {
		req.Header.Set(name, known.Replace(value))
	}
	r.identify(req, e.As)
	r.srv.Forget()
	resp, err := r.http.Do(req)
	require.NoError(r.t, err, "%s", e)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(r.t, err, "%s", e)
	if resp.Uncompressed {
		resp.Header.Set("Content-Encoding", "gzip")
	}
	return &reply{resp.StatusCode, resp.Header, answer}, r.srv.Requests()[0].Operation
}

// identify adds the credentials of the one who asks.
func (r *replay) identify(req *http.Request, as string) {
	how, name, _ := strings.Cut(as, " ")
	who := r.people[name]
	for proof := range strings.SplitSeq(how, "+") {
		switch proof {
		case "":
		case "Basic":
			req.SetBasicAuth(name, who.password)
		case "Token":
			req.Header.Set("Authorization", "Token "+who.key)
		case "Bearer":
			req.Header.Set("Authorization", "Bearer "+r.bearers[name])
		case "sessionid", "csrftoken":
			req.AddCookie(who.cookie(proof))
		case "X-CSRFToken":
			req.Header.Set(proof, who.cookie("csrftoken").Value)
		default:
			require.Failf(r.t, "unknown proof", "%q", as)
		}
	}
}

func (p *person) cookie(name string) *http.Cookie {
	i := slices.IndexFunc(p.cookies, func(c *http.Cookie) bool { return c.Name == name })
	return p.cookies[i]
}

// learn remembers the credentials and the random names of an answer.
func (r *replay) learn(e *exchange, got *reply) {
	for name, value := range e.Answer.Header {
		r.pair(value, got.header.Get(name))
	}
	r.pair(e.Answer.Body, string(got.body))
	if got.status >= 300 || e.Method != http.MethodPost {
		return
	}
	sent := struct {
		Username     string `json:"username"`
		Password1    string `json:"password1"`
		NewPassword1 string `json:"new_password1"`
		Name         string `json:"name"`
	}{Username: "admin"} // who sends forms or an address
	var answered struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	_ = json.Unmarshal([]byte(e.Body), &sent) // a form says nothing
	_ = json.Unmarshal(got.body, &answered)   // an empty body neither
	switch e.URL {
	case "/api/auth/register":
		r.people[sent.Username] = &person{password: sent.Password1, key: answered.Key}
	case "/api/auth/login":
		who := r.people[sent.Username]
		who.key, who.cookies = answered.Key, (&http.Response{Header: got.header}).Cookies()
	case "/api/auth/password/change":
		_, name, _ := strings.Cut(e.As, " ")
		r.people[name].password = sent.NewPassword1
	case "/api/auth/access_tokens":
		r.bearers[sent.Name] = answered.Value
	}
}

// pair remembers what stands in the place of random names.
func (r *replay) pair(recorded, got string) {
	want := random.FindAllString(recorded, -1)
	if len(want) == 0 {
		return
	}
	have := random.FindAllString(got, -1)
	if len(want) != len(have) {
		return
	}
	for i, name := range want {
		if _, known := r.names[name]; !known {
			r.names[name] = have[i]
		}
	}
}

// renamer puts the names of the fake server in the place of recorded ones.
func (r *replay) renamer() *strings.Replacer {
	var pairs []string
	for recorded, own := range r.names {
		pairs = append(pairs, recorded, own)
	}
	return strings.NewReplacer(pairs...)
}
