package cvat_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// The conformance suite is a set of scenarios that hold on every server. TestConformance runs them against the fake
// server in both dialects, or against a real one if CVAT_TEST_URL names it; CVAT_TEST_USER and CVAT_TEST_PASSWORD are an
// administrator's then. Everything it makes there has a prefix of its own and is removed.

// target is a server that the scenarios run against.
type target struct {
	admin  *cvat.Client // an administrator's
	user   *cvat.Client // an ordinary user's
	login  string       // the ordinary user's name
	secret string       // the ordinary user's password
	prefix string       // of the names of everything that is made
	old    bool         // up to 2.3
	wait   cvat.WaitOptions
	// newAccount makes an ordinary user that a scenario may do anything to.
	newAccount func(t *testing.T) (login, secret string)

	prepared
}

// prepared is what the suite has set up on a fake. On a real server it is all missing: scenarios that need it skip there,
// see lacks, and others look less closely.
type prepared struct {
	// resetMail asks for a new password and returns what the mail says; nil if nobody reads the mail.
	resetMail func(login string) (uid, token string)
	// newBucket makes a bucket that holds a pictureBucket and that the server reaches; nil if there is none.
	newBucket func(t *testing.T) string
	// shared is a picture on the server's share; "" if nothing is known to be there.
	shared string
	// agreement is the name of one that new users are shown; "" if none is known.
	agreement string
	// functions is whether there is a detector that finds something on every picture.
	functions bool
}

// lacks ends a scenario, or a part of one, that needs what the server or the suite does not have. Run with -v, the suite
// tells what it has skipped and why.
func lacks(t *testing.T, what, why string) {
	t.Helper()
	t.Skipf("skipped, for want of %s: %s", what, why)
}

// scenario is one thing that every server must let the client do.
type scenario struct {
	name string
	run  func(*testing.T, *target)
}

func scenarios() []scenario {
	return []scenario{
		{"server", conformServer},
		{"plugins", conformPlugins},
		{"share", conformShare},
		{"data from the share", conformShareData},
		{"client logs", conformClientLogs},
		{"authentication", conformAuthentication},
		{"logout", conformLogout},
		{"users", conformUsers},
		{"accounts", conformAccounts},
		{"passwords", conformPasswords},
		{"passwords that are forgotten", conformForgottenPassword},
		{"signing", conformSigning},
		{"restrictions", conformRestrictions},
		{"schema", conformSchema},
		{"projects", conformProjects},
		{"labels", conformLabels},
		{"edits of labels", conformLabelEdits},
		{"attributes of labels", conformAttributeEdits},
		{"lists", conformLists},
		{"filters", conformFilters},
		{"organizations", conformOrganizations},
		{"lists of organizations", conformOrganizationLists},
		{"organization context", conformOrganizationContext},
		{"invitations", conformInvitations},
		{"memberships", conformMemberships},
		{"tasks", conformTasks},
		{"upload by TUS", conformUploadTUS},
		{"upload by multipart", conformUploadMultipart},
		{"tasks from data", conformCreateFromData},
		{"uploads that go on", conformUploadGoesOn},
		{"predefined order", conformPredefinedOrder},
		{"data the server cannot fetch", conformFailedData},
		{"frames", conformFrames},
		{"walk of frames", conformFrameWalk},
		{"context images", conformContextImages},
		{"data meta", conformDataMeta},
		{"jobs", conformJobs},
		{"ground truth jobs", conformGroundTruth},
		{"issues and comments", conformReview},
		{"history of a job", conformCommits},
		{"nested lists", conformNestedLists},
		{"cloud storages", conformCloudStorages},
		{"life of a cloud storage", conformCloudStorageLife},
		{"annotations of a task", conformTaskAnnotations},
		{"annotations of a job", conformJobAnnotations},
		{"exports", conformExports},
		{"serverless functions", conformLambda},
		{"exports to files", conformExportsToFiles},
		{"exports at the same time", conformExportsAtOnce},
		{"imports of annotations", conformImportAnnotations},
		{"imports of datasets", conformImportDataset},
		{"backups", conformBackups},
		{"deletion", conformDeletion},
		{"what is not there", conformMissing},
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, connect := range targets() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := connect(t)
			for _, s := range scenarios() {
				t.Run(s.name, func(t *testing.T) {
					t.Parallel()
					s.run(t, server)
				})
			}
		})
	}
}

