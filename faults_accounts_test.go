package cvat_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// errorOf drops everything but the error.
func errorOf[T any](_ T, _ *cvat.Response, err error) error { return err }

func faultyAccounts() map[string]faulty {
	type call = func(context.Context, *cvat.Client) error
	accounts := func(t *testing.T, f *faultFixture) int {
		t.Helper()
		_, resp, err := f.calm.Users.List(t.Context(), nil)
		require.NoError(t, err)
		return resp.Count
	}
	logged := func(_ *testing.T, f *faultFixture) int { return f.srv.Logged() }
	return map[string]faulty{
		"Auth.Register": {op: cvat.OpAuthCreateRegister, delta: 1, count: accounts, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Auth.Register(ctx, registration(uniquePrefix())))
		})},
		"Auth.ChangePassword": {op: cvat.OpAuthCreatePasswordChange, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Auth.ChangePassword(ctx, models.PasswordChangeRequest{
				OldPassword: "admin-password", NewPassword1: "admin-password", NewPassword2: "admin-password",
			}))
		})},
		"Auth.ResetPassword": {op: cvat.OpAuthCreatePasswordReset, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Auth.ResetPassword(ctx, models.PasswordResetRequest{Email: "nobody@example.com"}))
		})},
		"Auth.ConfirmPasswordReset": {op: cvat.OpAuthCreatePasswordResetConfirm, prepare: func(_ *testing.T, f *faultFixture) call {
			uid, token := f.srv.ResetToken("user1")
			return func(ctx context.Context, c *cvat.Client) error {
				return errorOf(c.Auth.ConfirmPasswordReset(ctx, models.PasswordResetConfirmRequest{
					UID: uid, Token: token, NewPassword1: "user-password", NewPassword2: "user-password",
				}))
			}
		}},
		"Restrictions.UserAgreements": {op: cvat.OpRestrictionsRetrieveUserAgreements, older: true, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Restrictions.UserAgreements(ctx))
		})},
		"Schema.Get": {op: cvat.OpSchemaRetrieve, stream: true, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			content, _, err := c.Schema.Get(ctx, nil)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, content)
			return errors.Join(err, content.Close())
		})},
		"Users.Update": {op: cvat.OpUsersPartialUpdate, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Users.Update(ctx, 2, models.UserPatch{FirstName: new("Ann")}))
		})},
		"Users.Delete": {op: cvat.OpUsersDestroy, delta: -1, count: accounts, silent: true, prepare: func(_ *testing.T, f *faultFixture) call {
			id := f.srv.AddUser(testserver.User{Username: uniquePrefix(), Password: "user-password"})
			return func(ctx context.Context, c *cvat.Client) error {
				_, err := c.Users.Delete(ctx, id)
				return err
			}
		}},
		"Server.Plugins": {op: cvat.OpServerRetrievePlugins, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Server.Plugins(ctx))
		})},
		"Server.Share": {op: cvat.OpServerListShare, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Server.Share(ctx, ""))
		})},
		"Server.SendLogs": {op: cvat.OpServerCreateLogs, delta: 1, count: logged, older: true, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Server.SendLogs(ctx, []models.LogEvent{logEvent()}))
		})},
		"Server.SendException": {op: cvat.OpServerCreateException, delta: 1, count: logged, older: true, prepare: on(func(ctx context.Context, c *cvat.Client, _ *faultFixture) error {
			return errorOf(c.Server.SendException(ctx, exception()))
		})},
	}
}

// registration is an account that no server refuses.
func registration(login string) models.RegisterRequest {
	return models.RegisterRequest{
		Username: login, Email: login + "@example.com", FirstName: "Conformance", LastName: "Suite",
		Password1: login + "-Pwd-1", Password2: login + "-Pwd-1",
	}
}

func logEvent() models.LogEvent {
	return models.LogEvent{
		ClientID: 7, Name: "Load job", Time: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Payload: map[string]any{"duration": 12.0}, IsActive: true,
	}
}

func exception() models.Exception {
	return models.Exception{
		System: "Linux", Client: "go", ClientID: 7, Time: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), JobID: 1, TaskID: 41,
		Message: "boom", Filename: "http://client.example.com/a.go", Line: 1, Column: 2, Stack: "trace",
	}
}
