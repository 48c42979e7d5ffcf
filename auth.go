package cvat

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Auth service.
var (
	OpAuthCreateLogin  = Operation{ID: "auth_create_login", Method: http.MethodPost, Path: "/api/auth/login", Replay: Repeatable}
	OpAuthCreateLogout = Operation{ID: "auth_create_logout", Method: http.MethodPost, Path: "/api/auth/logout"}
)

// AuthService logs in and out, makes accounts and changes their passwords.
type AuthService service

// Login exchanges a user name and password for the user's login key, to be used with [WithToken]. The key stays the
// same at every login, and is shared by all clients of the user, until a logout. [Client.Login] is the shorter way.
//
// A wrong password matches [ErrUnauthorized]. Logins count against the server's limit of 100 anonymous calls a minute:
// keep the key.
//
// CVAT API: POST /api/auth/login (auth_create_login)
func (s *AuthService) Login(ctx context.Context, body models.LoginRequest, opts ...CallOption) (*models.Token, *Response, error) {
	if body.Password == "" || body.Username == "" && body.Email == "" {
		return nil, &Response{}, &ArgumentError{Field: "LoginRequest", Reason: "needs a user name (or e-mail address) and a password"}
	}
	token, resp, err := fetch[models.Token](ctx, s.client, call{op: OpAuthCreateLogin, in: body, anonymous: true}, opts)
	if e, ok := errors.AsType[*Error](err); ok && len(e.Fields[nonFieldErrors]) > 0 {
		e.match = ErrUnauthorized
	}
	return token, resp, err
}

// Logout ends the user's login key, for every client that uses it, and the session. Personal access tokens live on.
//
// CVAT API: POST /api/auth/logout (auth_create_logout)
func (s *AuthService) Logout(ctx context.Context, opts ...CallOption) (*models.Detail, *Response, error) {
	return fetch[models.Detail](ctx, s.client, call{op: OpAuthCreateLogout}, opts)
}

// Login logs in and returns a client that uses the login key, otherwise equal to c. Nothing is left on the server but
// the key, which other clients of the user may share.
//
// A wrong password matches [ErrUnauthorized]. It uses [AuthService.Login].
func (c *Client) Login(ctx context.Context, user, password string) (*Client, error) {
	token, _, err := c.Auth.Login(ctx, models.LoginRequest{Username: user, Password: password})
	if err != nil {
		return nil, err
	}
	return c.With(WithToken(token.Key))
}

// Credentials are what a client proves its user by; make them with [AccessToken], [Token] or [BasicAuth]. They print
// as their kind alone.
type Credentials struct {
	kind   string
	header *string // a pointer, so that no verb shows it inside an unexported field either
	flaw   string  // why they cannot be used
}

// AccessToken is a personal access token, which servers have from 2.48.
func AccessToken(token string) Credentials { return keyed(kindAccessToken, "Bearer ", token) }

// Token is the key that a login returns.
func Token(key string) Credentials { return keyed(kindToken, "Token ", key) }

// keyed makes credentials of a key that travels as it is.
func keyed(kind, scheme, key string) Credentials {
	c := Credentials{kind: kind, header: new(scheme + key)}
	switch {
	case key == "":
		c.flaw = emptySecret
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		c.flaw = "got a secret with blanks or line breaks: was it trimmed?"
	}
	return c
}

// BasicAuth is a user name and a password, sent with every call.
func BasicAuth(user, password string) Credentials {
	encoded := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	c := Credentials{kind: kindBasic, header: new("Basic " + encoded)}
	switch {
	case user == "" || password == "":
		c.flaw = emptySecret
	case strings.Contains(user, ":"):
		c.flaw = "got a user name with a colon"
	}
	return c
}

const emptySecret = "got an empty secret: is the variable set?" //nolint:gosec // a message

const (
	kindAccessToken = "access token"
	kindToken       = "token"
	kindBasic       = "basic auth"
)

// String names the kind.
func (c Credentials) String() string { return c.kind }

