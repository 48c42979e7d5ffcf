package cvat_test

import (
	"bytes"
	"errors"
	"image"
	_ "image/jpeg"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// pictureBucket is what lies in a bucket of three pictures, two of which are in a manifest.
func pictureBucket(t *testing.T) map[string][]byte {
	t.Helper()
	return map[string][]byte{
		"street/a.png": picture(t, 0), "street/b.png": picture(t, 1), "c.png": picture(t, 2),
		"street/manifest.jsonl": []byte(`{"version":"1.1"}` + "\n" + `{"type":"images"}` + "\n" +
			`{"name":"a","extension":".png"}` + "\n" + `{"name":"b","extension":".png"}` + "\n"),
	}
}

// s3Storage attaches a bucket of S3 that holds a pictureBucket.
func s3Storage(bucket string) models.CloudStorageCreate {
	return models.CloudStorageCreate{
		ProviderType: models.ProviderTypeAWSS3Bucket, Resource: bucket, DisplayName: "pictures",
		Credentials:        models.Credentials{Type: models.CredentialsTypeKeySecretKeyPair, Key: "key", SecretKey: "s3cret"},
		SpecificAttributes: models.SpecificAttributes{Region: "eu-central-1", EndpointURL: "https://s3.example.com/?a=b&c"},
		Description:        "streets",
		Manifests:          []string{"street/manifest.jsonl"},
	}
}

// onBuckets runs a test in both dialects, on a server with a bucket named streets.
func onBuckets(t *testing.T, run func(t *testing.T, srv *testserver.Server, admin *cvat.Client)) {
	t.Helper()
	for _, dialect := range []testserver.Dialect{testserver.V2_3, testserver.V2_73} {
		t.Run(dialect.String(), func(t *testing.T) {
			t.Parallel()
			srv := testserver.Start(t, testserver.WithDialect(dialect))
			t.Cleanup(srv.Close)
			srv.AddBucket("streets", pictureBucket(t))
			run(t, srv, newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password")))
		})
	}
}

func TestCloudStorageLife(t *testing.T) {
	t.Parallel()
	onBuckets(t, func(t *testing.T, srv *testserver.Server, admin *cvat.Client) {
		t.Helper()
		ctx, s := t.Context(), admin.CloudStorages
		body := s3Storage("streets")
		made, _, err := s.Create(ctx, body)
		require.NoError(t, err)
		got, _, err := s.Get(ctx, made.ID)
		require.NoError(t, err)
		assert.Equal(t, made, got)
		assert.Equal(t, body.SpecificAttributes, got.SpecificAttributes)
		assert.Equal(t, body.Manifests, got.Manifests)
		assert.Equal(t, models.CredentialsTypeKeySecretKeyPair, got.CredentialsType)

		listed, err := cvat.Collect(s.All(ctx, &cvat.CloudStorageListOptions{
			Resource: "streets", Owner: "admin", ProviderType: models.ProviderTypeAWSS3Bucket,
		}))
		require.NoError(t, err)
		assert.Equal(t, []*models.CloudStorage{got}, listed)
		listed, _, err = s.List(ctx, &cvat.CloudStorageListOptions{CredentialsType: models.CredentialsTypeAnonymousAccess})
		require.NoError(t, err)
		assert.Empty(t, listed)

		status, _, err := s.Status(ctx, made.ID)
		require.NoError(t, err)
		assert.Equal(t, models.CloudStorageStatusAvailable, status)
		actions, _, err := s.Actions(ctx, made.ID)
		require.NoError(t, err)
		assert.ElementsMatch(t, []models.CloudStorageAction{models.CloudStorageActionRead, models.CloudStorageActionWrite}, actions)

		content, _, err := s.Preview(ctx, made.ID)
		require.NoError(t, err)
		_, format, err := image.DecodeConfig(content)
		require.NoError(t, err)
		require.NoError(t, content.Close())
		assert.Equal(t, "jpeg", format)

		srv.RemoveBucket("streets")
		status, _, err = s.Status(ctx, made.ID)
		require.NoError(t, err)
		assert.Equal(t, models.CloudStorageStatusNotFound, status)

		_, err = s.Delete(ctx, made.ID)
		require.NoError(t, err)
		_, _, err = s.Get(ctx, made.ID)
		require.ErrorIs(t, err, cvat.ErrNotFound)
		_, _, err = s.Status(ctx, made.ID)
		require.ErrorIs(t, err, cvat.ErrInvalid)
	})
}

// Servers forget the manifests that a change does not name.
func TestCloudStorageUpdateKeepsManifests(t *testing.T) {
	t.Parallel()
	onBuckets(t, func(t *testing.T, srv *testserver.Server, admin *cvat.Client) {
		t.Helper()
		ctx, s := t.Context(), admin.CloudStorages
		made, _, err := s.Create(ctx, s3Storage("streets"))
		require.NoError(t, err)
		srv.Forget()
		_, _, err = s.Update(ctx, made.ID, models.CloudStoragePatch{DisplayName: new("renamed")})
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "CloudStoragePatch.Manifests", refused.Field)
		assert.Empty(t, srv.Requests(), "nothing is sent")

		changed, err := s.UpdateKeepingManifests(ctx, made.ID, models.CloudStoragePatch{
			DisplayName: new("renamed"), SpecificAttributes: &models.SpecificAttributes{Region: "us-east-1"},
		})
		require.NoError(t, err)
		assert.Equal(t, made.Manifests, changed.Manifests)
		assert.Equal(t, "renamed", changed.DisplayName)
		assert.Equal(t, models.SpecificAttributes{Region: "us-east-1"}, changed.SpecificAttributes)
		assert.Equal(t, "streets", changed.Description, "fields that are absent stay")

		srv.Forget()
		changed, err = s.UpdateKeepingManifests(ctx, made.ID, models.CloudStoragePatch{Manifests: []string{}})
		require.NoError(t, err)
		assert.Empty(t, changed.Manifests)
		assert.Len(t, srv.Requests(), 1, "manifests that are given need not be looked up")
		changed, err = s.UpdateKeepingManifests(ctx, made.ID, models.CloudStoragePatch{Description: new("")})
		require.NoError(t, err)
		assert.Empty(t, changed.Manifests)

		_, err = s.UpdateKeepingManifests(ctx, 999, models.CloudStoragePatch{})
		require.ErrorIs(t, err, cvat.ErrNotFound)
	})
}

func TestCloudStorageListing(t *testing.T) {
	t.Parallel()
	onBuckets(t, func(t *testing.T, srv *testserver.Server, admin *cvat.Client) {
		t.Helper()
		ctx, s := t.Context(), admin.CloudStorages
		made, _, err := s.Create(ctx, s3Storage("streets"))
		require.NoError(t, err)
		_, _, err = admin.Server.About(ctx) // a client that knows the version does not send what the server lacks
		require.NoError(t, err)
		if srv.Dialect() == testserver.V2_3 {
			paths, _, err := s.ManifestContent(ctx, made.ID, "")
			require.NoError(t, err)
			assert.Equal(t, []string{"street/a.png", "street/b.png"}, paths)
			_, _, err = s.ManifestContent(ctx, made.ID, "other.jsonl")
			require.ErrorIs(t, err, cvat.ErrNotFound)
			_, _, err = s.Content(ctx, made.ID, nil)
			require.ErrorIs(t, err, cvat.ErrUnsupported)
			return
		}
		_, _, err = s.ManifestContent(ctx, made.ID, "")
		require.ErrorIs(t, err, cvat.ErrUnsupported)
		root, _, err := s.Content(ctx, made.ID, nil)
		require.NoError(t, err)
		assert.Empty(t, root.Next)
		assert.Equal(t, []models.CloudStorageFile{
			{Name: "street", Type: "DIR", MimeType: "DIR"}, {Name: "c.png", Type: "REG", MimeType: "image"},
		}, root.Content)
		root, _, err = s.Content(ctx, made.ID, &cvat.CloudStorageContentOptions{ManifestPath: "street/manifest.jsonl"})
		require.NoError(t, err)
		assert.Equal(t, []models.CloudStorageFile{{Name: "street", Type: "DIR", MimeType: "DIR"}}, root.Content)
		_, _, err = s.Content(ctx, made.ID, &cvat.CloudStorageContentOptions{ManifestPath: "other.jsonl"})
		require.ErrorIs(t, err, cvat.ErrNotFound)
		var names []string
		opts := cvat.CloudStorageContentOptions{Prefix: "street/", ManifestPath: "street/manifest.jsonl", PageSize: 1}
		for more := true; more; more = opts.NextToken != "" {
			page, _, err := s.Content(ctx, made.ID, &opts)
			require.NoError(t, err)
			require.Len(t, page.Content, 1)
			names = append(names, page.Content[0].Name)
			opts.NextToken = page.Next
		}
		assert.Equal(t, []string{"a.png", "b.png"}, names)
		srv.Forget()
		_, _, err = s.Content(ctx, made.ID, &cvat.CloudStorageContentOptions{PageSize: -1})
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused)
		assert.Empty(t, srv.Requests())
		srv.RemoveBucket("streets")
		_, _, err = s.Content(ctx, made.ID, nil)
		require.ErrorIs(t, err, cvat.ErrNotFound)
	})
}

