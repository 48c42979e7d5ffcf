package testserver

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// user is an account.
type user struct {
	id                                             int64
	username, password, firstName, lastName, email string
	groups                                         []string
	staff, superuser, active                       bool
	lastLogin, joined                              time.Time
}

// AddUser adds an account and returns its id.
func (s *Server) AddUser(u User) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addUser(u).id
}

func (s *Server) addUser(u User) *user {
	groups := u.Groups
	if groups == nil {
		groups = s.cfg.dialect.defaultGroups(u.Superuser)
	}
	return s.state.users.add(func(id int64) *user {
		return &user{
			id: id, username: u.Username, password: u.Password, firstName: u.FirstName, lastName: u.LastName,
			email: u.Email, groups: groups, staff: u.Superuser, superuser: u.Superuser, active: true, joined: now(),
		}
	})
}

func (d Dialect) defaultGroups(superuser bool) []string {
	switch {
	case !superuser:
		return []string{"user"}
	case d == V2_3:
		return []string{"admin"}
	}
	return []string{"admin", "user"}
}

// basicUser is what everybody may see of a user, null for nobody.
func (c *call) basicUser(u *user) any {
	if u == nil || c.s.state.users.rows[u.id] != u { // or he is gone
		return nil
	}
	return object{
		{"url", c.url("/api/users/%d", u.id)},
		{"id", u.id},
		{"username", u.username},
		{"first_name", u.firstName},
		{"last_name", u.lastName},
	}
}

// fullUser is what a user sees of himself, and an administrator of anybody.
func (c *call) fullUser(u *user) object {
	full, _ := c.basicUser(u).(object)
	full = append(full, object{
		{"email", u.email},
		{"groups", u.groups},
		{"is_staff", u.staff},
		{"is_superuser", u.superuser},
		{"is_active", u.active},
		{"last_login", stampOrNull(u.lastLogin)},
		{"date_joined", stamp(u.joined)},
	}...)
	if c.s.cfg.dialect == V2_73 {
		full = append(full, member{"has_analytics_access", u.superuser})
	}
	return full
}

// metaUser is one of the two, as the caller deserves. In lists nobody but an administrator gets the full one.
func (c *call) metaUser(u *user, listed bool) any {
	if c.user.superuser || u == c.user && !listed {
		return c.fullUser(u)
	}
	return c.basicUser(u)
}

func userRoutes() []route {
	return []route{
		{op: "users_list", method: http.MethodGet, path: "users", handle: listUsers},
		{
			op: "users_retrieve_self", method: http.MethodGet, path: "users/self",
			handle: func(c *call) *answer { return ok(c.fullUser(c.user)) },
		},
		{op: "users_retrieve", method: http.MethodGet, path: "users/{id}", handle: onUser(view, readUser)},
		{op: "users_partial_update", method: http.MethodPatch, path: "users/{id}", handle: onUser(change, updateUser)},
		{op: "users_destroy", method: http.MethodDelete, path: "users/{id}", handle: onUser(remove, destroyUser)},
	}
}

func listUsers(c *call) *answer {
	l := listing[user]{
		rows: c.s.state.users.all(),
		fields: map[string]func(*user) any{
			"id":         func(u *user) any { return u.id },
			"username":   func(u *user) any { return u.username },
			"first_name": func(u *user) any { return u.firstName },
			"last_name":  func(u *user) any { return u.lastName },
			"is_active":  func(u *user) any { return u.active },
		},
		search: []string{"username", "first_name", "last_name"},
		simple: []string{"username", "first_name", "last_name", "is_active"},
		sees:   c.listsUser,
		read:   func(u *user) any { return c.metaUser(u, true) },
	}
	return l.page(c)
}

func onUser(act action, handle func(*call, *user) *answer) handler {
	return func(c *call) *answer {
		id, isNumber := c.id()
		u := c.s.state.users.rows[id]
		if !isNumber {
			return detail(http.StatusNotFound, "Not found.")
		}
		if u == nil {
			return c.s.cfg.dialect.missing("User")
		}
		if !c.mayUser(act, u) {
			return forbidden()
		}
		return handle(c, u)
	}
}

func readUser(c *call, u *user) *answer { return ok(c.metaUser(u, false)) }

func updateUser(c *call, u *user) *answer {
	v, refusal := c.takeKnown([]field{
		{name: "username", max: 150},
		{name: "first_name", max: 150, blank: true},
		{name: "last_name", max: 150, blank: true},
		{name: "email", kind: email, blank: true},
		{name: "groups", kind: list, items: &field{}},
		{name: "is_staff", kind: boolean},
		{name: "is_superuser", kind: boolean},
		{name: "is_active", kind: boolean},
	})
	if refusal != nil {
		return refusal
	}
	if refusal := c.refuseRights(v); refusal != nil {
		return refusal
	}
	for _, g := range v.texts("groups") {
		if !slices.Contains([]string{"admin", "business", "user", "worker"}, g) {
			return invalidField("groups", "Object with name="+g+" does not exist.")
		}
	}
	for name, target := range map[string]*string{
		"username": &u.username, "first_name": &u.firstName, "last_name": &u.lastName, "email": &u.email,
	} {
		if v.has(name) {
			*target = v.text(name)
		}
	}
	for name, target := range map[string]*bool{
		"is_staff": &u.staff, "is_superuser": &u.superuser, "is_active": &u.active,
	} {
		if v.has(name) {
			*target = v.bool(name)
		}
	}
	if v.has("groups") {
		u.groups = v.texts("groups")
	}
	return ok(c.metaUser(u, c.s.cfg.dialect == V2_3))
}

// refuseRights keeps ordinary users from changing more of themselves than their names.
func (c *call) refuseRights(v values) *answer {
	var own []string
	for _, name := range []string{"email", "groups", "is_staff", "is_superuser", "is_active"} {
		if v.has(name) {
			own = append(own, "'"+name+"'")
		}
	}
	switch {
	case c.user.superuser || len(own) == 0:
		return nil
	case c.s.cfg.dialect == V2_73:
		return forbidden()
	case len(own) == 1 && (v.has("email") || v.has("is_active")):
		return invalidField("non_field_errors", "Got unknown fields: {"+own[0]+"}")
	}
	return invalidField("non_field_errors", "You do not have permissions to access some of these fields: {"+strings.Join(own, ", ")+"}")
}

func destroyUser(c *call, u *user) *answer {
	delete(c.s.state.users.rows, u.id)
	c.s.dropKey(u)
	c.s.closeSessions(u)
	return empty(http.StatusNoContent)
}

// id is the number in the path.
func (c *call) id() (int64, bool) {
	id, err := strconv.ParseInt(c.vars["id"], 10, 64)
	return id, err == nil
}
