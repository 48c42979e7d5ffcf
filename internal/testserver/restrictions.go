package testserver

import "net/http"

// Agreement is something that new users of a server like 2.3 are asked to agree to.
type Agreement struct {
	Name, Text, URL string
	Required        bool
}

// AddAgreement asks new users to agree to something.
func (s *Server) AddAgreement(a Agreement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.agreements = append(s.state.agreements, a)
}

func restrictionRoutes() []route {
	return []route{
		{
			op: "restrictions_retrieve_user_agreements", method: http.MethodGet, path: "restrictions/user-agreements", in: only2_3,
			public: true, handle: listAgreements,
		},
		{
			op: "restrictions_retrieve_terms_of_use", method: http.MethodGet, path: "restrictions/terms-of-use", in: only2_3,
			public: true, renderers: []renderer{{"text/html", "html"}}, handle: readTerms,
		},
	}
}

func listAgreements(c *call) *answer {
	return ok(mapped(c.s.state.agreements, func(a Agreement) object {
		return object{{"name", a.Name}, {"url", a.URL}, {"required", a.Required}, {"value", false}, {"displayText", a.Text}}
	}))
}

func readTerms(*call) *answer {
	return plain(http.StatusOK, "<!DOCTYPE html>\n<body>\n<h1>CVAT terms of use</h1>\n<p>This is a fake.</p>\n</body>\n</html>\n")
}

// unconfirmed refuses a registration that leaves out a required agreement, and fails if it confirms nothing at all.
func (s *Server) unconfirmed(v values) *answer {
	for _, a := range s.state.agreements {
		if !a.Required {
			continue
		}
		if !v.has("confirmations") {
			return s.cfg.dialect.crash()
		}
		confirmed := false
		for _, c := range v.list("confirmations") {
			confirmed = confirmed || c["name"] == a.Name && c["value"] == true
		}
		if !confirmed {
			return invalidField("non_field_errors", "Agreement "+a.Name+" must be accepted")
		}
	}
	return nil
}