// The server says on lines of text what is wrong with a storage.
func TestCloudStorageRefusals(t *testing.T) {
	t.Parallel()
	onBuckets(t, func(t *testing.T, _ *testserver.Server, admin *cvat.Client) {
		t.Helper()
		ctx, s := t.Context(), admin.CloudStorages
		for field, spoil := range map[string]func(*models.CloudStorageCreate){
			"resource":         func(c *models.CloudStorageCreate) { c.Resource = "nowhere" },
			"manifests":        func(c *models.CloudStorageCreate) { c.Manifests = []string{"no.jsonl"} },
			"provider_type":    func(c *models.CloudStorageCreate) { c.ProviderType = "NOPE" },
			"credentials_type": func(c *models.CloudStorageCreate) { c.Type = "NOPE" },
		} {
			body := s3Storage("streets")
			spoil(&body)
			_, _, err := s.Create(ctx, body)
			refused := new(cvat.Error)
			require.ErrorAs(t, err, &refused, field)
			require.ErrorIs(t, err, cvat.ErrInvalid)
			assert.Len(t, refused.Fields, 1)
			assert.Len(t, refused.Fields[field], 1)
			assert.NotContains(t, refused.Fields[field][0], field+": ")
			assert.NotContains(t, err.Error(), "s3cret")
		}
		made, _, err := s.Create(ctx, s3Storage("streets"))
		require.NoError(t, err)
		_, _, err = s.Update(ctx, made.ID, models.CloudStoragePatch{Credentials: models.Credentials{Type: "NOPE"}, Manifests: []string{}})
		refused := new(cvat.Error)
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, map[string][]string{"credentials_type": {`"NOPE" is not a valid choice.`}}, refused.Fields)
	})
}

