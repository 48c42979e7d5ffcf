package testserver

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cloudStorage is a bucket that the server may use.
type cloudStorage struct {
	id                                    int64
	provider, resource, name, description string
	credentialsType, credentials          string
	attributes                            string
	manifests                             []string
	owner                                 *user
	organization                          *organization
	created, updated                      time.Time
}

func (st *cloudStorage) holding() holding {
	return holding{organization: st.organization, owners: []*user{st.owner}}
}

func (st *cloudStorage) read(c *call) object {
	return object{
		{"id", st.id},
		{"owner", c.basicUser(st.owner)},
		{"manifests", append([]string{}, st.manifests...)},
		{"created_date", stamp(st.created)},
		{"updated_date", stamp(st.updated)},
		{"provider_type", st.provider},
		{"resource", st.resource},
		{"display_name", st.name},
		{"credentials_type", st.credentialsType},
		{"specific_attributes", st.attributes},
		{"description", st.description},
		{"organization", idOrNull(st.organization)},
	}
}

func cloudStorageRoutes() []route {
	const one = "cloudstorages/{id}"
	return []route{
		{op: "cloudstorages_list", method: http.MethodGet, path: "cloudstorages", handle: listCloudStorages},
		{op: "cloudstorages_create", method: http.MethodPost, path: "cloudstorages", bodies: fileBodies, handle: createCloudStorage},
		{op: "cloudstorages_retrieve", method: http.MethodGet, path: one, handle: onCloudStorage(view, func(c *call, st *cloudStorage) *answer {
			return ok(st.read(c))
		})},
		{op: "cloudstorages_partial_update", method: http.MethodPatch, path: one, bodies: fileBodies, handle: onCloudStorage(change, updateCloudStorage)},
		{op: "cloudstorages_destroy", method: http.MethodDelete, path: one, handle: onCloudStorage(remove, func(c *call, st *cloudStorage) *answer {
			delete(c.s.state.cloudStorages.rows, st.id)
			return empty(http.StatusNoContent)
		})},
		{op: "cloudstorages_retrieve_status", method: http.MethodGet, path: one + "/status", handle: muffled(cloudStorageStatus)},
		{op: "cloudstorages_retrieve_actions", method: http.MethodGet, path: one + "/actions", handle: muffled(cloudStorageActions)},
		{op: "cloudstorages_retrieve_content", method: http.MethodGet, path: one + "/content", in: only2_3, handle: muffled(manifestContent)},
		{op: "cloudstorages_retrieve_content_v2", method: http.MethodGet, path: one + "/content-v2", in: only2_73, handle: muffled(cloudStorageContent)},
		{op: "cloudstorages_retrieve_preview", method: http.MethodGet, path: one + "/preview", handle: muffled(cloudStoragePreview)},
	}
}

func listCloudStorages(c *call) *answer {
	l := listing[cloudStorage]{
		rows: c.s.state.cloudStorages.all(),
		fields: map[string]func(*cloudStorage) any{
			"id":               func(st *cloudStorage) any { return st.id },
			"provider_type":    func(st *cloudStorage) any { return st.provider },
			"resource":         func(st *cloudStorage) any { return st.resource },
			"credentials_type": func(st *cloudStorage) any { return st.credentialsType },
			"owner":            func(st *cloudStorage) any { return nameOf(st.owner) },
			"description":      func(st *cloudStorage) any { return st.description },
		},
		search: []string{"resource", "owner", "description"},
		simple: []string{"resource", "credentials_type", "owner"},
		sees:   func(st *cloudStorage) bool { return c.lists(st.holding()) || c.supervises(st.organization) },
		read:   func(st *cloudStorage) any { return st.read(c) },
	}
	name := "name"
	if c.s.cfg.dialect == V2_3 {
		name = "display_name"
	}
	l.fields[name] = func(st *cloudStorage) any { return st.name }
	l.search, l.simple = append(l.search, name), append(l.simple, name)
	if provider := c.query.Get("provider_type"); provider != "" { // the only such parameter that 2.3 knows
		if !slices.Contains(providers(c.s.cfg.dialect), provider) {
			return invalid("Unsupported type of cloud provider")
		}
		l.rows = slices.DeleteFunc(l.rows, func(st *cloudStorage) bool { return st.provider != provider })
	}
	return l.page(c)
}

func providers(d Dialect) []string {
	known := []string{"AWS_S3_BUCKET", "AZURE_CONTAINER", "GOOGLE_CLOUD_STORAGE"}
	if d == V2_3 {
		known = append(known, "GOOGLE_DRIVE")
	}
	return known
}

