package cvat_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// Calls for those who have no account, or cannot use it, travel without credentials and organization.
func TestAnonymousAccountCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		call func(context.Context, *cvat.Client) error
		path string
		body string
	}{
		"register": {func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Auth.Register(ctx, models.RegisterRequest{Username: "annie", Password1: "hunter2", Password2: "hunter2"}))
		}, "/base/api/auth/register", `{"username":"annie","password1":"hunter2","password2":"hunter2"}`},
		"reset": {func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Auth.ResetPassword(ctx, models.PasswordResetRequest{Email: "ann@example.com"}))
		}, "/base/api/auth/password/reset", `{"email":"ann@example.com"}`},
		"confirm": {func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Auth.ConfirmPasswordReset(ctx, models.PasswordResetConfirmRequest{UID: "MQ", Token: "t", NewPassword1: "hunter2", NewPassword2: "hunter2"}))
		}, "/base/api/auth/password/reset/confirm", `{"new_password1":"hunter2","new_password2":"hunter2","uid":"MQ","token":"t"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servePipe(t, replyJSON(http.StatusOK, `{"detail":"done","username":"annie","key":"abc"}`))
			require.NoError(t, test.call(t.Context(), server.client(t, cvat.WithToken("old"), cvat.WithOrganization("team"))))
			r := server.only(t)
			assert.Equal(t, http.MethodPost, r.Method)
			assert.Equal(t, test.path, r.URL.Path)
			assert.Empty(t, r.URL.RawQuery)
			assert.Empty(t, r.Header.Values("Authorization"))
			assert.JSONEq(t, test.body, string(r.Body))
		})
	}
}

func TestPasswordsStaySecret(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-hunter2"
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		srv := testserver.Start(t, testserver.WithDialect(dialect))
		t.Cleanup(srv.Close)
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		client := newClient(t, srv.URL, cvat.WithBasicAuth("user1", "user-password"), cvat.WithLogger(logger))
		uid, _ := srv.ResetToken("user1")
		for name, err := range map[string]error{
			"register": errorOf(client.Auth.Register(t.Context(), models.RegisterRequest{Username: "user1", Password1: secret, Password2: secret})),
			"change":   errorOf(client.Auth.ChangePassword(t.Context(), models.PasswordChangeRequest{OldPassword: secret, NewPassword1: secret, NewPassword2: secret})),
			"confirm":  errorOf(client.Auth.ConfirmPasswordReset(t.Context(), models.PasswordResetConfirmRequest{UID: uid, Token: secret, NewPassword1: secret, NewPassword2: secret})),
		} {
			require.ErrorIs(t, err, cvat.ErrInvalid, name)
			fmt.Fprintf(&log, "%v %+v %#v\n", err, err, err)
			logger.Error("refused", "err", err)
		}
		assert.Contains(t, log.String(), "auth_create_password_change")
		assert.NotContains(t, log.String(), secret)
	}
}

func TestPasswordReset(t *testing.T) {
	t.Parallel()
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		srv := testserver.Start(t, testserver.WithDialect(dialect))
		t.Cleanup(srv.Close)
		client := newClient(t, srv.URL)
		_, _, err := client.Auth.ResetPassword(t.Context(), models.PasswordResetRequest{Email: "user1@example.com"})
		require.ErrorIs(t, err, cvat.ErrServer, "it cannot send mails")
		uid, token := srv.ResetToken("user1")
		confirm := func(password string) error {
			return errorOf(client.Auth.ConfirmPasswordReset(t.Context(), models.PasswordResetConfirmRequest{
				UID: uid, Token: token, NewPassword1: password, NewPassword2: password,
			}))
		}
		require.ErrorIs(t, confirm("12345678"), cvat.ErrInvalid)
		require.NoError(t, confirm("another-password"))
		_, err = client.Login(t.Context(), "user1", "another-password")
		require.NoError(t, err)
		require.ErrorIs(t, confirm("third-password"), cvat.ErrInvalid, "the link is used up")
	}
}

// A server of old that asks for consent does not register anybody without it.
func TestAgreements(t *testing.T) {
	t.Parallel()
	srv := testserver.Start(t, testserver.WithDialect(testserver.V2_3))
	t.Cleanup(srv.Close)
	srv.AddAgreement(testserver.Agreement{Name: "privacy", Text: "I agree", URL: "https://example.com", Required: true})
	client := newClient(t, srv.URL, cvat.WithToken("wrong"), cvat.WithOrganization("nowhere"))
	agreements, _, err := client.Restrictions.UserAgreements(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*models.UserAgreement{{Name: "privacy", DisplayText: "I agree", URL: "https://example.com", Required: true}}, agreements)

	body := registration("annie")
	_, _, err = client.Auth.Register(t.Context(), body)
	require.ErrorIs(t, err, cvat.ErrServer)
	body.Confirmations = []models.AgreementConfirmation{{Name: "privacy"}}
	_, _, err = client.Auth.Register(t.Context(), body)
	require.ErrorIs(t, err, cvat.ErrInvalid)
	require.ErrorContains(t, err, "privacy")
	body.Confirmations[0].Value = true
	made, _, err := client.Auth.Register(t.Context(), body)
	require.NoError(t, err)
	assert.Equal(t, "annie", made.Username)
	self, _, err := newClient(t, srv.URL, cvat.WithToken(made.Key)).Users.Self(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "annie", self.Username)
}

func TestTermsOfUse(t *testing.T) {
	t.Parallel()
	server := servePipe(t, inTurn(hangUp, reply(http.StatusOK, "text/html; charset=utf-8", "<h1>Terms</h1>"), reply(http.StatusNotFound, "text/html", "<!doctype html><html><head><title>Not Found</title></head></html>")))
	client := server.client(t, cvat.WithToken("key"), cvat.WithOrganization("team"), cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: 1}))
	terms, resp, err := client.Restrictions.TermsOfUse(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, resp.Attempts)
	text, err := io.ReadAll(terms)
	require.NoError(t, err)
	require.NoError(t, terms.Close())
	assert.Equal(t, "<h1>Terms</h1>", string(text))
	r := server.arrived()[1]
	assert.Empty(t, r.Header.Values("Authorization"))
	assert.Empty(t, r.URL.RawQuery)
	assert.Contains(t, r.Header.Get("Accept"), "*/*", "the page can be nothing else than HTML")

	_, _, err = client.Restrictions.TermsOfUse(t.Context())
	require.ErrorIs(t, err, cvat.ErrUnsupported)
}

func TestSign(t *testing.T) {
	t.Parallel()
	server := servePipe(t, inTurn(hangUp, replyJSON(http.StatusOK, `"https://cvat.example.com/api/users/self?sign=abc"`), reply(http.StatusInternalServerError, "text/html", "<title>Server Error (500)</title>")))
	client := server.client(t, cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: 1}))
	signed, _, err := client.Auth.Sign(t.Context(), models.SigningRequest{URL: "/api/users/self"})
	require.NoError(t, err)
	assert.Equal(t, "https://cvat.example.com/api/users/self?sign=abc", signed, "if a server ever did it")
	_, _, err = client.Auth.Sign(t.Context(), models.SigningRequest{URL: "/api/users/self"})
	require.ErrorIs(t, err, cvat.ErrServer)
}

func TestSchemaOptions(t *testing.T) {
	t.Parallel()
	for query, opts := range map[string]*cvat.SchemaOptions{
		"":                    nil,
		"lang=de&scheme=json": {Format: cvat.SchemaJSON, Language: "de"},
		"scheme=yaml":         {Format: cvat.SchemaYAML},
	} {
		server := servePipe(t, reply(http.StatusOK, "application/vnd.oai.openapi", "openapi: 3.0.3"))
		content, _, err := server.client(t).Schema.Get(t.Context(), opts)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		assert.Equal(t, "/base/api/schema/", server.only(t).URL.Path)
		assert.Equal(t, query, server.only(t).URL.RawQuery)
	}
}
