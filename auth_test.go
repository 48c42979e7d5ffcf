package cvat_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	from := func(c cvat.Credentials) cvat.Option {
		return cvat.WithCredentials(func(context.Context) (cvat.Credentials, error) { return c, nil })
	}
	for name, test := range map[string]struct {
		option cvat.Option
		want   []string
	}{
		"anonymous":             {cvat.WithoutOrganization(), nil},
		"access token":          {cvat.WithAccessToken("abc.def"), []string{"Bearer abc.def"}},
		"token":                 {cvat.WithToken("abc"), []string{"Token abc"}},
		"basic":                 {cvat.WithBasicAuth("me", "pä:ss wörd"), []string{"Basic " + base64.StdEncoding.EncodeToString([]byte("me:pä:ss wörd"))}},
		"callback access token": {from(cvat.AccessToken("abc")), []string{"Bearer abc"}},
		"callback token":        {from(cvat.Token("abc")), []string{"Token abc"}},
		"callback basic":        {from(cvat.BasicAuth("me", "x")), []string{"Basic bWU6eA=="}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servePipe(t, serveAnything)
			_, _, err := server.client(t, test.option).Users.Self(t.Context())
			require.NoError(t, err)
			assert.Equal(t, test.want, server.only(t).Header.Values("Authorization"))
		})
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	server := servePipe(t, inTurn(replyJSON(http.StatusOK, `{"key":"abc123"}`), serveAnything))
	parent := server.client(t, cvat.WithToken("old"), cvat.WithOrganization("team"))
	client, err := parent.Login(t.Context(), "me", "hunter2")
	require.NoError(t, err)
	_, _, err = client.Users.Self(t.Context())
	require.NoError(t, err)
	_, _, err = parent.Users.Self(t.Context())
	require.NoError(t, err)

	requests := server.arrived()
	require.Len(t, requests, 3)
	assert.Equal(t, "/base/api/auth/login", requests[0].URL.Path)
	assert.JSONEq(t, `{"username":"me","password":"hunter2"}`, string(requests[0].Body))
	assert.Empty(t, requests[0].Header.Values("Authorization"), "a refused token would be a 401")
	assert.Empty(t, requests[0].URL.RawQuery, "an organization that the user is not in would be a 403")
	assert.Equal(t, "Token abc123", requests[1].Header.Get("Authorization"))
	assert.Equal(t, "org=team", requests[1].URL.RawQuery)
	assert.Equal(t, "Token old", requests[2].Header.Get("Authorization"))
	assert.Len(t, server.dials(), 1)
}

func TestLoginWithoutKey(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{}`))
	client, err := server.client(t).Login(t.Context(), "me", "hunter2")
	require.Error(t, err, "it would be an anonymous client")
	assert.Nil(t, client)
}

func TestLoginRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status       int
		body         string
		want         string
		unauthorized bool
	}{
		"wrong password":   {http.StatusBadRequest, `{"non_field_errors":["Unable to log in with provided credentials."]}`, "Unable to log in with provided credentials.", true},
		"e-mail at 2.3":    {http.StatusBadRequest, `{"non_field_errors":["Must include \"username\" and \"password\"."]}`, `Must include "username" and "password".`, true},
		"incomplete":       {http.StatusBadRequest, `["Must include either \"username\" or \"email\" and \"password\"."]`, `Must include either`, false},
		"invalid field":    {http.StatusBadRequest, `{"password":["This field is required."]}`, "password: This field is required.", false},
		"401 of a gateway": {http.StatusUnauthorized, `{"detail":"Who are you?"}`, "Who are you?", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servePipe(t, replyJSON(test.status, test.body))
			client, err := server.client(t).Login(t.Context(), "me", "hunter2")
			assert.Nil(t, client)
			require.Error(t, err)
			require.ErrorContains(t, err, test.want)
			assert.Equal(t, test.unauthorized, errors.Is(err, cvat.ErrUnauthorized))
			assert.Equal(t, test.status == http.StatusBadRequest, errors.Is(err, cvat.ErrInvalid))
			assert.NotContains(t, err.Error(), "hunter2")
			server.only(t)
		})
	}
}

func TestLoginArguments(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{"key":"abc"}`))
	client := server.client(t)
	for _, body := range []models.LoginRequest{{}, {Username: "me"}, {Password: "hunter2"}, {Email: "me@example.com"}} {
		_, resp, err := client.Auth.Login(t.Context(), body)
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused)
		assert.Zero(t, resp.StatusCode)
		assert.NotContains(t, err.Error(), "hunter2")
	}
	assert.Empty(t, server.dials())
	token, _, err := client.Auth.Login(t.Context(), models.LoginRequest{Email: "me@example.com", Password: "hunter2"})
	require.NoError(t, err)
	assert.Equal(t, "abc", token.Key)
}