// targets returns how to connect to each server.
func targets() map[string]func(*testing.T) *target {
	if url := os.Getenv("CVAT_TEST_URL"); url != "" {
		return map[string]func(*testing.T) *target{"real": func(t *testing.T) *target { t.Helper(); return realTarget(t, url) }}
	}
	return map[string]func(*testing.T) *target{
		"2.3":  func(t *testing.T) *target { t.Helper(); return fakeTarget(t, startFake(t, testserver.V2_3)) },
		"2.73": func(t *testing.T) *target { t.Helper(); return fakeTarget(t, startFake(t, testserver.V2_73)) },
	}
}

func startFake(t *testing.T, dialect testserver.Dialect) *testserver.Server {
	t.Helper()
	srv := testserver.Start(t, testserver.WithDialect(dialect), testserver.WithAnonymousLimit(0))
	t.Cleanup(srv.Close)
	return srv
}

func fakeTarget(t *testing.T, srv *testserver.Server) *target {
	t.Helper()
	deployFunctions(srv)
	srv.Share("conformance/shared.png", picture(t, 0))
	srv.AddAgreement(testserver.Agreement{Name: "conformance", Text: "I run tests.", URL: "https://example.com"})
	admin := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	// A client that knows the release does not even ask for what the server lacks, which the fake would report.
	_, _, err := admin.Server.About(t.Context())
	require.NoError(t, err)
	s := &target{
		admin:  admin,
		user:   newClient(t, srv.URL, cvat.WithBasicAuth("user1", "user-password")),
		login:  "user1",
		secret: "user-password",
		prefix: uniquePrefix(),
		old:    srv.Dialect() == testserver.V2_3,
		wait:   wait,
		prepared: prepared{
			resetMail: srv.ResetToken,
			newBucket: func(t *testing.T) string {
				t.Helper()
				name := uniquePrefix()
				srv.AddBucket(name, pictureBucket(t))
				return name
			},
			shared:    "conformance/shared.png",
			agreement: "conformance",
			functions: true,
		},
	}
	s.newAccount = s.register
	return s
}

// realTarget registers an ordinary user of its own.
func realTarget(t *testing.T, url string) *target {
	t.Helper()
	s := &target{
		admin:  newClient(t, url, cvat.WithBasicAuth(os.Getenv("CVAT_TEST_USER"), os.Getenv("CVAT_TEST_PASSWORD"))),
		wait:   cvat.WaitOptions{MaxInterval: time.Second},
		prefix: uniquePrefix(),
	}
	about, _, err := s.admin.Server.About(t.Context())
	require.NoError(t, err)
	s.old = regexp.MustCompile(`^2\.[0-3](\D|$)`).MatchString(about.Version)
	s.newAccount = func(t *testing.T) (string, string) {
		t.Helper()
		if os.Getenv("CVAT_TEST_DESTRUCTIVE") != "1" {
			lacks(t, "leave to touch accounts", "set CVAT_TEST_DESTRUCTIVE=1")
		}
		return s.register(t)
	}
	s.login, s.secret = s.register(t)
	s.user, err = newClient(t, url).Login(t.Context(), s.login, s.secret)
	require.NoError(t, err)
	return s
}

// register makes a user that goes when the test ends.
func (s *target) register(t *testing.T) (login, secret string) {
	t.Helper()
	login, secret = s.prefix+strings.ToLower(rand.Text()[:4]), rand.Text()
	body := registration(login)
	body.Password1, body.Password2 = secret, secret
	_, _, err := newClient(t, s.admin.BaseURL()).Auth.Register(t.Context(), body)
	require.NoError(t, err)
	t.Cleanup(func() {
		users, _, err := s.admin.Users.List(context.Background(), &cvat.UserListOptions{Username: login})
		require.NoError(t, err)
		for _, user := range users { // none if a scenario has deleted it
			_, err = s.admin.Users.Delete(context.Background(), user.ID)
			require.NoError(t, err)
		}
	})
	return login, secret
}

