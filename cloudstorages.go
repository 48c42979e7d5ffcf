package cvat

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-querystring/query"

	"github.com/go-cvat/cvat/models"
)

// Operations of the CloudStorages service.
var (
	OpCloudstoragesList              = Operation{ID: "cloudstorages_list", Method: http.MethodGet, Path: "/api/cloudstorages", Replay: Repeatable}
	OpCloudstoragesCreate            = Operation{ID: "cloudstorages_create", Method: http.MethodPost, Path: "/api/cloudstorages"}
	OpCloudstoragesRetrieve          = Operation{ID: "cloudstorages_retrieve", Method: http.MethodGet, Path: "/api/cloudstorages/{id}", Replay: Repeatable}
	OpCloudstoragesPartialUpdate     = Operation{ID: "cloudstorages_partial_update", Method: http.MethodPatch, Path: "/api/cloudstorages/{id}"}
	OpCloudstoragesDestroy           = Operation{ID: "cloudstorages_destroy", Method: http.MethodDelete, Path: "/api/cloudstorages/{id}", Replay: Repeatable}
	OpCloudstoragesRetrieveActions   = Operation{ID: "cloudstorages_retrieve_actions", Method: http.MethodGet, Path: "/api/cloudstorages/{id}/actions", Replay: Repeatable}
	OpCloudstoragesRetrieveContent   = Operation{ID: "cloudstorages_retrieve_content", Method: http.MethodGet, Path: "/api/cloudstorages/{id}/content", Until: "2.8.2", Replay: Repeatable}
	OpCloudstoragesRetrieveContentV2 = Operation{ID: "cloudstorages_retrieve_content_v2", Method: http.MethodGet, Path: "/api/cloudstorages/{id}/content-v2", Since: "2.4.5", Replay: Repeatable}
	OpCloudstoragesRetrievePreview   = Operation{ID: "cloudstorages_retrieve_preview", Method: http.MethodGet, Path: "/api/cloudstorages/{id}/preview", Replay: Repeatable}
	OpCloudstoragesRetrieveStatus    = Operation{ID: "cloudstorages_retrieve_status", Method: http.MethodGet, Path: "/api/cloudstorages/{id}/status", Replay: Repeatable}
)

// The fields that cloud storages can be filtered by. The name is none of them: servers until 2.3 call it display_name, and
// later ones name.
const (
	CloudStorageFieldID              IntField    = "id"
	CloudStorageFieldProviderType    StringField = "provider_type"
	CloudStorageFieldResource        StringField = "resource"
	CloudStorageFieldCredentialsType StringField = "credentials_type"
	CloudStorageFieldOwner           UserField   = "owner"
	CloudStorageFieldDescription     StringField = "description"
)

// CloudStoragesService attaches, reads, changes and detaches cloud storages.
type CloudStoragesService service

// CloudStorageListOptions narrow a list of cloud storages.
type CloudStorageListOptions struct {
	ListOptions
	// ProviderType is the provider.
	ProviderType models.ProviderType
	// Resource is the exact name of the bucket or container.
	Resource string
	// CredentialsType is how the server enters the storage.
	CredentialsType models.CredentialsType
	// Owner is a user name.
	Owner string
}

func (s *CloudStoragesService) list(opts *CloudStorageListOptions, call []CallOption) list[models.CloudStorage] {
	l := list[models.CloudStorage]{
		client: s.client, op: OpCloudstoragesList, sort: "id", id: func(c *models.CloudStorage) any { return c.ID }, call: call,
	}
	if opts != nil {
		l.opts = opts.ListOptions
		l.opts.Filter = And(opts.Filter,
			CloudStorageFieldProviderType.eqUnlessZero(string(opts.ProviderType)),
			CloudStorageFieldResource.eqUnlessZero(opts.Resource),
			CloudStorageFieldCredentialsType.eqUnlessZero(string(opts.CredentialsType)),
			CloudStorageFieldOwner.eqUnlessZero(opts.Owner))
	}
	return l
}

// List returns one page of the cloud storages that the caller may see.
//
// CVAT API: GET /api/cloudstorages (cloudstorages_list)
func (s *CloudStoragesService) List(ctx context.Context, opts *CloudStorageListOptions, call ...CallOption) ([]*models.CloudStorage, *Response, error) {
	return s.list(opts, call).one(ctx)
}

