package cvat_test

import (
	"encoding/json"
	"errors"
	"io"
	"path"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

func conformPlugins(t *testing.T, s *target) {
	plugins, _, err := s.admin.Server.Plugins(t.Context())
	require.NoError(t, err)
	assert.Equal(t, s.old, bool(plugins.GitIntegration), "newer servers have none")
}

func conformShare(t *testing.T, s *target) {
	files, _, err := s.admin.Server.Share(t.Context(), "")
	require.NoError(t, err)
	for _, file := range files {
		assert.NotEmpty(t, file.Name)
		assert.Contains(t, []models.FileType{models.FileTypeRegular, models.FileTypeDirectory}, file.Type)
		assert.NotEmpty(t, file.MimeType)
	}
	if s.shared != "" {
		folder, name := path.Split(s.shared)
		files, _, err := s.admin.Server.Share(t.Context(), folder)
		require.NoError(t, err)
		assert.True(t, slices.ContainsFunc(files, func(f *models.FileInfo) bool { return f.Name == name && f.Type == models.FileTypeRegular }), files)
	}
	_, _, err = s.admin.Server.Share(t.Context(), s.prefix+"/nowhere")
	require.ErrorIs(t, err, cvat.ErrInvalid)
	require.ErrorContains(t, err, "is an invalid directory")
}

func conformClientLogs(t *testing.T, s *target) {
	events, _, err := s.admin.Server.SendLogs(t.Context(), []models.LogEvent{logEvent()})
	if !s.old {
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		_, _, err = s.admin.Server.SendException(t.Context(), exception())
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		return
	}
	require.NoError(t, err)
	require.Len(t, events, 1)
	assert.Equal(t, logEvent(), *events[0])

	stored, _, err := s.admin.Server.SendException(t.Context(), exception())
	require.NoError(t, err)
	assert.Equal(t, exception(), *stored)

	nowhere := exception()
	nowhere.Filename = "http://x.y/a.js"
	_, _, err = s.admin.Server.SendException(t.Context(), nowhere)
	var refused *cvat.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, []string{"Enter a valid URL."}, refused.Fields["filename"])
}

// conformAccounts takes an account through its life.
func conformAccounts(t *testing.T, s *target) {
	ctx := t.Context()
	login, secret := s.newAccount(t)
	client := newClient(t, s.admin.BaseURL(), cvat.WithBasicAuth(login, secret))
	self, _, err := client.Users.Self(ctx)
	require.NoError(t, err)

	changed, _, err := client.Users.Update(ctx, self.ID, models.UserPatch{FirstName: new("Ann")})
	require.NoError(t, err)
	assert.Equal(t, "Ann", changed.FirstName)
	_, _, err = client.Users.Update(ctx, self.ID, models.UserPatch{IsSuperuser: new(true)})
	if s.old {
		require.ErrorIs(t, err, cvat.ErrInvalid)
	} else {
		require.ErrorIs(t, err, cvat.ErrForbidden)
	}
	someone, _, err := s.user.Users.Self(ctx)
	require.NoError(t, err)
	_, _, err = client.Users.Update(ctx, someone.ID, models.UserPatch{FirstName: new("Ann")})
	require.ErrorIs(t, err, cvat.ErrForbidden)
	_, err = client.Users.Delete(ctx, someone.ID)
	require.ErrorIs(t, err, cvat.ErrForbidden)

	changed, _, err = s.admin.Users.Update(ctx, self.ID, models.UserPatch{Groups: []string{"worker"}, LastName: new("Otator"), IsActive: new(false)})
	require.NoError(t, err)
	assert.Equal(t, []string{"worker"}, changed.Groups)
	assert.Equal(t, "Ann", changed.FirstName)
	assert.Equal(t, "Otator", changed.LastName)
	assert.False(t, changed.IsActive)
	_, _, err = client.Users.Self(ctx)
	require.ErrorIs(t, err, cvat.ErrUnauthorized, "the user is locked out")
	_, _, err = s.admin.Users.Update(ctx, self.ID, models.UserPatch{Groups: []string{s.prefix}})
	var refused *cvat.Error
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Fields, "groups")

	_, err = s.admin.Users.Delete(ctx, self.ID)
	require.NoError(t, err)
	_, _, err = s.admin.Users.Get(ctx, self.ID)
	require.ErrorIs(t, err, cvat.ErrNotFound)
}

