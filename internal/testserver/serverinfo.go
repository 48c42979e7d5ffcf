package testserver

import "net/http"

func serverRoutes() []route {
	return []route{
		{op: "server_retrieve_about", method: http.MethodGet, path: "server/about", in: only2_3, handle: readAbout},
		{
			op: "server_retrieve_about", method: http.MethodGet, path: "server/about", in: only2_73, open: true,
			handle: readAbout,
		},
		{
			op: "server_retrieve_annotation_formats", method: http.MethodGet, path: "server/annotation/formats",
			handle: readFormats,
		},
		{op: "server_retrieve_plugins", method: http.MethodGet, path: "server/plugins", handle: readPlugins},
		{op: "server_create_logs", method: http.MethodPost, path: "server/logs", in: only2_3, handle: createLogs},
		{
			op: "server_create_exception", method: http.MethodPost, path: "server/exception", in: only2_3,
			handle: createException,
		},
	}
}

func readAbout(c *call) *answer {
	about := object{
		{"name", "Computer Vision Annotation Tool"},
		{"description", "A fake CVAT for tests: it answers what a real one does."},
		{"version", c.s.cfg.dialect.String()},
	}
	if c.s.cfg.dialect == V2_73 {
		about = append(about,
			member{"logo_url", c.url("/static/logo.svg")},
			member{"subtitle", "Open Data Annotation Platform"},
		)
	}
	return ok(about)
}

func readFormats(c *call) *answer {
	list := func(formats []format) []object {
		out := make([]object, 0, len(formats))
		for _, f := range formats {
			out = append(out, f.read())
		}
		return out
	}
	d := c.s.cfg.dialect
	return ok(object{{"importers", list(d.importers())}, {"exporters", list(d.exporters())}})
}

func readPlugins(c *call) *answer {
	if c.s.cfg.dialect == V2_3 {
		return ok(object{{"GIT_INTEGRATION", true}, {"ANALYTICS", 0}, {"MODELS", 0}, {"PREDICT", false}})
	}
	return ok(object{{"ANALYTICS", true}, {"MODELS", false}})
}