func TestCloudStorageErrorText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string][]string{
		"provider_type: This field is required.\nresource: This field is required.\n": {
			"provider_type": {"This field is required."}, "resource": {"This field is required."},
		},
		"resource: a: b\nresource: c\n":                      {"resource": {"a: b", "c"}},
		"Same storage already exists":                        nil,
		"resource: is wrong\nand that is all\n":              nil,
		"An error occurred (403) when calling it: Forbidden": nil,
		`{"resource":["is wrong"]}`:                          {"resource": {"is wrong"}},
		"":                                                   nil,
	} {
		server := servePipe(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(text))
		})
		_, _, err := server.client(t).CloudStorages.Create(t.Context(), s3Storage("streets"))
		refused := new(cvat.Error)
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, want, refused.Fields, text)
	}
}

func TestCloudStorageCredentials(t *testing.T) {
	t.Parallel()
	for field, credentials := range map[string]models.Credentials{
		"Credentials.Type":             {Key: "key", SecretKey: "secret"},
		"Credentials.Key":              {Type: models.CredentialsTypeKeySecretKeyPair, SecretKey: "secret"},
		"Credentials.SecretKey":        {Type: models.CredentialsTypeKeySecretKeyPair, Key: "key"},
		"Credentials.AccountName":      {Type: models.CredentialsTypeAccountNameTokenPair, SessionToken: "token"},
		"Credentials.SessionToken":     {Type: models.CredentialsTypeAccountNameTokenPair, AccountName: "account"},
		"Credentials.ConnectionString": {Type: models.CredentialsTypeConnectionString, AccountName: "account"},
	} {
		server := servePipe(t, replyJSON(http.StatusOK, `{}`))
		client := server.client(t)
		body := s3Storage("streets")
		body.Credentials = credentials
		_, _, err := client.CloudStorages.Create(t.Context(), body)
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, field, refused.Field)
		_, _, err = client.CloudStorages.Update(t.Context(), 1, models.CloudStoragePatch{Credentials: credentials, Manifests: []string{}})
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, field, refused.Field)
		assert.Empty(t, server.dials())
	}
	for _, field := range []string{"ProviderType", "Resource", "DisplayName"} {
		server := servePipe(t, replyJSON(http.StatusOK, `{}`))
		body := s3Storage("streets")
		switch field {
		case "ProviderType":
			body.ProviderType = ""
		case "Resource":
			body.Resource = ""
		case "DisplayName":
			body.DisplayName = ""
		}
		_, _, err := server.client(t).CloudStorages.Create(t.Context(), body)
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "CloudStorageCreate."+field, refused.Field)
		assert.Empty(t, server.dials())
	}
}