// All walks through all cloud storages that the caller may see; see [ListOptions].
//
// CVAT API: GET /api/cloudstorages (cloudstorages_list)
func (s *CloudStoragesService) All(ctx context.Context, opts *CloudStorageListOptions, call ...CallOption) iter.Seq2[*models.CloudStorage, error] {
	return s.list(opts, call).all(ctx)
}

// Get returns a cloud storage, without its credentials.
//
// CVAT API: GET /api/cloudstorages/{id} (cloudstorages_retrieve)
func (s *CloudStoragesService) Get(ctx context.Context, id int64, opts ...CallOption) (*models.CloudStorage, *Response, error) {
	return fetch[models.CloudStorage](ctx, s.client, call{op: OpCloudstoragesRetrieve, args: []any{id}}, opts)
}

// Create attaches a bucket or container. The server enters it at once: one that is not there or does not let the server
// in matches [ErrInvalid], and so do manifests that are not there and, on old servers, a storage that is attached
// already with the same credentials.
//
// CVAT API: POST /api/cloudstorages (cloudstorages_create)
func (s *CloudStoragesService) Create(ctx context.Context, body models.CloudStorageCreate, opts ...CallOption) (*models.CloudStorage, *Response, error) {
	err := cmp.Or(
		checkFilled("CloudStorageCreate", "ProviderType", string(body.ProviderType), "Resource", body.Resource, "DisplayName", body.DisplayName),
		checkLengths("CloudStorageCreate", maxResource, "Resource", body.Resource),
		checkLengths("CloudStorageCreate", maxDisplayName, "DisplayName", body.DisplayName),
		checkCredentials(body.Credentials))
	if err != nil {
		return nil, &Response{}, err
	}
	return s.write(ctx, call{op: OpCloudstoragesCreate}, body, body.KeyFile, opts)
}

// Update changes the fields that are set in body and returns the whole storage, which the server must be able to enter
// then. Servers forget all manifests that body does not name, so body must name them; an empty list forgets them all.
// [CloudStoragesService.UpdateKeepingManifests] looks them up.
//
// CVAT API: PATCH /api/cloudstorages/{id} (cloudstorages_partial_update)
func (s *CloudStoragesService) Update(ctx context.Context, id int64, body models.CloudStoragePatch, opts ...CallOption) (*models.CloudStorage, *Response, error) {
	if body.Manifests == nil {
		return nil, &Response{}, &ArgumentError{
			Field: "CloudStoragePatch.Manifests", Reason: "is nil, which would make the server forget them: give them all, or use UpdateKeepingManifests",
		}
	}
	err := cmp.Or(
		checkPatched("CloudStoragePatch.Resource", body.Resource),
		checkPatched("CloudStoragePatch.DisplayName", body.DisplayName),
		checkLengths("CloudStoragePatch", maxResource, "Resource", valueOf(body.Resource)),
		checkLengths("CloudStoragePatch", maxDisplayName, "DisplayName", valueOf(body.DisplayName)))
	if !reflect.ValueOf(body.Credentials).IsZero() {
		err = cmp.Or(err, checkCredentials(body.Credentials))
	}
	if err != nil {
		return nil, &Response{}, err
	}
	return s.write(ctx, call{op: OpCloudstoragesPartialUpdate, args: []any{id}}, body, body.KeyFile, opts)
}

// UpdateKeepingManifests changes the fields that are set in body and keeps the manifests that the storage has, unless
// body names others. A manifest that is added between its two calls is lost.
//
// It uses cloudstorages_retrieve and cloudstorages_partial_update.
func (s *CloudStoragesService) UpdateKeepingManifests(ctx context.Context, id int64, body models.CloudStoragePatch) (*models.CloudStorage, error) {
	if body.Manifests == nil {
		current, _, err := s.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		body.Manifests = append([]string{}, current.Manifests...)
	}
	updated, _, err := s.Update(ctx, id, body)
	return updated, err
}

// Delete detaches a cloud storage. What is stored there stays.
//
// CVAT API: DELETE /api/cloudstorages/{id} (cloudstorages_destroy)
func (s *CloudStoragesService) Delete(ctx context.Context, id int64, opts ...CallOption) (*Response, error) {
	return s.client.perform(ctx, call{op: OpCloudstoragesDestroy, args: []any{id}}, nil, opts)
}

