package models

import (
	"fmt"
	"io"
	"log/slog"
)

// LoginRequest asks for a login key. It names the user by Username or, since 2.3.0, by Email.
type LoginRequest struct {
	Username string `json:"username,omitzero"`
	Email    string `json:"email,omitzero"`
	Password string `json:"password"`
}

// Token is the answer to a login.
type Token struct {
	// Key is 40 hexadecimal digits, the same at each login until a logout.
	Key string `json:"key"`
}

// Detail is the server's own words, in answers that say nothing else and in most errors.
type Detail struct {
	Detail string `json:"detail"`
}

// RegisterRequest is an account to be made. The names must not be taken, and the password not be one that is easy to guess.
type RegisterRequest struct {
	// Username has at most 150 characters; since 2.3.0 also at least 5, unless the server's administrator says otherwise.
	Username string `json:"username"`
	// Email may be needed: the server's administrator says so.
	Email     string `json:"email,omitzero"`
	FirstName string `json:"first_name,omitzero"`
	LastName  string `json:"last_name,omitzero"`
	// Password1 has at least 8 characters.
	Password1 string `json:"password1"`
	// Password2 is the same again.
	Password2 string `json:"password2"`
	// Confirmations accept agreements of the server: see [UserAgreement]. until 2.3.0-alpha
	Confirmations []AgreementConfirmation `json:"confirmations,omitempty"`
}

// AgreementConfirmation accepts a [UserAgreement]. until 2.3.0-alpha
type AgreementConfirmation struct {
	// Name is that of the agreement.
	Name string `json:"name"`
	// Value is whether the user agrees.
	Value bool `json:"value"`
}

// Registration is the answer to a [RegisterRequest].
type Registration struct {
	Username  string `json:"username"`
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	// EmailVerificationRequired is whether the user cannot log in before he has followed the link in a mail.
	EmailVerificationRequired bool `json:"email_verification_required"`
	// Key is the login key of the new user; empty if the address is to be verified first.
	Key string `json:"key,omitzero"`
}

// PasswordChangeRequest gives a user a new password.
type PasswordChangeRequest struct {
	OldPassword string `json:"old_password"`
	// NewPassword1 has at least 8 characters.
	NewPassword1 string `json:"new_password1"`
	// NewPassword2 is the same again.
	NewPassword2 string `json:"new_password2"`
}

// PasswordResetRequest asks for a mail with a link that resets a password.
type PasswordResetRequest struct {
	Email string `json:"email"`
}

// PasswordResetConfirmRequest gives a user a new password by what a mail told him.
type PasswordResetConfirmRequest struct {
	// NewPassword1 has at least 8 characters.
	NewPassword1 string `json:"new_password1"`
	// NewPassword2 is the same again.
	NewPassword2 string `json:"new_password2"`
	// UID and Token are the last two parts of the link in the mail.
	UID   string `json:"uid"`
	Token string `json:"token"`
}

// SigningRequest asks for an address that needs no credentials. until 2.45
type SigningRequest struct {
	// URL is a path of the server, such as "/api/tasks/1/backup".
	URL string `json:"url"`
}

// What holds a secret prints without it, by every verb and in every log.

// Format implements [fmt.Formatter].
func (r LoginRequest) Format(f fmt.State, _ rune) { show(f, "login of "+r.Username+r.Email) }

// LogValue implements [slog.LogValuer].
func (r LoginRequest) LogValue() slog.Value { return shown(r) }

// Format implements [fmt.Formatter].
func (t Token) Format(f fmt.State, _ rune) { show(f, "login key") }

// LogValue implements [slog.LogValuer].
func (t Token) LogValue() slog.Value { return shown(t) }

// Format implements [fmt.Formatter].
func (r RegisterRequest) Format(f fmt.State, _ rune) { show(f, "registration of "+r.Username) }

// LogValue implements [slog.LogValuer].
func (r RegisterRequest) LogValue() slog.Value { return shown(r) }

// Format implements [fmt.Formatter].
func (r Registration) Format(f fmt.State, _ rune) { show(f, "registration of "+r.Username) }

// LogValue implements [slog.LogValuer].
func (r Registration) LogValue() slog.Value { return shown(r) }

// Format implements [fmt.Formatter].
func (r PasswordChangeRequest) Format(f fmt.State, _ rune) { show(f, "change of a password") }

// LogValue implements [slog.LogValuer].
func (r PasswordChangeRequest) LogValue() slog.Value { return shown(r) }

// Format implements [fmt.Formatter].
func (r PasswordResetConfirmRequest) Format(f fmt.State, _ rune) { show(f, "reset of a password") }

// LogValue implements [slog.LogValuer].
func (r PasswordResetConfirmRequest) LogValue() slog.Value { return shown(r) }

func show(f fmt.State, text string) { _, _ = io.WriteString(f, text) }

func shown(secret any) slog.Value { return slog.StringValue(fmt.Sprint(secret)) }