func cloudStorageFields(d Dialect) []field {
	types, secret := []string{"KEY_SECRET_KEY_PAIR", "ACCOUNT_NAME_TOKEN_PAIR", "KEY_FILE_PATH", "ANONYMOUS_ACCESS"}, 44
	fields := []field{
		{name: "provider_type", kind: choice, choices: providers(d), required: true},
		{name: "resource", required: true, max: 222},
		{name: "display_name", required: true, max: 63},
	}
	if d == V2_73 {
		types, secret = append(types, "CONNECTION_STRING"), 64
	}
	fields = append(fields, []field{
		{name: "credentials_type", kind: choice, choices: types, required: true},
		{name: "session_token", max: 440, blank: true},
		{name: "account_name", max: 24, blank: true},
		{name: "key", max: 40, blank: true},
		{name: "secret_key", max: secret, blank: true},
		{name: "specific_attributes", max: 1024, blank: true},
		{name: "description", blank: true},
		{name: "manifests", kind: list, items: &field{max: 1024}},
	}...)
	if d == V2_73 {
		fields = append(fields, field{name: "connection_string", max: 1024, blank: true})
	}
	return fields
}

func createCloudStorage(c *call) *answer {
	if !c.mayCreate() || c.context.organization != nil && !c.roleIn(holding{organization: c.context.organization}).may(assign) {
		return forbidden()
	}
	v, errs, refusal := c.check(cloudStorageFields(c.s.cfg.dialect), false)
	if refusal != nil {
		return refusal
	}
	at := now()
	st := &cloudStorage{provider: v.text("provider_type"), owner: c.user, organization: c.context.organization, created: at, updated: at}
	st.set(c, v)
	if len(errs) == 0 {
		errs = st.enter(c)
	}
	if len(errs) > 0 {
		return plainErrors(errs)
	}
	same := func(other *cloudStorage) bool {
		return other.provider == st.provider && other.resource == st.resource && other.credentials == st.credentials
	}
	if c.s.cfg.dialect == V2_3 && len(c.s.state.cloudStorages.where(same)) > 0 {
		return plain(http.StatusBadRequest, "Same storage already exists")
	}
	c.s.state.cloudStorages.add(func(id int64) *cloudStorage { st.id = id; return st })
	return reply(http.StatusCreated, st.read(c))
}

// plainErrors writes the first error of each field on a line.
func plainErrors(errs object) *answer {
	var lines strings.Builder
	for _, e := range errs {
		message, _ := e.value.(string)
		if list, isList := e.value.([]string); isList {
			message = list[0]
		}
		lines.WriteString(e.name + ": " + message + "\n")
	}
	return plain(http.StatusBadRequest, lines.String())
}

func updateCloudStorage(c *call, st *cloudStorage) *answer {
	v, refusal := c.takeKnown(cloudStorageFields(c.s.cfg.dialect))
	if refusal != nil {
		return refusal
	}
	changed := *st
	changed.set(c, v)
	if errs := changed.enter(c); len(errs) > 0 {
		return reply(http.StatusBadRequest, errs)
	}
	changed.updated = now()
	*st = changed
	return ok(st.read(c))
}

// set changes what a request gives. Manifests that it does not name are forgotten.
func (st *cloudStorage) set(c *call, v values) {
	for name, target := range map[string]*string{
		"resource": &st.resource, "display_name": &st.name, "description": &st.description,
		"credentials_type": &st.credentialsType, "specific_attributes": &st.attributes,
	} {
		if v.has(name) {
			*target = v.text(name)
		}
	}
	st.manifests = v.texts("manifests")
	if !v.has("credentials_type") {
		return
	}
	st.credentials = strings.Join([]string{v.text("key"), v.text("secret_key"), v.text("account_name"), v.text("session_token"), v.text("connection_string")}, " ")
	if file := c.body.file("key_file"); file != nil {
		st.credentials = string(file.blob.data)
	}
}

// enter says what keeps the server from using the storage.
func (st *cloudStorage) enter(c *call) object {
	files, exists := c.s.state.buckets[st.resource]
	if !exists {
		return object{{"resource", "The resource " + st.resource + " not found. It may have been deleted."}}
	}
	for _, manifest := range st.manifests {
		if _, exists := files[manifest]; !exists {
			return object{{"manifests", "The '" + manifest + "' file does not exist on '" + st.resource + "' cloud storage"}}
		}
	}
	return nil
}

// supervises says whether the caller may see everything that is stored for an organization.
func (c *call) supervises(o *organization) bool {
	if o == nil || c.context.organization != o {
		return false
	}
	m := c.s.membershipOf(c.user, o)
	return m != nil && m.role != "worker"
}

// cloudStorage finds a storage and checks the right to act on it.
func (c *call) cloudStorage(act action) (*cloudStorage, *answer) {
	id, isNumber := c.id()
	st := c.s.state.cloudStorages.rows[id]
	switch {
	case !isNumber:
		return nil, detail(http.StatusNotFound, "Not found.")
	case st == nil:
		return nil, c.s.cfg.dialect.missing("CloudStorage")
	case act == view && c.supervises(st.organization):
		return st, nil
	}
	return st, c.permit(act, st.holding(), "CloudStorage")
}