// Status says whether the server can enter the storage now. An id that does not exist matches [ErrInvalid] here.
//
// CVAT API: GET /api/cloudstorages/{id}/status (cloudstorages_retrieve_status)
func (s *CloudStoragesService) Status(ctx context.Context, id int64, opts ...CallOption) (models.CloudStorageStatus, *Response, error) {
	var status models.CloudStorageStatus
	resp, err := s.read(ctx, call{op: OpCloudstoragesRetrieveStatus, args: []any{id}}, &status, quotedStatus, opts)
	return status, resp, err
}

// Actions returns what the server may do with the storage; nothing where it cannot tell, as with Azure and Google. An id
// that does not exist matches [ErrInvalid] here.
//
// CVAT API: GET /api/cloudstorages/{id}/actions (cloudstorages_retrieve_actions)
func (s *CloudStoragesService) Actions(ctx context.Context, id int64, opts ...CallOption) ([]models.CloudStorageAction, *Response, error) {
	var actions []models.CloudStorageAction
	resp, err := s.read(ctx, call{op: OpCloudstoragesRetrieveActions, args: []any{id}}, &actions, listOrNothing, opts)
	return actions, resp, err
}

// ManifestContent returns the paths of the pictures in a manifest of the storage: the one at manifestPath, or the first if
// that is empty. A manifest that is not there matches [ErrNotFound]; a storage without manifests, or an id that does not
// exist, [ErrInvalid]. Servers since 2.9 do not have it: see [CloudStoragesService.Content].
//
// CVAT API: GET /api/cloudstorages/{id}/content (cloudstorages_retrieve_content)
func (s *CloudStoragesService) ManifestContent(ctx context.Context, id int64, manifestPath string, opts ...CallOption) ([]string, *Response, error) {
	values := url.Values{}
	if manifestPath != "" {
		values.Set("manifest_path", manifestPath)
	}
	var paths []string
	resp, err := s.client.perform(ctx, call{op: OpCloudstoragesRetrieveContent, args: []any{id}, query: values}, &paths, opts)
	return paths, resp, err
}

// CloudStorageContentOptions say what to list of a cloud storage.
type CloudStorageContentOptions struct {
	// ManifestPath lists what that manifest says is in the folder, instead of what is really there. One that is not there
	// matches [ErrNotFound].
	ManifestPath string `url:"manifest_path,omitempty"`
	// Prefix is the folder, with its slash at the end. Empty is the root.
	Prefix string `url:"prefix,omitempty"`
	// NextToken asks for a page after the first: Next of the page before it.
	NextToken string `url:"next_token,omitempty"`
	// PageSize is at most 500, which is the default too.
	PageSize int `url:"page_size,omitempty"`
}

// Content returns one page of what lies in a folder of the storage. Servers before 2.4.5 do not have it: see
// [CloudStoragesService.ManifestContent].
//
// CVAT API: GET /api/cloudstorages/{id}/content-v2 (cloudstorages_retrieve_content_v2)
func (s *CloudStoragesService) Content(ctx context.Context, id int64, opts *CloudStorageContentOptions, options ...CallOption) (*models.CloudStorageContent, *Response, error) {
	if opts == nil {
		opts = &CloudStorageContentOptions{}
	}
	if opts.PageSize < 0 {
		return nil, &Response{}, &ArgumentError{Field: "CloudStorageContentOptions.PageSize", Reason: "is negative"}
	}
	values, err := query.Values(opts)
	if err != nil {
		return nil, &Response{}, &ArgumentError{Field: "CloudStorageContentOptions", Reason: "cannot be encoded", Err: err}
	}
	return fetch[models.CloudStorageContent](ctx, s.client, call{op: OpCloudstoragesRetrieveContentV2, args: []any{id}, query: values}, options)
}

// Preview returns a small picture of what the storage holds, taken from its first manifest with a picture. A storage
// without manifests matches [ErrInvalid] on old servers and [ErrNotFound] on new ones. The caller closes the content.
//
// CVAT API: GET /api/cloudstorages/{id}/preview (cloudstorages_retrieve_preview)
func (s *CloudStoragesService) Preview(ctx context.Context, id int64, opts ...CallOption) (*Content, *Response, error) {
	return s.client.open(ctx, call{op: OpCloudstoragesRetrievePreview, args: []any{id}}, opts)
}

