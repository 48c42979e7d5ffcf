package models

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
