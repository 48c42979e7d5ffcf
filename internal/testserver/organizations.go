package testserver

import (
	"cmp"
	"net/http"
	"regexp"
	"time"
)

// organization is a team that shares things.
type organization struct {
	id                      int64
	slug, name, description string
	contact                 any
	created, updated        time.Time
	owner                   *user
}

// AddOrganization makes an organization with an owner and returns its id.
func (s *Server) AddOrganization(slug, ownerName string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addOrganization(slug, s.userByName(ownerName)).id
}

func (s *Server) addOrganization(slug string, owner *user) *organization {
	at := now()
	org := s.state.organizations.add(func(id int64) *organization {
		return &organization{
			id: id, slug: slug, name: slug, contact: map[string]any{}, created: at, updated: at, owner: owner,
		}
	})
	s.addMembership(org, owner, "owner", nil)
	return org
}

func (o *organization) read(c *call) object {
	return object{
		{"id", o.id},
		{"slug", o.slug},
		{"name", o.name},
		{"description", o.description},
		{"created_date", stamp(o.created)},
		{"updated_date", stamp(o.updated)},
		{"contact", o.contact},
		{"owner", c.basicUser(o.owner)},
	}
}

func organizationRoutes() []route {
	const one = "organizations/{id}"
	return []route{
		{op: "organizations_list", method: http.MethodGet, path: "organizations", handle: listOrganizations},
		{op: "organizations_create", method: http.MethodPost, path: "organizations", handle: createOrganization},
		{op: "organizations_retrieve", method: http.MethodGet, path: one, handle: onOrganization(view, readOrganization)},
		{
			op: "organizations_partial_update", method: http.MethodPatch, path: one,
			handle: onOrganization(change, updateOrganization),
		},
		{
			op: "organizations_destroy", method: http.MethodDelete, path: one,
			handle: onOrganization(remove, destroyOrganization),
		},
	}
}

// organizationFields are those of a creation and of a change.
func organizationFields() []field {
	return []field{
		{
			name: "slug", required: true, max: 16, pattern: regexp.MustCompile(`^[-a-zA-Z0-9_]+$`),
			mismatch: `Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.`,
		},
		{name: "name", max: 64, blank: true},
		{name: "description", blank: true},
		{name: "contact", kind: anything},
	}
}

func listOrganizations(c *call) *answer {
	l := listing[organization]{
		rows: c.s.state.organizations.all(),
		fields: map[string]func(*organization) any{
			"id":    func(o *organization) any { return o.id },
			"name":  func(o *organization) any { return o.name },
			"slug":  func(o *organization) any { return o.slug },
			"owner": func(o *organization) any { return o.owner.username },
		},
		search: []string{"name", "owner"},
		simple: []string{"name", "owner", "slug"},
		sees:   func(o *organization) bool { return c.user.superuser || c.s.membershipOf(c.user, o) != nil },
		read:   func(o *organization) any { return o.read(c) },
	}
	if c.s.cfg.dialect == V2_3 {
		return l.array(c)
	}
	l.search = append(l.search, "slug")
	return l.page(c)
}

func createOrganization(c *call) *answer {
	owned := 0
	for _, o := range c.s.state.organizations.rows {
		if o.owner == c.user {
			owned++
		}
	}
	if c.context.organization == nil && !c.mayCreate() || c.limited(owned, 1) {
		return forbidden()
	}
	v, refusal := c.take(organizationFields(), false)
	if refusal != nil {
		return refusal
	}
	if c.s.slugTaken(v.text("slug"), nil) {
		return invalidField("slug", slugTaken)
	}
	o := c.s.addOrganization(v.text("slug"), c.user)
	o.set(v)
	o.name = cmp.Or(o.name, o.slug)
	return reply(http.StatusCreated, o.read(c))
}

const slugTaken = "organization with this slug already exists."

// slugTaken says whether an organization other than one has a slug.
func (s *Server) slugTaken(slug string, one *organization) bool {
	for _, o := range s.state.organizations.rows {
		if o.slug == slug && o != one {
			return true
		}
	}
	return false
}

// onOrganization finds the organization, which exists for its members only.
func onOrganization(act action, handle func(*call, *organization) *answer) handler {
	return func(c *call) *answer {
		id, _ := c.id()
		o := c.s.state.organizations.rows[id]
		if o == nil || !c.user.superuser && c.s.membershipOf(c.user, o) == nil {
			return c.s.cfg.dialect.missing("Organization")
		}
		m := c.s.membershipOf(c.user, o)
		changes := c.user.superuser || m.role == "owner" || m.role == "maintainer" && act == change
		if act != view && !changes {
			return forbidden()
		}
		return handle(c, o)
	}
}

func readOrganization(c *call, o *organization) *answer { return ok(o.read(c)) }

func updateOrganization(c *call, o *organization) *answer {
	v, refusal := c.takeKnown(organizationFields())
	if refusal != nil {
		return refusal
	}
	if c.s.slugTaken(v.text("slug"), o) {
		return invalidField("slug", slugTaken)
	}
	o.set(v)
	o.updated = now()
	return ok(o.read(c))
}

func (o *organization) set(v values) {
	if v.has("slug") {
		o.slug = v.text("slug")
	}
	if v.has("name") {
		o.name = v.text("name")
	}
	if v.has("description") {
		o.description = v.text("description")
	}
	if v.has("contact") {
		o.contact = v["contact"]
	}
}

// destroyOrganization deletes it with its memberships. Its things become personal ones.
func destroyOrganization(c *call, o *organization) *answer {
	st := &c.s.state
	delete(st.organizations.rows, o.id)
	for id, m := range st.memberships.rows {
		if m.organization == o {
			delete(st.memberships.rows, id)
		}
	}
	for key, i := range st.invitations {
		if i.membership.organization == o {
			delete(st.invitations, key)
		}
	}
	for _, p := range st.projects.rows {
		if p.organization == o {
			p.organization = nil
		}
	}
	for _, t := range st.tasks.rows {
		if t.organization == o {
			t.organization = nil
		}
	}
	return empty(http.StatusNoContent)
}