// write sends a body as JSON or, with a key file, as a form.
func (s *CloudStoragesService) write(ctx context.Context, cl call, body any, keyFile []byte, opts []CallOption) (*models.CloudStorage, *Response, error) {
	cl.in = body
	if keyFile != nil {
		fields, err := formFields(body)
		if err != nil {
			return nil, &Response{}, &ArgumentError{Field: "body of " + cl.op.ID, Reason: "cannot be encoded", Err: err}
		}
		files, err := Bytes("key.json", keyFile).files()
		if err != nil {
			return nil, &Response{}, err
		}
		if cl.body, err = multipartBody(fields, files, func(int) string { return "key_file" }); err != nil {
			return nil, &Response{}, err
		}
		cl.in = nil
	}
	storage, resp, err := fetch[models.CloudStorage](ctx, s.client, cl, opts)
	nameFields(err)
	return storage, resp, err
}

// read makes a call whose answer becomes JSON only through a correction.
func (s *CloudStoragesService) read(ctx context.Context, cl call, out any, correct func([]byte) []byte, opts []CallOption) (*Response, error) {
	answer, resp, err := s.client.send(ctx, cl, false, opts)
	if err != nil {
		return resp, err
	}
	defer answer.cancel()
	defer answer.http.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(answer.http.Body); err != nil {
		return resp, err
	}
	answer.http.Body = io.NopCloser(bytes.NewReader(correct(text.Bytes())))
	return resp, answer.decode(out)
}

// quotedStatus makes JSON of the bare word that servers before 2.3.0 answer.
func quotedStatus(answer []byte) []byte {
	known := []models.CloudStorageStatus{models.CloudStorageStatusAvailable, models.CloudStorageStatusNotFound, models.CloudStorageStatusForbidden}
	if slices.Contains(known, models.CloudStorageStatus(answer)) {
		return strconv.AppendQuote(nil, string(answer))
	}
	return answer
}

// listOrNothing makes JSON of nothing.
func listOrNothing(answer []byte) []byte {
	if len(answer) == 0 {
		return []byte("[]")
	}
	return answer
}

// checkCredentials refuses credentials that lack something: an empty one often is an unset variable.
func checkCredentials(c models.Credentials) error {
	var needed map[string]string
	switch c.Type {
	case "":
		return &ArgumentError{Field: "Credentials.Type", Reason: "is empty"}
	case models.CredentialsTypeKeySecretKeyPair:
		needed = map[string]string{"Key": c.Key, "SecretKey": c.SecretKey}
	case models.CredentialsTypeAccountNameTokenPair:
		needed = map[string]string{"AccountName": c.AccountName, "SessionToken": c.SessionToken}
	case models.CredentialsTypeConnectionString:
		needed = map[string]string{"ConnectionString": c.ConnectionString}
	case models.CredentialsTypeKeyFilePath, models.CredentialsTypeAnonymousAccess: // the server may do without
	}
	if err := cmp.Or(checkLengths("Credentials", maxKey, "Key", c.Key), checkLengths("Credentials", maxSessionToken, "SessionToken", c.SessionToken)); err != nil {
		return err
	}
	for _, field := range slices.Sorted(maps.Keys(needed)) {
		if needed[field] == "" {
			return &ArgumentError{Field: "Credentials." + field, Reason: "is empty: credentials of the type " + string(c.Type) + " need it"}
		}
	}
	return nil
}

var fieldName = regexp.MustCompile(`^[a-z_]+$`)

// nameFields fills the Fields of a refusal that came as lines of text, each of a field and a message. Other text stays.
func nameFields(err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Fields != nil || e.StatusCode != http.StatusBadRequest || e.Detail == "" {
		return
	}
	fields := map[string][]string{}
	for line := range strings.Lines(e.Detail) {
		name, message, found := strings.Cut(strings.TrimSpace(line), ": ")
		if !found || !fieldName.MatchString(name) {
			return
		}
		fields[name] = append(fields[name], message)
	}
	e.Fields = fields
}