func TestUnauthorizedHints(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options []cvat.Option
		want    string
	}{
		"anonymous":    {nil, "the client has no credentials: use WithAccessToken, WithToken or WithBasicAuth"},
		"token":        {[]cvat.Option{cvat.WithToken("hunter2")}, "is it a personal access token? Those go to WithAccessToken"},
		"access token": {[]cvat.Option{cvat.WithAccessToken("hunter2")}, "is it a login key? Those go to WithToken"},
		"basic":        {[]cvat.Option{cvat.WithBasicAuth("me", "hunter2")}, ""},
		"callback": {[]cvat.Option{cvat.WithCredentials(func(context.Context) (cvat.Credentials, error) {
			return cvat.Token("hunter2"), nil
		})}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servePipe(t, replyJSON(http.StatusUnauthorized, `{"detail":"Invalid token."}`))
			_, _, err := server.client(t, test.options...).Users.Self(t.Context())
			require.ErrorIs(t, err, cvat.ErrUnauthorized)
			e, ok := errors.AsType[*cvat.Error](err)
			require.True(t, ok)
			assert.Equal(t, "Invalid token.", e.Detail)
			if test.want == "" {
				assert.Empty(t, e.Hint)
			} else {
				assert.Contains(t, e.Hint, test.want)
				require.ErrorContains(t, err, test.want)
			}
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}

// keyring is a credentials callback that gives key-1, key-2 ….
type keyring struct {
	asked   atomic.Int64
	running atomic.Int64
	overlap atomic.Bool
	takes   time.Duration
}

func (k *keyring) next(ctx context.Context) (cvat.Credentials, error) {
	if k.running.Add(1) > 1 {
		k.overlap.Store(true)
	}
	defer k.running.Add(-1)
	n := k.asked.Add(1)
	select {
	case <-time.After(k.takes):
		return cvat.Token(fmt.Sprintf("key-%d", n)), nil
	case <-ctx.Done():
		return cvat.Credentials{}, ctx.Err()
	}
}

// wanting answers 401 to everything but a key.
func wanting(key *atomic.Value, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Token "+key.Load().(string) {
			replyJSON(http.StatusUnauthorized, `{"detail":"Invalid token."}`)(w, r)
			return
		}
		next(w, r)
	}
}

func TestCallbackIsAskedOncePer401(t *testing.T) {
	t.Parallel()
	for _, op := range []cvat.Operation{opRead, opPut, opCreate, opAppend} {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			var valid atomic.Value
			valid.Store("key-1")
			server := servePipe(t, wanting(&valid, replyJSON(http.StatusOK, `{"id":7}`)))
			var keys keyring
			client := server.client(t, cvat.WithCredentials(keys.next))
			assert.Zero(t, keys.asked.Load(), "not before the first call")
			for range 2 {
				resp, err := do(t.Context(), client, op)
				require.NoError(t, err)
				assert.Equal(t, 1, resp.Attempts)
			}
			assert.EqualValues(t, 1, keys.asked.Load())

			valid.Store("key-2")
			resp, err := do(t.Context(), client, op)
			require.NoError(t, err)
			assert.EqualValues(t, 2, keys.asked.Load())
			assert.Equal(t, 2, resp.Attempts)
			requests := server.arrived()
			require.Len(t, requests, 4)
			assert.Equal(t, requests[2].Body, requests[3].Body)

			valid.Store("no key will do")
			resp, err = do(t.Context(), client, op)
			require.ErrorIs(t, err, cvat.ErrUnauthorized)
			require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown)
			assert.EqualValues(t, 3, keys.asked.Load(), "once, not until it works")
			assert.Equal(t, 2, resp.Attempts)
			e, ok := errors.AsType[*cvat.Error](err)
			require.True(t, ok)
			assert.Equal(t, 2, e.Attempts)
			assert.Len(t, server.arrived(), 6)
		})
	}
}

func TestCallbackNeverRunsTwiceAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var valid atomic.Value
		valid.Store("key-1")
		server := servePipe(t, after(time.Second, wanting(&valid, replyJSON(http.StatusOK, `{"id":7}`))))
		keys := keyring{takes: time.Minute}
		parent := server.client(t, cvat.WithCredentials(keys.next), cvat.WithTimeouts(cvat.Timeouts{}))
		child, err := parent.With(cvat.WithOrganization("team"))
		require.NoError(t, err)
		together := func() {
			var calls sync.WaitGroup
			for i := range 20 {
				calls.Go(func() {
					_, err := do(t.Context(), []*cvat.Client{parent, child}[i%2], opCreate)
					assert.NoError(t, err)
				})
			}
			calls.Wait()
		}
		together()
		assert.EqualValues(t, 1, keys.asked.Load(), "one answer serves all, of derived clients too")
		valid.Store("key-2")
		together()
		assert.EqualValues(t, 2, keys.asked.Load(), "one 401 each, one new key for all")
		assert.False(t, keys.overlap.Load())
	})
}

func TestWaitingForTheCallbackEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := servePipe(t, serveAnything)
		keys := keyring{takes: time.Hour}
		client := server.client(t, cvat.WithCredentials(keys.next), cvat.WithTimeouts(cvat.Timeouts{}))
		var first sync.WaitGroup
		first.Go(func() {
			_, _, err := client.Users.Self(t.Context())
			assert.NoError(t, err)
		})
		synctest.Wait()
		cause := errors.New("the user left")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(cause) })
		start := time.Now()
		_, resp, err := client.Users.Self(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		assert.Equal(t, time.Minute, time.Since(start))
		assert.Zero(t, resp.Attempts)
		first.Wait()
		assert.EqualValues(t, 1, keys.asked.Load())
	})
}