// A key file travels in a form, with everything else.
func TestCloudStorageKeyFile(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusCreated, `{"id":1}`))
	key := []byte(`{"private_key":"s3cret"}`)
	credentials := models.Credentials{Type: models.CredentialsTypeKeyFilePath, KeyFile: key}
	client := server.client(t)
	_, _, err := client.CloudStorages.Create(t.Context(), models.CloudStorageCreate{
		ProviderType: models.ProviderTypeGoogleCloudStorage, Resource: "streets", DisplayName: "pictures", Credentials: credentials,
		SpecificAttributes: models.SpecificAttributes{Location: "EU", Project: "p"}, Manifests: []string{"a.jsonl", "b.jsonl"},
	})
	require.NoError(t, err)
	_, _, err = client.CloudStorages.Update(t.Context(), 1, models.CloudStoragePatch{Credentials: credentials, Manifests: []string{"a.jsonl"}})
	require.NoError(t, err)
	wanted := []map[string]string{
		{
			"provider_type": "GOOGLE_CLOUD_STORAGE", "resource": "streets", "display_name": "pictures", "credentials_type": "KEY_FILE_PATH",
			"specific_attributes": "location=EU&project=p", "manifests[0]": "a.jsonl", "manifests[1]": "b.jsonl", "key_file": string(key),
		},
		{"credentials_type": "KEY_FILE_PATH", "manifests[0]": "a.jsonl", "key_file": string(key)},
	}
	requests := server.arrived()
	require.Len(t, requests, len(wanted))
	for i, want := range wanted {
		assert.Equal(t, want, formParts(t, requests[i]))
	}
	_, _, err = client.CloudStorages.Update(t.Context(), 1, models.CloudStoragePatch{
		Credentials: models.Credentials{Type: models.CredentialsTypeKeyFilePath, KeyFile: []byte{}}, Manifests: []string{},
	})
	refused := new(cvat.ArgumentError)
	require.ErrorAs(t, err, &refused, "an empty file")

	onBuckets(t, func(t *testing.T, _ *testserver.Server, admin *cvat.Client) {
		t.Helper()
		body := s3Storage("streets")
		body.ProviderType, body.Credentials = models.ProviderTypeGoogleCloudStorage, credentials
		made, _, err := admin.CloudStorages.Create(t.Context(), body)
		require.NoError(t, err)
		assert.Equal(t, body.Manifests, made.Manifests)
		assert.Equal(t, body.SpecificAttributes, made.SpecificAttributes)
		actions, _, err := admin.CloudStorages.Actions(t.Context(), made.ID)
		require.NoError(t, err)
		assert.Empty(t, actions, "the server cannot ask Google")
	})
}

