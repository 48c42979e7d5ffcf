package testserver

import (
	"net/http"
	"time"
)

// invitation is how a membership came about.
type invitation struct {
	key        string
	created    time.Time
	owner      *user
	membership *membership
}

func (i *invitation) read(c *call) object {
	m := i.membership
	o := object{
		{"key", i.key},
		{"created_date", stamp(i.created)},
		{"owner", c.basicUser(i.owner)},
		{"role", m.role},
		{"user", c.basicUser(m.user)},
		{"organization", m.organization.id},
	}
	if c.s.cfg.dialect == V2_3 {
		return o
	}
	return append(o,
		member{"expired", nil},
		member{"accepted", m.active},
		member{"organization_info", object{{"id", m.organization.id}, {"slug", m.organization.slug}}},
	)
}

func invitationRoutes() []route {
	const one = "invitations/{key}"
	return []route{
		{op: "invitations_list", method: http.MethodGet, path: "invitations", handle: listInvitations},
		{op: "invitations_create", method: http.MethodPost, path: "invitations", handle: createInvitation},
		{op: "invitations_retrieve", method: http.MethodGet, path: one, handle: onInvitation(view, readInvitation)},
		{
			op: "invitations_partial_update", method: http.MethodPatch, path: one, in: only2_3,
			handle: onInvitation(change, updateInvitation),
		},
		{
			op: "invitations_destroy", method: http.MethodDelete, path: one,
			handle: onInvitation(remove, destroyInvitation),
		},
		{
			op: "invitations_accept", method: http.MethodPost, path: one + "/accept", in: only2_73,
			handle: onInvitation(view, acceptInvitation),
		},
		{
			op: "invitations_resend", method: http.MethodPost, path: one + "/resend", in: only2_73,
			handle: onInvitation(change, resendInvitation),
		},
	}
}

func listInvitations(c *call) *answer {
	all := make([]*invitation, 0, len(c.s.state.invitations))
	for _, i := range c.s.state.invitations {
		all = append(all, i)
	}
	l := listing[invitation]{
		rows: all,
		fields: map[string]func(*invitation) any{
			"created_date": func(i *invitation) any { return i.created.UnixNano() },
			"owner":        func(i *invitation) any { return i.owner.username },
			"user_id":      func(i *invitation) any { return i.membership.user.id },
			"accepted":     func(i *invitation) any { return i.membership.active },
		},
		search: []string{"owner"},
		simple: []string{"owner", "user_id", "accepted"},
		order:  "-created_date",
		sees:   c.listsInvitation,
		read:   func(i *invitation) any { return i.read(c) },
	}
	return l.page(c)
}

func createInvitation(c *call) *answer {
	if c.context.organization == nil {
		if c.s.cfg.dialect == V2_73 {
			c.s.state.memberships.last++ // used up by a membership of nothing
			return c.s.cfg.dialect.crash()
		}
		return forbidden()
	}
	v, refusal := c.take([]field{
		{name: "role", kind: choice, choices: roles(), required: true},
		{name: "email", kind: email, required: true},
	}, false)
	if !c.mayInvite(v.text("role")) {
		return forbidden()
	}
	if refusal != nil {
		return refusal
	}
	invited := c.s.userByEmail(v.text("email"))
	active := invited != nil
	if !active {
		if c.s.cfg.dialect == V2_3 {
			return invalid("You cannot invite an user with " + v.text("email") +
				" email. It is not a valid email in the system.")
		}
		invited = c.s.addUser(User{Username: v.text("email"), Email: v.text("email")})
	}
	if c.s.membershipOf(invited, c.context.organization) != nil {
		return invalid("The user is a member of the organization already.")
	}
	i := &invitation{key: randomHex(32), created: now(), owner: c.user}
	i.membership = c.s.addMembership(c.context.organization, invited, v.text("role"), i)
	i.membership.active = active
	c.s.state.invitations[i.key] = i
	if !active {
		return bare(http.StatusInternalServerError, "Email backend is not configured.")
	}
	return reply(http.StatusCreated, i.read(c))
}

func onInvitation(act action, handle func(*call, *invitation) *answer) handler {
	return func(c *call) *answer {
		i := c.s.state.invitations[c.vars["key"]]
		if i == nil || !c.listsInvitation(i) {
			return c.s.cfg.dialect.missing("Invitation")
		}
		if act != view && !c.user.superuser && i.owner != c.user && !c.isStaff() {
			return forbidden()
		}
		return handle(c, i)
	}
}

func readInvitation(c *call, i *invitation) *answer { return ok(i.read(c)) }

// updateInvitation sends it again, by no mail. It looks at the body and changes nothing.
func updateInvitation(c *call, i *invitation) *answer {
	_, refusal := c.take([]field{{name: "role", kind: choice, choices: roles()}, {name: "email", kind: email}}, true)
	if refusal != nil {
		return refusal
	}
	return ok(i.read(c))
}

func destroyInvitation(c *call, i *invitation) *answer {
	delete(c.s.state.invitations, i.key)
	i.membership.invitation = nil // the membership stays
	return empty(http.StatusNoContent)
}

func acceptInvitation(_ *call, i *invitation) *answer {
	if i.membership.active {
		return bare(http.StatusBadRequest, "Your invitation is already accepted.")
	}
	i.membership.active = true
	return ok(object{{"organization_slug", i.membership.organization.slug}})
}

func resendInvitation(_ *call, i *invitation) *answer {
	if i.membership.active {
		return bare(http.StatusBadRequest, "This invitation is already accepted.")
	}
	return bare(http.StatusInternalServerError, "Email backend is not configured.")
}
