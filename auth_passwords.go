package cvat

import (
	"cmp"
	"context"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// Operations of the Auth service on accounts and their passwords.
var (
	OpAuthCreateRegister             = Operation{ID: "auth_create_register", Method: http.MethodPost, Path: "/api/auth/register"}
	OpAuthCreatePasswordChange       = Operation{ID: "auth_create_password_change", Method: http.MethodPost, Path: "/api/auth/password/change"}
	OpAuthCreatePasswordReset        = Operation{ID: "auth_create_password_reset", Method: http.MethodPost, Path: "/api/auth/password/reset"}
	OpAuthCreatePasswordResetConfirm = Operation{ID: "auth_create_password_reset_confirm", Method: http.MethodPost, Path: "/api/auth/password/reset/confirm"}
	OpAuthCreateSigning              = Operation{ID: "auth_create_signing", Method: http.MethodPost, Path: "/api/auth/signing", Until: "2.45.0", Replay: Repeatable}
)

// Register makes an account and, unless the server wants the address verified first, its login key: see [WithToken]. It
// is an anonymous call, whatever credentials the client has, and counts against the server's limit of 100 a minute. A
// name that is taken and a password that is easy to guess match [ErrInvalid], with the reasons in [Error].Fields.
//
// Servers of 2.2 and 2.3.0-alpha may ask for the consent to agreements: see [RestrictionsService.UserAgreements]. They
// answer [ErrServer] to a body without any Confirmations then.
//
// CVAT API: POST /api/auth/register (auth_create_register)
func (s *AuthService) Register(ctx context.Context, body models.RegisterRequest, opts ...CallOption) (*models.Registration, *Response, error) {
	err := cmp.Or(
		checkFilled("RegisterRequest", "Username", body.Username, "Password1", body.Password1),
		checkRepeated("RegisterRequest.Password2", body.Password1, body.Password2),
		checkLengths("RegisterRequest", maxUsername, "Username", body.Username),
		checkAddress("RegisterRequest.Email", body.Email))
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Registration](ctx, s.client, call{op: OpAuthCreateRegister, in: body, anonymous: true}, opts)
}

// ChangePassword gives the caller a new password. Login keys stay valid; a client that uses [WithBasicAuth] goes on
// sending the old password, so derive another from it. A wrong old password and a new one that is easy to guess match
// [ErrInvalid], with the reasons in [Error].Fields. A personal access token does not suffice: [ErrForbidden] or
// [ErrUnauthorized].
//
// CVAT API: POST /api/auth/password/change (auth_create_password_change)
func (s *AuthService) ChangePassword(ctx context.Context, body models.PasswordChangeRequest, opts ...CallOption) (*models.Detail, *Response, error) {
	err := cmp.Or(
		checkFilled("PasswordChangeRequest", "OldPassword", body.OldPassword, "NewPassword1", body.NewPassword1),
		checkRepeated("PasswordChangeRequest.NewPassword2", body.NewPassword1, body.NewPassword2))
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Detail](ctx, s.client, call{op: OpAuthCreatePasswordChange, in: body}, opts)
}

// ResetPassword makes the server send a mail with a link to who has that address. The server does not tell whether
// anybody has; if somebody has and no mail can be sent, it answers [ErrServer]. It is an anonymous call, whatever
// credentials the client has, and counts against the server's limit of 100 a minute.
//
// CVAT API: POST /api/auth/password/reset (auth_create_password_reset)
func (s *AuthService) ResetPassword(ctx context.Context, body models.PasswordResetRequest, opts ...CallOption) (*models.Detail, *Response, error) {
	err := cmp.Or(
		checkFilled("PasswordResetRequest", "Email", body.Email),
		checkAddress("PasswordResetRequest.Email", body.Email))
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Detail](ctx, s.client, call{op: OpAuthCreatePasswordReset, in: body, anonymous: true}, opts)
}

// ConfirmPasswordReset gives a new password to who got the mail of [AuthService.ResetPassword]. A link that is wrong, too
// old or used already, and a password that is easy to guess, match [ErrInvalid], with the reasons in [Error].Fields. It
// is an anonymous call, whatever credentials the client has, and counts against the server's limit of 100 a minute.
//
// CVAT API: POST /api/auth/password/reset/confirm (auth_create_password_reset_confirm)
func (s *AuthService) ConfirmPasswordReset(ctx context.Context, body models.PasswordResetConfirmRequest, opts ...CallOption) (*models.Detail, *Response, error) {
	err := cmp.Or(
		checkFilled("PasswordResetConfirmRequest", "UID", body.UID, "Token", body.Token, "NewPassword1", body.NewPassword1),
		checkRepeated("PasswordResetConfirmRequest.NewPassword2", body.NewPassword1, body.NewPassword2))
	if err != nil {
		return nil, &Response{}, err
	}
	return fetch[models.Detail](ctx, s.client, call{op: OpAuthCreatePasswordResetConfirm, in: body, anonymous: true}, opts)
}

// Sign is meant to return an address that needs no credentials for half a minute. No server has ever done it: all that
// have the operation answer [ErrServer], and 2.46 has dropped it ([ErrUnsupported]). It is here to be complete.
//
// CVAT API: POST /api/auth/signing (auth_create_signing)
func (s *AuthService) Sign(ctx context.Context, body models.SigningRequest, opts ...CallOption) (string, *Response, error) {
	if err := checkFilled("SigningRequest", "URL", body.URL); err != nil {
		return "", &Response{}, err
	}
	var signed string
	resp, err := s.client.perform(ctx, call{op: OpAuthCreateSigning, in: body}, &signed, opts)
	return signed, resp, err
}