// GoString names the kind, so that %#v shows no secret.
func (c Credentials) GoString() string { return "cvat.Credentials(" + c.kind + ")" }

// value returns the Authorization header, "" for none.
func (c Credentials) value() string {
	if c.header == nil {
		return ""
	}
	return *c.header
}

// check refuses what a callback must not return.
func (c Credentials) check() error {
	switch {
	case c.header == nil:
		return errNoCredentials
	case c.flaw != "":
		return &ArgumentError{Field: "WithCredentials", Reason: c.flaw}
	}
	return nil
}

// errNoCredentials is why a callback that returns the zero value fails a call.
var errNoCredentials = errors.New("the credentials callback returned none")

// WithAccessToken authenticates with a personal access token (server 2.48 or later). An empty one is an error.
func WithAccessToken(token string) Option { return withFixed("WithAccessToken", AccessToken(token)) }

// WithToken authenticates with the key that a login returned. An empty one is an error. For a personal access token
// use [WithAccessToken].
func WithToken(key string) Option { return withFixed("WithToken", Token(key)) }

// WithBasicAuth sends user name and password with every call. Empty ones are an error.
func WithBasicAuth(user, password string) Option {
	return withFixed("WithBasicAuth", BasicAuth(user, password))
}

func withFixed(name string, fixed Credentials) Option {
	return func(c *config, set *optionSet) error {
		if fixed.flaw != "" {
			return &ArgumentError{Field: name, Reason: fixed.flaw}
		}
		c.credentials = credentials{fixed: fixed}
		return once(&set.credentials, name)
	}
}

// WithCredentials asks a callback for the credentials: before the first call, and again, once per call, after the
// server answered 401. The callback is never run twice at the same time; what it returned serves all calls, of clients
// derived with With too, until the next 401.
func WithCredentials(callback func(context.Context) (Credentials, error)) Option {
	return func(c *config, set *optionSet) error {
		if callback == nil {
			return &ArgumentError{Field: "WithCredentials", Reason: "got nil"}
		}
		c.credentials = credentials{source: &credentialSource{callback: callback, lock: make(chan struct{}, 1)}}
		return once(&set.credentials, "WithCredentials")
	}
}

// credentials are fixed, or come from a callback; the zero value is an anonymous caller.
type credentials struct {
	fixed  Credentials
	source *credentialSource
}

// credentialSource keeps what a callback returned. It is shared by all clients derived from the one that has it.
type credentialSource struct {
	callback func(context.Context) (Credentials, error)

	lock    chan struct{} // held while the callback runs; a channel, so that waiting for it ends with the context
	current Credentials
	version int
}

func (c credentials) renewable() bool { return c.source != nil }

// authorization returns the value of the Authorization header and the version of the credentials in it. A version that
// the server refused asks for newer ones.
func (c credentials) authorization(ctx context.Context, refused int) (string, int, error) {
	if c.source == nil {
		return c.fixed.value(), 0, nil
	}
	s := c.source
	select {
	case s.lock <- struct{}{}:
	case <-ctx.Done():
		return "", 0, ctx.Err()
	}
	defer func() { <-s.lock }()
	if s.version > refused {
		return s.current.value(), s.version, nil
	}
	fresh, err := s.callback(ctx)
	if err == nil {
		err = fresh.check()
	}
	if err != nil {
		return "", 0, err
	}
	s.current, s.version = fresh, s.version+1
	return fresh.value(), s.version, nil
}

// hint advises on a 401.
func (c credentials) hint() string {
	switch c.fixed.kind {
	case kindToken:
		return "is it a personal access token? Those go to WithAccessToken; a login key ends with the user's logout"
	case kindAccessToken:
		return "is it a login key? Those go to WithToken; personal access tokens need CVAT 2.48 or later"
	case "":
		if c.source == nil {
			return "the client has no credentials: use WithAccessToken, WithToken or WithBasicAuth"
		}
	}
	return ""
}