func TestCallbackFails(t *testing.T) {
	t.Parallel()
	vault := errors.New("the vault is sealed")
	for name, test := range map[string]struct {
		give func(n int64) (cvat.Credentials, error)
		want string
	}{
		"error":              {func(int64) (cvat.Credentials, error) { return cvat.Token("hunter2"), vault }, "the vault is sealed"},
		"nothing":            {func(int64) (cvat.Credentials, error) { return cvat.Credentials{}, nil }, "the credentials callback returned none"},
		"empty token":        {func(int64) (cvat.Credentials, error) { return cvat.Token(""), nil }, "empty secret"},
		"empty access token": {func(int64) (cvat.Credentials, error) { return cvat.AccessToken(""), nil }, "empty secret"},
		"empty password":     {func(int64) (cvat.Credentials, error) { return cvat.BasicAuth("me", ""), nil }, "empty secret"},
		"empty user":         {func(int64) (cvat.Credentials, error) { return cvat.BasicAuth("", "hunter2"), nil }, "empty secret"},
		"colon in user":      {func(int64) (cvat.Credentials, error) { return cvat.BasicAuth("a:b", "hunter2"), nil }, "colon"},
		"line break":         {func(int64) (cvat.Credentials, error) { return cvat.AccessToken("hunter2\n"), nil }, "was it trimmed?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servePipe(t, replyJSON(http.StatusUnauthorized, `{"detail":"Invalid token."}`))
			asked := int64(0)
			fails := int64(1)
			client := server.client(t, cvat.WithCredentials(func(context.Context) (cvat.Credentials, error) {
				asked++
				if asked < fails {
					return cvat.Token("good"), nil
				}
				return test.give(asked)
			}))
			check := func(err error) {
				t.Helper()
				require.ErrorContains(t, err, test.want)
				require.NotErrorIs(t, err, cvat.ErrOutcomeUnknown, "a 401 tells for certain that nothing was done")
				assert.NotContains(t, err.Error(), "hunter2")
				assert.Equal(t, name == "error", errors.Is(err, vault))
			}
			resp, err := do(t.Context(), client, opCreate)
			check(err)
			assert.Zero(t, resp.Attempts)
			assert.Empty(t, server.dials(), "nothing is sent")

			fails = 3
			resp, err = do(t.Context(), client, opCreate)
			check(err)
			assert.Equal(t, 1, resp.Attempts)
			assert.Len(t, server.arrived(), 1)
		})
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{"detail":"Successfully logged out."}`))
	said, _, err := server.client(t, cvat.WithToken("key")).Auth.Logout(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "Successfully logged out.", said.Detail)
	assert.Equal(t, "Token key", server.only(t).Header.Get("Authorization"))
}

func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	encoded := base64.StdEncoding.EncodeToString([]byte("me:" + secret))
	for name, credentials := range map[string]cvat.Credentials{
		"token": cvat.Token(secret), "access token": cvat.AccessToken(secret), "basic auth": cvat.BasicAuth("me", secret),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := servePipe(t, inTurn(
					hangUp, replyJSON(http.StatusUnauthorized, `{"detail":"Invalid token."}`),
					breakOff(http.StatusOK, "{"), redirect(http.StatusFound, "http://evil.test{path}"), reply(http.StatusOK, "text/html", "<html>"), detail(http.StatusServiceUnavailable)))
				var log bytes.Buffer
				both := slog.NewMultiHandler(
					slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}),
					slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				logger := slog.New(both)
				fixed := map[string]cvat.Option{
					"token": cvat.WithToken(secret), "access token": cvat.WithAccessToken(secret), "basic auth": cvat.WithBasicAuth("me", secret),
				}
				client := server.client(t, fixed[name], cvat.WithLogger(logger))
				asking, err := client.With(cvat.WithCredentials(func(context.Context) (cvat.Credentials, error) { return credentials, nil }))
				require.NoError(t, err)

				shown := []any{credentials, &credentials, struct{ hidden cvat.Credentials }{credentials}, client, *client, asking, *asking, client.Tasks, fixed}
				for range 3 {
					for _, c := range []*cvat.Client{client, asking} {
						_, _, err := c.Tasks.Create(t.Context(), models.TaskCreate{Name: "x"})
						require.Error(t, err)
						_, _, err2 := c.Users.Self(t.Context())
						shown = append(shown, err, err2)
					}
				}
				for _, verb := range []string{"%s", "%q", "%x", "%d"} {
					fmt.Fprintf(&log, verb+"\n", credentials)
				}
				for _, value := range shown {
					fmt.Fprintf(&log, "%v\n%+v\n%#v\n", value, value, value)
					logger.Error("shown", "value", value)
					if text, err := json.Marshal(value); err == nil {
						log.Write(text)
					}
				}
				assert.Contains(t, log.String(), "cvat call")
				for _, form := range []string{secret, encoded, fmt.Sprintf("%x", secret), fmt.Sprintf("%x", encoded)} {
					assert.NotContains(t, log.String(), form)
				}
				assert.Equal(t, name, credentials.String())
				assert.Equal(t, "cvat.Credentials("+name+")", fmt.Sprintf("%#v", credentials))
				assert.Equal(t, name, fmt.Sprintf("%+v", credentials))
			})
		})
	}
}
