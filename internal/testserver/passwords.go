package testserver

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// minPassword is the least length of a password.
const minPassword = 8

// passwordLength is the length that the fields themselves demand: the older server looks at passwords later.
func (d Dialect) passwordLength() int {
	if d == V2_3 {
		return 0
	}
	return minPassword
}

// weaknesses says what is wrong with a password. The real server knows many more that are too common.
func weaknesses(password string) []string {
	var faults []string
	if len(password) < minPassword {
		faults = append(faults, "This password is too short. It must contain at least 8 characters.")
	}
	if slices.Contains([]string{"123", "12345678", "password"}, password) {
		faults = append(faults, "This password is too common.")
	}
	if password != "" && strings.Trim(password, "0123456789") == "" {
		faults = append(faults, "This password is entirely numeric.")
	}
	return faults
}

func changePassword(c *call) *answer {
	v, errs, refusal := c.check([]field{
		{name: "old_password", required: true},
		{name: "new_password1", required: true, least: c.s.cfg.dialect.passwordLength()},
		{name: "new_password2", required: true, least: c.s.cfg.dialect.passwordLength()},
	}, false)
	if refusal != nil {
		return refusal
	}
	if v.has("old_password") && v.text("old_password") != c.user.password {
		errs = append(errs, wrong("old_password", "Your old password was entered incorrectly. Please enter it again."))
	}
	if len(errs) > 0 {
		return reply(http.StatusBadRequest, errs)
	}
	if refusal := refusePasswords(v); refusal != nil {
		return refusal
	}
	c.user.password = v.text("new_password1")
	c.s.openSession(c, c.user)
	return ok(object{{"detail", "New password has been saved."}})
}

// refusePasswords finds fault with a new password and its repetition.
func refusePasswords(v values) *answer {
	faults := weaknesses(v.text("new_password2"))
	switch {
	case v.text("new_password1") != v.text("new_password2"):
		return invalidField("new_password2", "The two password fields didn't match.")
	case len(faults) > 0:
		return invalidField("new_password2", faults...)
	}
	return nil
}

// resetPassword does nothing for an address of nobody. For any other it would send a mail, and there is nobody to take it.
func resetPassword(c *call) *answer {
	v, refusal := c.take([]field{{name: "email", kind: email, required: true}}, false)
	if refusal != nil {
		return refusal
	}
	if c.s.userByEmail(v.text("email")) != nil {
		return c.s.cfg.dialect.crash()
	}
	return ok(object{{"detail", "Password reset e-mail has been sent."}})
}

// ResetToken returns what a mail would tell a user who is to reset his password.
func (s *Server) ResetToken(username string) (uid, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.userByName(username)
	if u == nil {
		return "", ""
	}
	token = randomHex(16)
	s.state.resets[token] = u
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(u.id, 10))), token
}

func confirmReset(c *call) *answer {
	least := c.s.cfg.dialect.passwordLength()
	v, refusal := c.take([]field{
		{name: "new_password1", required: true, least: least},
		{name: "new_password2", required: true, least: least},
		{name: "uid", required: true},
		{name: "token", required: true},
	}, false)
	if refusal != nil {
		return refusal
	}
	raw, _ := base64.RawURLEncoding.DecodeString(v.text("uid")) // no number is nobody
	id, _ := strconv.ParseInt(string(raw), 10, 64)
	u := c.s.state.users.rows[id]
	switch {
	case u == nil:
		return invalidField("uid", "Invalid value")
	case c.s.state.resets[v.text("token")] != u:
		return invalidField("token", "Invalid value")
	}
	if refusal := refusePasswords(v); refusal != nil {
		return refusal
	}
	delete(c.s.state.resets, v.text("token"))
	u.password = v.text("new_password1")
	return ok(object{{"detail", "Password has been reset with the new password."}})
}
