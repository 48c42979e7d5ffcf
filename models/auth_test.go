package models_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

// What holds a secret shows it to nobody but the server.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for _, value := range []any{
		models.LoginRequest{Username: "ann", Password: secret},
		models.Token{Key: secret},
		models.RegisterRequest{Username: "ann", Password1: secret, Password2: secret},
		models.Registration{Username: "ann", Key: secret},
		models.PasswordChangeRequest{OldPassword: secret, NewPassword1: secret, NewPassword2: secret},
		models.PasswordResetConfirmRequest{NewPassword1: secret, NewPassword2: secret, UID: "MQ", Token: secret},
	} {
		var shown bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&shown, verb+" "+verb+"\n", value, struct{ Inside any }{value})
		}
		slog.New(slog.NewTextHandler(&shown, nil)).Info("shown", "value", value)
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("shown", "value", value)
		assert.NotContains(t, shown.String(), secret, "%T", value)
		assert.NotContains(t, shown.String(), fmt.Sprintf("%x", secret), "%T", value)
		assert.NotEmpty(t, fmt.Sprint(value), "%T", value)

		wire, err := json.Marshal(value)
		require.NoError(t, err)
		assert.Contains(t, string(wire), secret, "%T", value)
	}
}

// No server that was recorded asks for an agreement. This is what its code sends.
func TestUserAgreement(t *testing.T) {
	t.Parallel()
	data, err := recode[models.UserAgreement]([]byte(`{"name":"privacy","url":"https://example.com","required":true,"value":false,"displayText":"I agree"}`))
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"privacy","url":"https://example.com","required":true,"value":false,"displayText":"I agree"}`, string(data))
}