func conformPasswords(t *testing.T, s *target) {
	ctx := t.Context()
	login, secret := s.newAccount(t)
	anonymous := newClient(t, s.admin.BaseURL())
	client, err := anonymous.Login(ctx, login, secret)
	require.NoError(t, err)
	fresh := uniquePrefix() + "-Pwd-2"
	_, _, err = client.Auth.ChangePassword(ctx, models.PasswordChangeRequest{OldPassword: "wrong", NewPassword1: fresh, NewPassword2: fresh})
	var refused *cvat.Error
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Fields, "old_password")
	said, _, err := client.Auth.ChangePassword(ctx, models.PasswordChangeRequest{OldPassword: secret, NewPassword1: fresh, NewPassword2: fresh})
	require.NoError(t, err)
	assert.NotEmpty(t, said.Detail)
	_, _, err = client.Users.Self(ctx)
	require.NoError(t, err, "login keys stay")
	_, err = anonymous.Login(ctx, login, secret)
	require.ErrorIs(t, err, cvat.ErrUnauthorized)
	_, err = anonymous.Login(ctx, login, fresh)
	require.NoError(t, err)

	_, _, err = anonymous.Auth.Register(ctx, registration(login))
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Fields, "username", "the name is taken")

	// The address is nobody's, so that no mail is sent.
	said, _, err = anonymous.Auth.ResetPassword(ctx, models.PasswordResetRequest{Email: uniquePrefix() + "@example.com"})
	require.NoError(t, err)
	assert.NotEmpty(t, said.Detail)
	_, _, err = anonymous.Auth.ConfirmPasswordReset(ctx, models.PasswordResetConfirmRequest{UID: "x", Token: "y", NewPassword1: fresh, NewPassword2: fresh})
	require.ErrorAs(t, err, &refused)
	assert.Contains(t, refused.Fields, "uid")
}

func conformForgottenPassword(t *testing.T, s *target) {
	if s.resetMail == nil {
		lacks(t, "mail", "nobody reads what the server sends")
	}
	ctx := t.Context()
	login, secret := s.newAccount(t)
	anonymous := newClient(t, s.admin.BaseURL())
	fresh := uniquePrefix() + "-Pwd-3"
	uid, token := s.resetMail(login)
	body := models.PasswordResetConfirmRequest{UID: uid, Token: token, NewPassword1: fresh, NewPassword2: fresh}
	said, _, err := anonymous.Auth.ConfirmPasswordReset(ctx, body)
	require.NoError(t, err)
	assert.NotEmpty(t, said.Detail)
	_, err = anonymous.Login(ctx, login, secret)
	require.ErrorIs(t, err, cvat.ErrUnauthorized)
	_, err = anonymous.Login(ctx, login, fresh)
	require.NoError(t, err)
}

func conformSigning(t *testing.T, s *target) {
	_, _, err := s.admin.Auth.Sign(t.Context(), models.SigningRequest{URL: "/api/users/self"})
	if s.old {
		require.ErrorIs(t, err, cvat.ErrServer, "it has never worked")
	} else {
		require.ErrorIs(t, err, cvat.ErrUnsupported)
	}
}

func conformRestrictions(t *testing.T, s *target) {
	anonymous := newClient(t, s.admin.BaseURL())
	if !s.old {
		_, _, err := s.admin.Restrictions.UserAgreements(t.Context())
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		_, _, err = s.admin.Restrictions.TermsOfUse(t.Context())
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		return
	}
	agreements, _, err := anonymous.Restrictions.UserAgreements(t.Context())
	if errors.Is(err, cvat.ErrUnsupported) {
		lacks(t, "agreements", "2.3.0 has none, unlike 2.3.0-alpha, which calls itself 2.3 too")
	}
	require.NoError(t, err)
	var names []string
	for _, agreement := range agreements {
		assert.NotEmpty(t, agreement.Name)
		names = append(names, agreement.Name)
	}
	if s.agreement != "" {
		assert.Contains(t, names, s.agreement)
	}
	terms, _, err := anonymous.Restrictions.TermsOfUse(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "text/html", terms.Type)
	text, err := io.ReadAll(terms)
	require.NoError(t, err)
	require.NoError(t, terms.Close())
	assert.Contains(t, string(text), "terms of use")
}

func conformSchema(t *testing.T, s *target) {
	read := func(opts *cvat.SchemaOptions) (*cvat.Content, []byte) {
		content, _, err := s.admin.Schema.Get(t.Context(), opts)
		require.NoError(t, err)
		text, err := io.ReadAll(content)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		return content, text
	}
	content, text := read(nil)
	assert.Equal(t, "application/vnd.oai.openapi", content.Type)
	assert.Equal(t, "CVAT REST API (2.0).yaml", content.Name)
	assert.Contains(t, string(text), "/api/tasks/{id}")

	content, text = read(&cvat.SchemaOptions{Format: cvat.SchemaJSON, Language: "de"})
	assert.Equal(t, "application/vnd.oai.openapi+json", content.Type)
	var document struct {
		Info struct {
			Version string `json:"version"`
		} `json:"info"`
		Paths map[string]any `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(text, &document))
	assert.NotEmpty(t, document.Info.Version)
	assert.Contains(t, document.Paths, "/api/tasks/{id}")
	assert.Equal(t, s.old, document.Paths["/api/requests"] == nil)
}
