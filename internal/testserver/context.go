package testserver

import (
	"net/http"
	"strconv"
)

// orgContext is where a call plays: everywhere, in the caller's personal space, or in an organization.
type orgContext struct {
	personal     bool
	organization *organization
}

// holds says whether things of an organization, or personal ones if it is nil, show in the context.
func (o orgContext) holds(org *organization) bool {
	switch {
	case o.personal:
		return org == nil
	case o.organization != nil:
		return org == o.organization
	}
	return true
}

// enterOrganization finds the context in org, org_id and X-Organization.
func (s *Server) enterOrganization(c *call) *answer {
	header, inHeader := c.r.Header["X-Organization"]
	slug, byID := c.query.Get("org"), c.query.Has("org_id")
	if inHeader && c.query.Has("org") && header[0] != slug {
		return s.cfg.dialect.contradiction("You cannot specify \"org\" query parameter and \"X-Organization\" HTTP header " +
			"with different values.")
	}
	if inHeader {
		slug = header[0]
	}
	named := inHeader || c.query.Has("org")
	switch {
	case named && byID:
		return s.cfg.dialect.contradiction("You cannot specify \"org_id\" query parameter with \"org\" query parameter or " +
			"\"X-Organization\" HTTP header at the same time.")
	case byID:
		return s.enterByID(c)
	case !named || c.user == nil:
		return nil
	case slug == "":
		c.context.personal = true
		return nil
	}
	for _, org := range s.state.organizations.rows {
		if org.slug == slug {
			return s.enterContext(c, org)
		}
	}
	return s.cfg.dialect.noOrganization(slug)
}

func (s *Server) enterByID(c *call) *answer {
	raw := c.query.Get("org_id")
	if raw == "" {
		c.context.personal = true
		return nil
	}
	id, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		return s.cfg.dialect.crash()
	}
	if org := s.state.organizations.rows[id]; org != nil {
		return s.enterContext(c, org)
	}
	return s.cfg.dialect.noOrganization(raw)
}

// enterContext checks the membership. Single objects of the newer server have their own organization as the context.
func (s *Server) enterContext(c *call, org *organization) *answer {
	if !c.user.superuser && s.membershipOf(c.user, org) == nil {
		return detail(http.StatusForbidden, "You should be an active member in the organization.")
	}
	c.context.organization = org
	return nil
}

func (d Dialect) contradiction(text string) *answer {
	if d == V2_3 {
		return d.badRequest()
	}
	return invalid(text)
}

func (d Dialect) noOrganization(name string) *answer {
	if d == V2_3 {
		return d.badRequest()
	}
	return detail(http.StatusNotFound, name+" organization does not exist.")
}