// newClient returns a client that repeats quickly.
func newClient(t *testing.T, url string, opts ...cvat.Option) *cvat.Client {
	t.Helper()
	client, err := cvat.NewClient(url, append(opts, cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: time.Millisecond}))...)
	require.NoError(t, err)
	return client
}

// uniquePrefix is short, as names of organizations must be.
func uniquePrefix() string { return "c" + strings.ToLower(rand.Text()[:6]) }

// wait looks often: the fake server works fast.
var wait = cvat.WaitOptions{MaxInterval: 5 * time.Millisecond}

// name returns a name of its own for an object of a scenario.
func (s *target) name(t *testing.T) string {
	t.Helper()
	return s.prefix + " " + t.Name() + " " + rand.Text()[:6]
}

// labels are one of each kind that the main job uses.
func labels() []models.LabelCreate {
	return []models.LabelCreate{
		{Name: "car", Type: models.LabelTypeRectangle, Color: "#ff0000", Attributes: []models.AttributeWrite{
			{Name: "colour", InputType: models.InputTypeSelect, DefaultValue: "red", Values: []string{"red", "blue"}},
			{Name: "parked", Mutable: true, InputType: models.InputTypeCheckbox, DefaultValue: "false", Values: []string{"false"}},
		}},
		{Name: "road", Type: models.LabelTypePolygon, Color: "#00ff00"},
		{Name: "night", Type: models.LabelTypeTag, Color: "#0000ff"},
		{
			Name: "person", Type: models.LabelTypeSkeleton, Color: "#00ffff", SVG: skeletonSVG,
			Sublabels: []models.SublabelWrite{{Name: "head", Type: models.LabelTypePoints}, {Name: "foot", Type: models.LabelTypePoints}},
		},
	}
}

// newProject makes a project that goes when the test ends.
func (s *target) newProject(t *testing.T) *models.Project {
	t.Helper()
	project, _, err := s.admin.Projects.Create(t.Context(), models.ProjectCreate{Name: s.name(t), Labels: labels()})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := s.admin.Projects.Delete(context.Background(), project.ID)
		require.NoError(t, err)
	})
	return project
}

// newTask makes an empty task that goes when the test ends.
func (s *target) newTask(t *testing.T) *models.Task {
	t.Helper()
	task, _, err := s.admin.Tasks.Create(t.Context(), models.TaskCreate{Name: s.name(t), Labels: labels(), SegmentSize: 2})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := s.admin.Tasks.Delete(context.Background(), task.ID)
		require.NoError(t, err)
	})
	return task
}

// taskWithFrames makes a task of three pictures in two jobs.
func (s *target) taskWithFrames(t *testing.T) *models.Task {
	t.Helper()
	task := s.newTask(t)
	require.NoError(t, s.admin.Tasks.Upload(t.Context(), task.ID, cvat.Dir(writePictures(t, 3)), &cvat.UploadOptions{Wait: s.wait}))
	task, _, err := s.admin.Tasks.Get(t.Context(), task.ID)
	require.NoError(t, err)
	return task
}

// picture returns a PNG that no other number has.
func picture(t *testing.T, n int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64+n, 48))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.RGBA{uint8(40 * n), 100, 200, 255}), image.Point{}, draw.Src)
	var buf bytes.Buffer
	require.NoError(t, png.Encode(&buf, img))
	return buf.Bytes()
}

// writePictures writes n pictures into a folder of their own.
func writePictures(t *testing.T, n int) string {
	t.Helper()
	folder := t.TempDir()
	for i := range n {
		require.NoError(t, os.WriteFile(fmt.Sprintf("%s/frame%d.png", folder, i), picture(t, i), 0o600))
	}
	return folder
}
