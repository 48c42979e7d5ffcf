package testserver

import "slices"

// action is what somebody does with an object.
type action int

const (
	view   action = iota
	change        // the object itself, its data and its annotations
	assign        // somebody to it, or another stage to a job
	remove
)

// role is how somebody stands to an object.
type role int

const (
	stranger role = iota
	assignee      // of the object, or of a job's task
	owner         // of the object, or staff of its project
	maintainer
	administrator
)

// rights is the whole of the permissions: what each role may do.
func (r role) may(act action) bool {
	switch r {
	case administrator, maintainer, owner:
		return true
	case assignee:
		return act == view || act == change
	case stranger:
	}
	return false
}

// holding says who has to do with an object. Every resource makes its own.
type holding struct {
	organization *organization
	owners       []*user
	assignees    []*user
}

// roleIn is how the caller stands to an object. Maintainers count in the organization of the object: at 2.3 only if the
// call is made in its context, later always.
func (c *call) roleIn(h holding) role {
	if c.user.superuser {
		return administrator
	}
	if h.organization != nil {
		m := c.s.membershipOf(c.user, h.organization)
		inContext := c.context.organization == h.organization
		switch {
		case c.s.cfg.dialect == V2_3 && !inContext, m == nil:
			return stranger
		case m.role == "owner", m.role == "maintainer":
			return maintainer
		}
	}
	switch {
	case slices.Contains(h.owners, c.user):
		return owner
	case slices.Contains(h.assignees, c.user):
		return assignee
	}
	return stranger
}

// lists says whether an object belongs into a list of this call.
func (c *call) lists(h holding) bool {
	if !c.context.holds(h.organization) {
		return false
	}
	if c.user.superuser {
		return true
	}
	if c.context.organization == nil && h.organization != nil {
		return slices.Contains(h.owners, c.user) || slices.Contains(h.assignees, c.user)
	}
	return c.roleIn(h).may(view)
}

// permit refuses what the caller may not do with an object. At 2.3 an object outside the context does not exist.
func (c *call) permit(act action, h holding, model string) *answer {
	if c.s.cfg.dialect == V2_3 && !c.context.holds(h.organization) {
		return c.s.cfg.dialect.missing(model)
	}
	if !c.roleIn(h).may(act) {
		return forbidden()
	}
	return nil
}

// mayCreate says whether the caller may create things here: workers may not, and in an organization it takes a supervisor.
func (c *call) mayCreate() bool {
	if c.user.superuser {
		return true
	}
	if !slices.ContainsFunc(c.user.groups, func(g string) bool { return g != "worker" }) {
		return false
	}
	if c.context.organization == nil {
		return true
	}
	m := c.s.membershipOf(c.user, c.context.organization)
	return m != nil && m.role != "worker"
}

// limited says whether an ordinary user of 2.3 has as many of something as he may have.
func (c *call) limited(have, limit int) bool {
	privileged := c.user.superuser || slices.Contains(c.user.groups, "business")
	return c.s.cfg.dialect == V2_3 && !privileged && have >= limit
}

// listsUser says whether a user shows in the list of users.
func (c *call) listsUser(u *user) bool {
	if c.context.organization != nil {
		return c.s.membershipOf(u, c.context.organization) != nil
	}
	return c.user.superuser || u == c.user
}

// mayUser says what the caller may do with a user.
func (c *call) mayUser(act action, u *user) bool {
	if c.user.superuser || u == c.user {
		return true
	}
	return act == view && c.context.organization != nil && c.s.membershipOf(u, c.context.organization) != nil
}

// isStaff says whether the caller is the owner or a maintainer of the organization of the call's context.
func (c *call) isStaff() bool {
	if c.context.organization == nil {
		return false
	}
	m := c.s.membershipOf(c.user, c.context.organization)
	return m != nil && (m.role == "owner" || m.role == "maintainer")
}

// listsMembership says whether a membership shows in the list of memberships.
func (c *call) listsMembership(m *membership) bool {
	return c.context.holds(m.organization) && (c.user.superuser || c.context.organization != nil || m.user == c.user)
}

// mayMembership says what the caller may do with a membership: staff governs those below, and everybody but the owner may
// leave, at 2.3 outside the context of the organization.
func (c *call) mayMembership(act action, m *membership) bool {
	own := c.s.membershipOf(c.user, m.organization)
	switch {
	case c.user.superuser:
		return true
	case own == nil:
		return false
	case act == view:
		return true
	case own == m:
		return act == remove && m.role != "owner" && (c.s.cfg.dialect == V2_73 || c.context.organization == nil)
	case own.role == "owner":
		return true
	}
	return own.role == "maintainer" && m.role != "owner" && m.role != "maintainer"
}

// listsInvitation says whether an invitation shows in the list of invitations, and so whether it can be found.
func (c *call) listsInvitation(i *invitation) bool {
	involved := i.owner == c.user || i.membership.user == c.user
	return c.context.holds(i.membership.organization) && (c.user.superuser || involved || c.isStaff())
}

// mayInvite says whether the caller may invite somebody with a role to the organization of the context.
func (c *call) mayInvite(role string) bool {
	own := c.s.membershipOf(c.user, c.context.organization)
	switch {
	case c.user.superuser:
		return true
	case own == nil:
		return false
	case own.role == "owner":
		return role != "owner"
	}
	return own.role == "maintainer" && role != "owner" && role != "maintainer"
}