// The status is a bare word on old servers, and JSON on new ones.
func TestCloudStorageStatusShapes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]models.CloudStorageStatus{
		"AVAILABLE": "AVAILABLE", "NOT_FOUND": "NOT_FOUND", "FORBIDDEN": "FORBIDDEN", `"AVAILABLE"`: "AVAILABLE", `"NEW"`: "NEW",
		"AVAIL": "", "": "", "NEW": "", "null": "", "<html>": "", "[]": "",
	} {
		server := servePipe(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(text)))
			_, _ = w.Write([]byte(text))
		})
		status, resp, err := server.client(t).CloudStorages.Status(t.Context(), 1)
		assert.Equal(t, want, status, text)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		if want == "" {
			unreadable := new(cvat.Error)
			require.ErrorAs(t, err, &unreadable, text)
		} else {
			require.NoError(t, err)
		}
	}
}

// Who may see and change the storages of an organization.
func TestCloudStorageOfAnOrganization(t *testing.T) {
	t.Parallel()
	onBuckets(t, func(t *testing.T, srv *testserver.Server, admin *cvat.Client) {
		t.Helper()
		ctx, in := t.Context(), cvat.ForOrganization("acme")
		acme := srv.AddOrganization("acme", "admin")
		made, _, err := admin.CloudStorages.Create(ctx, s3Storage("streets"), in)
		require.NoError(t, err)
		assert.Equal(t, acme, made.Organization)
		for _, may := range []struct {
			role        string
			see, change bool
		}{{role: "worker"}, {role: "supervisor", see: true}, {role: "maintainer", see: true, change: true}} {
			role := may.role
			srv.AddUser(testserver.User{Username: role, Password: "password"})
			srv.AddMember(acme, role, role)
			member := newClient(t, srv.URL, cvat.WithBasicAuth(role, "password")).CloudStorages
			_, _, err := member.Get(ctx, made.ID, in)
			assert.Equal(t, may.see, err == nil, "%s: %v", role, err)
			listed, _, err := member.List(ctx, nil, in)
			require.NoError(t, err)
			assert.Equal(t, may.see, len(listed) == 1, role)
			_, _, err = member.Update(ctx, made.ID, models.CloudStoragePatch{Description: new(role), Manifests: made.Manifests}, in)
			assert.Equal(t, may.change, err == nil, "%s: %v", role, err)
			srv.AddBucket("of-"+role, pictureBucket(t))
			_, _, err = member.Create(ctx, s3Storage("of-"+role), in)
			assert.Equal(t, may.change, err == nil, "%s: %v", role, err)
			_, _, err = member.Status(ctx, made.ID, in)
			assert.Equal(t, may.see, err == nil, "%s: %v", role, err)
			if !may.see {
				require.ErrorIs(t, err, cvat.ErrInvalid, "a refusal is text here")
				_, _, err = member.Preview(ctx, made.ID, in)
				require.ErrorIs(t, err, cvat.ErrForbidden)
			}
			if may.change {
				continue
			}
			_, err = member.Delete(ctx, made.ID, in)
			require.ErrorIs(t, err, cvat.ErrForbidden)
		}
	})
}

// formParts reads a multipart body.
func formParts(t *testing.T, r arrival) map[string]string {
	t.Helper()
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	require.NoError(t, err)
	parts := map[string]string{}
	for form := multipart.NewReader(bytes.NewReader(r.Body), params["boundary"]); ; {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		require.NoError(t, err)
		content, err := io.ReadAll(part)
		require.NoError(t, err)
		parts[part.FormName()] = string(content)
	}
}
