package testserver

import (
	"net/http"
	"time"
)

// membership ties a user to an organization.
type membership struct {
	id           int64
	user         *user
	organization *organization
	role         string
	active       bool
	joined       time.Time
	invitation   *invitation
}

// AddMember makes a user a member of an organization, with a role such as "worker" or "maintainer".
func (s *Server) AddMember(organizationID int64, username, role string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addMembership(s.state.organizations.rows[organizationID], s.userByName(username), role, nil)
}

func (s *Server) addMembership(o *organization, u *user, role string, i *invitation) *membership {
	return s.state.memberships.add(func(id int64) *membership {
		return &membership{id: id, user: u, organization: o, role: role, active: true, joined: now(), invitation: i}
	})
}

// membershipOf returns the active membership of a user in an organization, or nil.
func (s *Server) membershipOf(u *user, o *organization) *membership {
	for _, m := range s.state.memberships.rows {
		if m.user == u && m.organization == o && m.active {
			return m
		}
	}
	return nil
}

func (m *membership) read(c *call) object {
	var key any
	if m.invitation != nil {
		key = m.invitation.key
	}
	var joined any
	if m.active {
		joined = stamp(m.joined)
	}
	return object{
		{"id", m.id},
		{"user", c.basicUser(m.user)},
		{"organization", m.organization.id},
		{"is_active", m.active},
		{"joined_date", joined},
		{"role", m.role},
		{"invitation", key},
	}
}

func membershipRoutes() []route {
	const one = "memberships/{id}"
	return []route{
		{op: "memberships_list", method: http.MethodGet, path: "memberships", handle: listMemberships},
		{op: "memberships_retrieve", method: http.MethodGet, path: one, handle: onMembership(view, readMembership)},
		{
			op: "memberships_partial_update", method: http.MethodPatch, path: one,
			handle: onMembership(change, updateMembership),
		},
		{op: "memberships_destroy", method: http.MethodDelete, path: one, handle: onMembership(remove, destroyMembership)},
	}
}

func listMemberships(c *call) *answer {
	username := func(m *membership) any { return m.user.username }
	l := listing[membership]{
		rows: c.s.state.memberships.all(),
		fields: map[string]func(*membership) any{
			"id":   func(m *membership) any { return m.id },
			"user": username,
			"role": func(m *membership) any { return m.role },
		},
		search: []string{"user"},
		simple: []string{"user", "role"},
		sees:   c.listsMembership,
		read:   func(m *membership) any { return m.read(c) },
	}
	if c.s.cfg.dialect == V2_3 {
		l.fields["user"] = func(m *membership) any { return m.user.id }
		l.fields["user_name"] = username
		l.search = []string{"user_name", "role"}
	}
	return l.page(c)
}

// onMembership finds a membership. At 2.3 it exists only where it is listed.
func onMembership(act action, handle func(*call, *membership) *answer) handler {
	return func(c *call) *answer {
		id, _ := c.id()
		m := c.s.state.memberships.rows[id]
		if m == nil || c.s.cfg.dialect == V2_3 && !c.listsMembership(m) {
			return c.s.cfg.dialect.missing("Membership")
		}
		if !c.mayMembership(act, m) {
			return forbidden()
		}
		return handle(c, m)
	}
}

func readMembership(c *call, m *membership) *answer { return ok(m.read(c)) }

func roles() []string { return []string{"worker", "supervisor", "maintainer", "owner"} }

func updateMembership(c *call, m *membership) *answer {
	v, refusal := c.takeKnown([]field{{name: "role", kind: choice, choices: roles()}})
	if refusal != nil {
		return refusal
	}
	if v.has("role") {
		m.role = v.text("role")
	}
	return ok(m.read(c))
}

func destroyMembership(c *call, m *membership) *answer {
	delete(c.s.state.memberships.rows, m.id)
	if m.invitation != nil {
		delete(c.s.state.invitations, m.invitation.key)
	}
	return empty(http.StatusNoContent)
}
