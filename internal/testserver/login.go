package testserver

import (
	"net/http"
)

func authRoutes() []route {
	return []route{
		{op: "auth_create_login", method: http.MethodPost, path: "auth/login", open: true, handle: login},
		{op: "auth_create_logout", method: http.MethodPost, path: "auth/logout", open: true, handle: logout},
		{op: "auth_create_register", method: http.MethodPost, path: "auth/register", open: true, handle: register},
		{op: "auth_create_password_change", method: http.MethodPost, path: "auth/password/change", handle: changePassword},
		{op: "auth_create_password_reset", method: http.MethodPost, path: "auth/password/reset", open: true, handle: resetPassword},
		{
			op: "auth_create_password_reset_confirm", method: http.MethodPost, path: "auth/password/reset/confirm", open: true,
			handle: confirmReset,
		},
		{
			op: "auth_create_signing", method: http.MethodPost, path: "auth/signing", in: only2_3,
			handle: func(c *call) *answer { return c.s.cfg.dialect.crash() }, // it never worked
		},
	}
}

func login(c *call) *answer {
	v, refusal := c.take([]field{
		{name: "username", blank: true},
		{name: "email", kind: email, blank: true},
		{name: "password", required: true},
	}, false)
	if refusal != nil {
		return c.loginRefusal(refusal)
	}
	u := c.s.userByName(v.text("username"))
	if c.s.cfg.dialect == V2_73 && u == nil {
		u = c.s.userByEmail(v.text("email"))
	}
	if c.s.cfg.dialect == V2_3 && v.text("username") == "" {
		return invalidField("non_field_errors", `Must include "username" and "password".`)
	}
	if u == nil || u.password != v.text("password") {
		return invalidField("non_field_errors", "Unable to log in with provided credentials.")
	}
	c.s.openSession(c, u)
	return ok(object{{"key", c.s.key(u)}})
}

// loginRefusal is what the newer server says of incomplete credentials; the older one names the field.
func (c *call) loginRefusal(refusal *answer) *answer {
	if c.s.cfg.dialect == V2_73 && refusal.status == http.StatusBadRequest && refusal.body[2] != 'd' {
		return invalid(`Must include either "username" or "email" and "password".`)
	}
	return refusal
}

func logout(c *call) *answer {
	if c.user != nil {
		c.s.dropKey(c.user)
		c.s.closeSessions(c.user)
	}
	return ok(object{{"detail", "Successfully logged out."}})
}

func (s *Server) closeSessions(u *user) {
	for id, open := range s.state.sessions {
		if open.user == u {
			delete(s.state.sessions, id)
		}
	}
}

func (s *Server) userByEmail(address string) *user {
	for _, u := range s.state.users.rows {
		if address != "" && u.email == address {
			return u
		}
	}
	return nil
}

func register(c *call) *answer {
	v, errs, refusal := c.check([]field{
		{name: "username", required: true, max: 150},
		{name: "email", kind: email},
		{name: "password1", required: true, least: c.s.cfg.dialect.passwordLength()},
		{name: "password2", required: true, least: c.s.cfg.dialect.passwordLength()},
		{name: "first_name", blank: true},
		{name: "last_name", blank: true},
		{name: "confirmations", kind: list, items: &field{kind: dict}},
	}, false)
	if refusal != nil {
		return refusal
	}
	errs = append(errs, c.s.registrationErrors(v)...)
	if len(errs) == 0 {
		if refusal := c.s.unconfirmed(v); refusal != nil {
			return refusal
		}
	}
	if len(errs) == 0 && v.text("password1") != v.text("password2") {
		errs = object{{"non_field_errors", []string{"The two password fields didn't match."}}}
	}
	if len(errs) > 0 {
		return reply(http.StatusBadRequest, errs)
	}
	u := c.s.addUser(User{
		Username: v.text("username"), Password: v.text("password1"), Email: v.text("email"),
		FirstName: v.text("first_name"), LastName: v.text("last_name"),
	})
	c.s.openSession(c, u)
	return reply(http.StatusCreated, object{
		{"username", u.username},
		{"email", u.email},
		{"first_name", u.firstName},
		{"last_name", u.lastName},
		{"email_verification_required", false},
		{"key", c.s.key(u)},
	})
}

// registrationErrors finds fault with what the fields do not see.
func (s *Server) registrationErrors(v values) object {
	var errs object
	if s.userByName(v.text("username")) != nil {
		errs = append(errs, wrong("username", "A user with that username already exists."))
	}
	if s.cfg.dialect == V2_3 && s.userByEmail(v.text("email")) != nil {
		errs = append(errs, wrong("email", "A user is already registered with this e-mail address."))
	}
	if faults := weaknesses(v.text("password1")); s.cfg.dialect == V2_3 && v.has("password1") && len(faults) > 0 {
		errs = append(errs, wrong("password1", faults...))
	}
	return errs
}