func onCloudStorage(act action, handle func(*call, *cloudStorage) *answer) handler {
	return func(c *call) *answer {
		st, refusal := c.cloudStorage(act)
		if refusal != nil {
			return refusal
		}
		return handle(c, st)
	}
}

// muffled is onCloudStorage for the views that catch the refusals themselves and answer otherwise.
func muffled(handle func(*call, *cloudStorage) *answer) handler {
	return func(c *call) *answer {
		st, refusal := c.cloudStorage(view)
		strict := strings.HasSuffix(c.path, "/preview") || strings.HasSuffix(c.path, "/content-v2")
		switch {
		case refusal == nil:
			return handle(c, st)
		case refusal.status == http.StatusForbidden && strict:
			return refusal
		case refusal.status == http.StatusForbidden:
			return plain(http.StatusBadRequest, "You do not have permission to perform this action.")
		case strict && c.s.cfg.dialect == V2_73:
			return bare(http.StatusInternalServerError, "An internal error has occurred")
		}
		return plain(http.StatusBadRequest, "No CloudStorage matches the given query.")
	}
}

func cloudStorageStatus(c *call, st *cloudStorage) *answer {
	status := "AVAILABLE"
	if _, exists := c.s.state.buckets[st.resource]; !exists {
		status = "NOT_FOUND"
	}
	if c.s.cfg.dialect == V2_3 {
		return plain(http.StatusOK, status)
	}
	return bare(http.StatusOK, status)
}

// cloudStorageActions answers with nothing where the server cannot ask the provider.
func cloudStorageActions(c *call, st *cloudStorage) *answer {
	switch {
	case st.provider != "AWS_S3_BUCKET":
		return newAnswer(http.StatusOK, "text/plain", nil)
	case c.s.cfg.dialect == V2_3: // it is a set there
		return labelledText(ok([]string{"write", "read"}))
	}
	return labelledText(ok([]string{"read", "write"}))
}

// labelledText calls JSON plain text.
func labelledText(a *answer) *answer {
	a.contentType = "text/plain"
	return a
}

func manifestContent(c *call, st *cloudStorage) *answer {
	if len(st.manifests) == 0 {
		return plain(http.StatusBadRequest, "There is no manifest file")
	}
	manifest := cmp.Or(c.query.Get("manifest_path"), st.manifests[0])
	files := c.s.state.buckets[st.resource]
	if _, exists := files[manifest]; !exists {
		return bare(http.StatusNotFound, "Not found on the cloud storage "+st.name+" "+manifest)
	}
	return labelledText(ok(files.listed(manifest)))
}

// cloudStorageContent lists what lies below a prefix, in the bucket or in a manifest, page by page.
func cloudStorageContent(c *call, st *cloudStorage) *answer {
	files, exists := c.s.state.buckets[st.resource]
	if !exists {
		return bare(http.StatusNotFound, "The resource "+st.resource+" not found. It may have been deleted.")
	}
	names := sortedKeys(files)
	if manifest := c.query.Get("manifest_path"); manifest != "" {
		if _, exists := files[manifest]; !exists {
			return bare(http.StatusNotFound, "The file '"+manifest+"' not found on the cloud storage '"+st.resource+"'")
		}
		names = files.listed(manifest)
		slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(naturalKey(a), naturalKey(b)) })
	}
	entries := below(names, strings.TrimPrefix(c.query.Get("prefix"), "/"))
	const most = 500
	size, err := strconv.Atoi(cmp.Or(c.query.Get("page_size"), strconv.Itoa(most)))
	if err != nil || size < 0 {
		return plain(http.StatusBadRequest, "Wrong value for page_size was found")
	}
	from, _ := strconv.Atoi(c.query.Get("next_token")) // no token is the beginning
	from = min(from, len(entries))
	to := min(from+min(size, most), len(entries))
	var next any
	if to < len(entries) {
		next = fmt.Sprintf("%032d", to)
	}
	return ok(object{{"next", next}, {"content", entries[from:to]}})
}

// cloudStoragePreview answers with the first picture of a manifest.
func cloudStoragePreview(c *call, st *cloudStorage) *answer {
	files := c.s.state.buckets[st.resource]
	for _, manifest := range st.manifests {
		for _, name := range files.listed(manifest) {
			content, _ := (&frame{name: name, blob: newBlob(files[name])}).content(false, 80)
			return newAnswer(http.StatusOK, "image/jpeg", content)
		}
	}
	if c.s.cfg.dialect == V2_3 {
		return plain(http.StatusBadRequest, "Cannot get the cloud storage preview. There is no manifest file")
	}
	return plain(http.StatusNotFound, "Cloud storage preview not found")
}
