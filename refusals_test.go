package cvat_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// refusal is a call that every server refuses, or fails over, and the field that is to blame.
type refusal struct {
	field string
	call  func(context.Context, *cvat.Client) error
}

// What every server refuses is not sent.
func TestWhatNoServerTakes(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{}`))
	client := server.client(t)
	for _, refusals := range [][]refusal{
		taskRefusals(), projectRefusals(), labelRefusals(), jobRefusals(), dataRefusals(), organizationRefusals(), storageRefusals(),
		reviewRefusals(), accountRefusals(),
	} {
		for _, r := range refusals {
			err := r.call(t.Context(), client)
			refused := new(cvat.ArgumentError)
			require.ErrorAs(t, err, &refused, r.field)
			assert.Equal(t, r.field, refused.Field, "%v", err)
			assert.NotEmpty(t, refused.Reason)
			assert.NotContains(t, err.Error(), "hunter2")
		}
	}
	assert.Empty(t, server.dials(), "nothing was sent")
}

func createTask(body models.TaskCreate) func(context.Context, *cvat.Client) error {
	return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Tasks.Create(ctx, body)) }
}

func updateTask(body models.TaskPatch) func(context.Context, *cvat.Client) error {
	return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Tasks.Update(ctx, 1, body)) }
}

func taskRefusals() []refusal {
	one := []models.LabelCreate{{Name: "car"}}
	return []refusal{
		{"TaskCreate.Name", createTask(models.TaskCreate{Labels: one})},
		{"TaskCreate.Name", createTask(models.TaskCreate{Name: " \t", Labels: one})},
		{"TaskCreate.Name", createTask(models.TaskCreate{Name: strings.Repeat("ä", 257), Labels: one})},
		{"TaskCreate.BugTracker", createTask(models.TaskCreate{Name: "t", BugTracker: strings.Repeat("x", 2001), Labels: one})},
		{"TaskCreate.Subset", createTask(models.TaskCreate{Name: "t", Subset: strings.Repeat("x", 65), ProjectID: 1})},
		{"TaskCreate.SegmentSize", createTask(models.TaskCreate{Name: "t", SegmentSize: -1, Labels: one})},
		{"TaskCreate.Overlap", createTask(models.TaskCreate{Name: "t", Overlap: new(-1), Labels: one})},
		{"TaskCreate.Labels", createTask(models.TaskCreate{Name: "t", ProjectID: 1, Labels: one})},
		{"TaskCreate.Labels[0].Sublabels[1].Name", createTask(models.TaskCreate{Name: "t", Labels: []models.LabelCreate{
			{Name: "person", Type: models.LabelTypeSkeleton, Sublabels: []models.SublabelWrite{{Name: "head"}, {Name: "head"}}},
		}})},
		{"TaskPatch.Name", updateTask(models.TaskPatch{Name: new("")})},
		{"TaskPatch.Name", updateTask(models.TaskPatch{Name: new(strings.Repeat("x", 257))})},
		{"TaskPatch.BugTracker", updateTask(models.TaskPatch{BugTracker: new(strings.Repeat("x", 2001))})},
		{"TaskPatch.Subset", updateTask(models.TaskPatch{Subset: new(strings.Repeat("x", 65))})},
		{"TaskPatch.ProjectID", updateTask(models.TaskPatch{ProjectID: models.Value[int64](0)})},
		{"TaskPatch.OwnerID", updateTask(models.TaskPatch{OwnerID: models.Value[int64](-1)})},
		{"TaskPatch.AssigneeID", updateTask(models.TaskPatch{AssigneeID: models.Value[int64](0)})},
		{"TaskPatch.OrganizationID", updateTask(models.TaskPatch{OrganizationID: models.Value[int64](0)})},
	}
}

func projectRefusals() []refusal {
	create := func(body models.ProjectCreate) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Projects.Create(ctx, body)) }
	}
	update := func(body models.ProjectPatch) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Projects.Update(ctx, 1, body)) }
	}
	return []refusal{
		{"ProjectCreate.Name", create(models.ProjectCreate{Name: " "})},
		{"ProjectCreate.Name", create(models.ProjectCreate{Name: strings.Repeat("x", 257)})},
		{"ProjectCreate.BugTracker", create(models.ProjectCreate{Name: "p", BugTracker: strings.Repeat("x", 2001)})},
		{"ProjectCreate.Labels[1].Name", create(models.ProjectCreate{Name: "p", Labels: []models.LabelCreate{{Name: "car"}, {Name: " car"}}})},
		{"ProjectPatch.Name", update(models.ProjectPatch{Name: new("")})},
		{"ProjectPatch.Name", update(models.ProjectPatch{Name: new(strings.Repeat("x", 257))})},
		{"ProjectPatch.BugTracker", update(models.ProjectPatch{BugTracker: new(strings.Repeat("x", 2001))})},
		{"ProjectPatch.OwnerID", update(models.ProjectPatch{OwnerID: models.Value[int64](0)})},
		{"ProjectPatch.AssigneeID", update(models.ProjectPatch{AssigneeID: models.Value[int64](0)})},
		{"ProjectPatch.OrganizationID", update(models.ProjectPatch{OrganizationID: models.Value[int64](0)})},
		{"ProjectPatch.Labels[0].ID", update(models.ProjectPatch{Labels: []models.LabelPatch{{Deleted: new(true)}}})},
	}
}

func labelRefusals() []refusal {
	create := func(labels ...models.LabelCreate) func(context.Context, *cvat.Client) error {
		return createTask(models.TaskCreate{Name: "t", Labels: labels})
	}
	update := func(labels ...models.LabelPatch) func(context.Context, *cvat.Client) error {
		return updateTask(models.TaskPatch{Labels: labels})
	}
	having := func(attributes ...models.AttributeWrite) models.LabelCreate {
		return models.LabelCreate{Name: "car", Attributes: attributes}
	}
	text := models.AttributeWrite{Name: "plate", InputType: models.InputTypeText}
	return []refusal{
		{"TaskCreate.Labels[0].Name", create(models.LabelCreate{})},
		{"TaskCreate.Labels[0].Name", create(models.LabelCreate{Name: strings.Repeat("x", 65)})},
		{"TaskCreate.Labels[2].Name", create(models.LabelCreate{Name: "car"}, models.LabelCreate{Name: "bus"}, models.LabelCreate{Name: "car"})},
		{"TaskCreate.Labels[0].Color", create(models.LabelCreate{Name: "car", Color: "rgb(1, 2, 3)"})},
		{"TaskCreate.Labels[0].Attributes[0].Name", create(having(models.AttributeWrite{InputType: models.InputTypeText}))},
		{"TaskCreate.Labels[0].Attributes[0].InputType", create(having(models.AttributeWrite{Name: "plate"}))},
		{"TaskCreate.Labels[0].Attributes[0].DefaultValue", create(having(models.AttributeWrite{
			Name: "plate", InputType: models.InputTypeText, DefaultValue: strings.Repeat("x", 129),
		}))},
		{"TaskCreate.Labels[0].Attributes[1].Name", create(having(text, text))},
		{"TaskCreate.Labels[0].Attributes[0].ID", create(having(models.AttributeWrite{Name: "plate", Deleted: true}))},
		{"TaskCreate.Labels[0].Sublabels[0].Name", create(models.LabelCreate{Name: "person", Sublabels: []models.SublabelWrite{{}}})},
		{"TaskCreate.Labels[0].Sublabels[0].Color", create(models.LabelCreate{Name: "person", Sublabels: []models.SublabelWrite{{Name: "head", Color: "darkorange"}}})},
		{"TaskCreate.Labels[0].Sublabels[0].Attributes[0].InputType", create(models.LabelCreate{Name: "person", Sublabels: []models.SublabelWrite{
			{Name: "head", Attributes: []models.AttributeWrite{{Name: "seen"}}},
		}})},
		{"TaskPatch.Labels[0].Name", update(models.LabelPatch{Color: new("#ff0000")})},
		{"TaskPatch.Labels[1].Name", update(models.LabelPatch{Name: new("car")}, models.LabelPatch{Name: new("car")})},
		{"TaskPatch.Labels[0].Name", update(models.LabelPatch{ID: new(int64(1)), Name: new("")})},
		{"TaskPatch.Labels[0].Name", update(models.LabelPatch{ID: new(int64(1)), Name: new(strings.Repeat("x", 65))})},
		{"TaskPatch.Labels[0].ID", update(models.LabelPatch{ID: new(int64(0)), Name: new("car")})},
		{"TaskPatch.Labels[0].ID", update(models.LabelPatch{Name: new("car"), Deleted: new(true)})},
		{"TaskPatch.Labels[0].Color", update(models.LabelPatch{ID: new(int64(1)), Color: new("darkorange")})},
		{"TaskPatch.Labels[0].Attributes[1].Name", update(models.LabelPatch{ID: new(int64(1)), Attributes: []models.AttributeWrite{text, text}})},
		{"TaskPatch.Labels[0].Sublabels[0].Name", update(models.LabelPatch{ID: new(int64(1)), Sublabels: []models.SublabelWrite{{ID: 2}}})},
	}
}

func jobRefusals() []refusal {
	create := func(body models.JobCreate) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Jobs.Create(ctx, body)) }
	}
	job := func(change func(*models.JobCreate)) models.JobCreate {
		body := models.JobCreate{TaskID: 1, Type: models.JobTypeGroundTruth}
		change(&body)
		return body
	}
	return []refusal{
		{"JobCreate.TaskID", create(job(func(b *models.JobCreate) { b.TaskID = 0 }))},
		{"JobCreate.Type", create(job(func(b *models.JobCreate) { b.Type = "" }))},
		{"JobCreate.FrameCount", create(job(func(b *models.JobCreate) { b.FrameCount = -1 }))},
		{"JobCreate.FramesPerJobCount", create(job(func(b *models.JobCreate) { b.FramesPerJobCount = -1 }))},
		{"JobCreate.FrameShare", create(job(func(b *models.JobCreate) { b.FrameShare = 50 }))},
		{"JobCreate.FramesPerJobShare", create(job(func(b *models.JobCreate) { b.FramesPerJobShare = -0.5 }))},
		{"JobCreate.Frames[1]", create(job(func(b *models.JobCreate) { b.Frames = []int{0, -1} }))},
		{"JobPatch.Assignee", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Jobs.Update(ctx, 1, models.JobPatch{Assignee: models.Value[int64](0)}))
		}},
	}
}

func dataRefusals() []refusal {
	create := func(body models.DataRequest) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Tasks.CreateData(ctx, 1, body)) }
	}
	upload := func(opts cvat.UploadOptions) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error {
			return c.Tasks.Upload(ctx, 1, cvat.Bytes("a.png", []byte("x")), &opts)
		}
	}
	return []refusal{
		{"DataRequest.ImageQuality", create(models.DataRequest{ImageQuality: 101})},
		{"DataRequest.ImageQuality", create(models.DataRequest{ImageQuality: -1})},
		{"DataRequest.ChunkSize", create(models.DataRequest{ChunkSize: -1})},
		{"DataRequest.StartFrame", create(models.DataRequest{StartFrame: -1})},
		{"DataRequest.StopFrame", create(models.DataRequest{StartFrame: 5, StopFrame: new(4)})},
		{"DataRequest.FrameFilter", create(models.DataRequest{FrameFilter: "5"})},
		{"DataRequest.FrameFilter", create(models.DataRequest{FrameFilter: "step=0"})},
		{"UploadOptions.StartFrame", upload(cvat.UploadOptions{StartFrame: -1})},
		{"UploadOptions.StopFrame", upload(cvat.UploadOptions{StopFrame: new(-1)})},
		{"UploadOptions.FrameFilter", upload(cvat.UploadOptions{FrameFilter: "every fifth"})},
		{"DataMetaPatch.DeletedFrames[0]", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Tasks.UpdateDataMeta(ctx, 1, models.DataMetaPatch{DeletedFrames: []int{-1}}))
		}},
		{"DataMetaPatch.DeletedFrames[1]", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Jobs.UpdateDataMeta(ctx, 1, models.DataMetaPatch{DeletedFrames: []int{0, -1}}))
		}},
	}
}

func organizationRefusals() []refusal {
	create := func(body models.OrganizationCreate) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Organizations.Create(ctx, body)) }
	}
	update := func(body models.OrganizationPatch) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Organizations.Update(ctx, 1, body)) }
	}
	invite := func(body models.InvitationCreate) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Invitations.Create(ctx, body, cvat.ForOrganization("team")))
		}
	}
	return []refusal{
		{"OrganizationCreate.Slug", create(models.OrganizationCreate{})},
		{"OrganizationCreate.Slug", create(models.OrganizationCreate{Slug: strings.Repeat("x", 17)})},
		{"OrganizationCreate.Slug", create(models.OrganizationCreate{Slug: "my team"})},
		{"OrganizationCreate.Name", create(models.OrganizationCreate{Slug: "team", Name: strings.Repeat("x", 65)})},
		{"OrganizationPatch.Slug", update(models.OrganizationPatch{Slug: new("")})},
		{"OrganizationPatch.Name", update(models.OrganizationPatch{Name: new(strings.Repeat("x", 65))})},
		{"InvitationCreate.Role", invite(models.InvitationCreate{Email: "ann@example.com"})},
		{"InvitationCreate.Email", invite(models.InvitationCreate{Role: models.RoleWorker})},
		{"InvitationCreate.Email", invite(models.InvitationCreate{Role: models.RoleWorker, Email: "ann"})},
		{"organization", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Invitations.Create(ctx, models.InvitationCreate{Role: models.RoleWorker, Email: "ann@example.com"}))
		}},
		{"MembershipPatch.Role", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Memberships.Update(ctx, 1, models.MembershipPatch{Role: new(models.Role(""))}))
		}},
	}
}

func storageRefusals() []refusal {
	create := func(change func(*models.CloudStorageCreate)) func(context.Context, *cvat.Client) error {
		body := s3Storage("streets")
		change(&body)
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.CloudStorages.Create(ctx, body)) }
	}
	update := func(body models.CloudStoragePatch) func(context.Context, *cvat.Client) error {
		body.Manifests = []string{}
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.CloudStorages.Update(ctx, 1, body)) }
	}
	pair := models.Credentials{Type: models.CredentialsTypeKeySecretKeyPair, Key: strings.Repeat("k", 41), SecretKey: "hunter2"}
	return []refusal{
		{"CloudStorageCreate.ProviderType", create(func(b *models.CloudStorageCreate) { b.ProviderType = "" })},
		{"CloudStorageCreate.Resource", create(func(b *models.CloudStorageCreate) { b.Resource = "" })},
		{"CloudStorageCreate.Resource", create(func(b *models.CloudStorageCreate) { b.Resource = strings.Repeat("x", 223) })},
		{"CloudStorageCreate.DisplayName", create(func(b *models.CloudStorageCreate) { b.DisplayName = "" })},
		{"CloudStorageCreate.DisplayName", create(func(b *models.CloudStorageCreate) { b.DisplayName = strings.Repeat("x", 64) })},
		{"Credentials.Key", create(func(b *models.CloudStorageCreate) { b.Credentials = pair })},
		{"CloudStoragePatch.Resource", update(models.CloudStoragePatch{Resource: new("")})},
		{"CloudStoragePatch.Resource", update(models.CloudStoragePatch{Resource: new(strings.Repeat("x", 223))})},
		{"CloudStoragePatch.DisplayName", update(models.CloudStoragePatch{DisplayName: new("")})},
		{"CloudStoragePatch.DisplayName", update(models.CloudStoragePatch{DisplayName: new(strings.Repeat("x", 64))})},
		{"Credentials.Key", update(models.CloudStoragePatch{Credentials: pair})},
		{"Credentials.SessionToken", update(models.CloudStoragePatch{Credentials: models.Credentials{
			Type: models.CredentialsTypeAccountNameTokenPair, AccountName: "ann", SessionToken: strings.Repeat("hunter2", 63),
		}})},
	}
}

func reviewRefusals() []refusal {
	return []refusal{
		{"IssueCreate.Message", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Issues.Create(ctx, models.IssueCreate{Job: 1, Position: []float64{1, 2}, Message: " \n"}))
		}},
		{"IssuePatch.Assignee", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Issues.Update(ctx, 1, models.IssuePatch{Assignee: models.Value[int64](0)}))
		}},
		{"CommentCreate.Message", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Comments.Create(ctx, models.CommentCreate{Issue: 1}))
		}},
		{"CommentPatch.Message", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Comments.Update(ctx, 1, models.CommentPatch{Message: new("")}))
		}},
	}
}

func accountRefusals() []refusal {
	register := func(change func(*models.RegisterRequest)) func(context.Context, *cvat.Client) error {
		body := models.RegisterRequest{Username: "annie", Password1: "hunter2", Password2: "hunter2"}
		change(&body)
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Auth.Register(ctx, body)) }
	}
	change := func(old, first, second string) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Auth.ChangePassword(ctx, models.PasswordChangeRequest{OldPassword: old, NewPassword1: first, NewPassword2: second}))
		}
	}
	reset := func(email string) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Auth.ResetPassword(ctx, models.PasswordResetRequest{Email: email}))
		}
	}
	confirm := func(uid, token, first, second string) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Auth.ConfirmPasswordReset(ctx, models.PasswordResetConfirmRequest{UID: uid, Token: token, NewPassword1: first, NewPassword2: second}))
		}
	}
	patch := func(body models.UserPatch) func(context.Context, *cvat.Client) error {
		return func(ctx context.Context, c *cvat.Client) error { return errorOf(c.Users.Update(ctx, 1, body)) }
	}
	long := strings.Repeat("x", 151)
	return []refusal{
		{"RegisterRequest.Username", register(func(b *models.RegisterRequest) { b.Username = "" })},
		{"RegisterRequest.Username", register(func(b *models.RegisterRequest) { b.Username = long })},
		{"RegisterRequest.Password1", register(func(b *models.RegisterRequest) { b.Password1 = "" })},
		{"RegisterRequest.Password2", register(func(b *models.RegisterRequest) { b.Password2 = "hunter3" })},
		{"RegisterRequest.Email", register(func(b *models.RegisterRequest) { b.Email = "annie@" })},
		{"PasswordChangeRequest.OldPassword", change("", "hunter2", "hunter2")},
		{"PasswordChangeRequest.NewPassword1", change("hunter2", "", "")},
		{"PasswordChangeRequest.NewPassword2", change("hunter2", "hunter22", "hunter23")},
		{"PasswordResetRequest.Email", reset("")},
		{"PasswordResetRequest.Email", reset("@example.com")},
		{"PasswordResetConfirmRequest.UID", confirm("", "t", "hunter2", "hunter2")},
		{"PasswordResetConfirmRequest.Token", confirm("u", "", "hunter2", "hunter2")},
		{"PasswordResetConfirmRequest.NewPassword1", confirm("u", "t", "", "")},
		{"PasswordResetConfirmRequest.NewPassword2", confirm("u", "t", "hunter2", "hunter3")},
		{"SigningRequest.URL", func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Auth.Sign(ctx, models.SigningRequest{}))
		}},
		{"UserPatch.Username", patch(models.UserPatch{Username: new("")})},
		{"UserPatch.Username", patch(models.UserPatch{Username: new(long)})},
		{"UserPatch.FirstName", patch(models.UserPatch{FirstName: new(long)})},
		{"UserPatch.LastName", patch(models.UserPatch{LastName: new(long)})},
		{"UserPatch.Email", patch(models.UserPatch{Email: new("annie")})},
	}
}

// What servers decide differently is theirs to decide.
func TestWhatSomeServersTake(t *testing.T) {
	t.Parallel()
	server := servePipe(t, replyJSON(http.StatusOK, `{"id":1}`))
	client := server.client(t)
	for name, call := range map[string]func(context.Context, *cvat.Client) error{
		"a task without labels": createTask(models.TaskCreate{Name: "t"}),
		"a label of an unknown type, a strange color and an attribute of an unknown kind": createTask(models.TaskCreate{
			Name: "t", Labels: []models.LabelCreate{{Name: "car", Type: "blob", Color: "bad", Attributes: []models.AttributeWrite{{Name: "a", InputType: "slider"}}}},
		}),
		"a changed label without its name": updateTask(models.TaskPatch{Labels: []models.LabelPatch{{ID: new(int64(1)), Color: new("#ff0000")}}}),
		"a name that a deletion sets free": updateTask(models.TaskPatch{Labels: []models.LabelPatch{{ID: new(int64(1)), Deleted: new(true)}, {Name: new("car")}}}),
		"nobody":                           updateTask(models.TaskPatch{AssigneeID: models.Null[int64]()}),
		"twins in a project": func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Projects.Create(ctx, models.ProjectCreate{Name: "p", Labels: []models.LabelCreate{
				{Name: "person", Type: models.LabelTypeSkeleton, Sublabels: []models.SublabelWrite{{Name: "head"}, {Name: "head"}}},
			}}))
		},
		"a user without a name of his own": func(ctx context.Context, c *cvat.Client) error {
			return errorOf(c.Users.Update(ctx, 1, models.UserPatch{FirstName: new(""), Email: new(""), Groups: []string{}}))
		},
	} {
		require.NoError(t, call(t.Context(), client), name)
	}
}

func TestOrganizationGivenTwice(t *testing.T) {
	t.Parallel()
	server := servePipe(t, serveAnything)
	plain, team := server.client(t), server.client(t, cvat.WithOrganization("team"))
	personal := server.client(t, cvat.WithPersonalWorkspace())
	op := cvat.Operation{ID: "labels_list", Method: http.MethodGet, Path: "/api/labels", Replay: cvat.Repeatable}
	header := cvat.WithHeader("x-organization", "team")
	call := func(c *cvat.Client, query url.Values, opts ...cvat.CallOption) error {
		_, err := c.Do(t.Context(), op, cvat.Args{Query: query}, nil, nil, opts...)
		return err
	}
	org, id := url.Values{"org": {"team"}}, url.Values{"org_id": {"1"}}
	for name, err := range map[string]error{
		"client and query":          call(team, org),
		"client and id":             call(team, id),
		"client and header":         call(team, nil, header),
		"personal and query":        call(personal, org),
		"call and query":            call(plain, org, cvat.ForOrganization("team")),
		"call and header":           call(plain, nil, cvat.ForOrganization("team"), header),
		"query and header":          call(plain, org, header),
		"two in the query":          call(plain, url.Values{"org": {""}, "org_id": {"1"}}),
		"a method, with the header": errorOf(team.Tasks.Get(t.Context(), 1, header)),
	} {
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused, name)
		assert.Equal(t, "organization", refused.Field, name)
		assert.Contains(t, refused.Reason, "twice", name)
	}
	assert.Empty(t, server.dials(), "nothing was sent")

	require.NoError(t, call(plain, org))
	require.NoError(t, call(plain, id))
	require.NoError(t, call(plain, nil, header))
	require.NoError(t, call(team, nil, cvat.ForOrganization("other")), "a call takes the place of its client")
	assert.Equal(t, []string{"org=team", "org_id=1", "", "org=other"}, queries(server.arrived()))
}

func queries(requests []arrival) []string {
	var out []string
	for _, r := range requests {
		out = append(out, r.URL.RawQuery)
	}
	return out
}
