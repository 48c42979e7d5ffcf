package models_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

// filled has every type that is only written, with every field set, and the JSON it must become.
var filled = []struct {
	body any
	want string
}{
	{
		models.LoginRequest{Username: "ann", Email: "ann@example.com", Password: "secret"},
		`{"username": "ann", "email": "ann@example.com", "password": "secret"}`,
	},
	{
		models.RegisterRequest{
			Username: "annie", Email: "ann@example.com", FirstName: "Ann", LastName: "Otator", Password1: "secret", Password2: "secret",
			Confirmations: []models.AgreementConfirmation{{Name: "privacy", Value: true}},
		},
		`{"username": "annie", "email": "ann@example.com", "first_name": "Ann", "last_name": "Otator", "password1": "secret",
		  "password2": "secret", "confirmations": [{"name": "privacy", "value": true}]}`,
	},
	{
		models.PasswordChangeRequest{OldPassword: "old", NewPassword1: "secret", NewPassword2: "secret"},
		`{"old_password": "old", "new_password1": "secret", "new_password2": "secret"}`,
	},
	{models.PasswordResetRequest{Email: "ann@example.com"}, `{"email": "ann@example.com"}`},
	{
		models.PasswordResetConfirmRequest{NewPassword1: "secret", NewPassword2: "secret", UID: "MQ", Token: "abc"},
		`{"new_password1": "secret", "new_password2": "secret", "uid": "MQ", "token": "abc"}`,
	},
	{models.SigningRequest{URL: "/api/tasks/1"}, `{"url": "/api/tasks/1"}`},
	{
		models.UserPatch{
			Username: new("annie"), FirstName: new("Ann"), LastName: new("Otator"), Email: new("ann@example.com"), Groups: []string{"user"},
			IsStaff: new(true), IsSuperuser: new(false), IsActive: new(true),
		},
		`{"username": "annie", "first_name": "Ann", "last_name": "Otator", "email": "ann@example.com", "groups": ["user"],
		  "is_staff": true, "is_superuser": false, "is_active": true}`,
	},
	{
		models.LogEvent{
			JobID: 1, TaskID: 2, ProjectID: 3, ClientID: 7, Name: "Load job", Time: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
			Message: "loaded", Payload: map[string]any{"duration": 12}, IsActive: true,
		},
		`{"job_id": 1, "task_id": 2, "proj_id": 3, "client_id": 7, "name": "Load job", "time": "2026-11-23T12:00:00Z",
		  "message": "loaded", "payload": {"duration": 12}, "is_active": true}`,
	},
	{
		models.Exception{
			System: "Linux", Client: "go", Time: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), JobID: 1, TaskID: 2, ProjectID: 3,
			ClientID: 7, Message: "boom", Filename: "http://example.com/a.js", Line: 1, Column: 2, Stack: "trace",
		},
		`{"system": "Linux", "client": "go", "time": "2026-11-23T12:00:00Z", "job_id": 1, "task_id": 2, "proj_id": 3,
		  "client_id": 7, "message": "boom", "filename": "http://example.com/a.js", "line": 1, "column": 2, "stack": "trace"}`,
	},
	{
		models.StorageWrite{Location: models.LocationCloudStorage, CloudStorageID: models.Value[int64](3)},
		`{"location": "cloud_storage", "cloud_storage_id": 3}`,
	},
	{
		models.AttributeWrite{
			ID: 7, Name: "age", Mutable: true, InputType: models.InputTypeNumber, DefaultValue: "1",
			Values: []string{"0", "10", "1"}, Deleted: true,
		},
		`{"id": 7, "name": "age", "mutable": true, "input_type": "number", "default_value": "1",
		  "values": ["0", "10", "1"], "deleted": true}`,
	},
	{
		models.SublabelWrite{
			ID: 6, Name: "nose", Color: "#ff0000", Attributes: []models.AttributeWrite{{Name: "seen"}},
			Type: models.LabelTypePoints,
		},
		`{"id": 6, "name": "nose", "color": "#ff0000", "type": "points", "attributes":
		  [{"name": "seen", "mutable": false, "input_type": "", "default_value": "", "values": []}]}`,
	},
	{
		models.LabelCreate{
			Name: "face", Color: "#00ff00", Attributes: []models.AttributeWrite{{Name: "age", InputType: models.InputTypeText}},
			Type: models.LabelTypeSkeleton, SVG: "<circle/>", Sublabels: []models.SublabelWrite{{Name: "nose"}},
		},
		`{"name": "face", "color": "#00ff00", "type": "skeleton", "svg": "<circle/>", "sublabels": [{"name": "nose"}],
		  "attributes": [{"name": "age", "mutable": false, "input_type": "text", "default_value": "", "values": []}]}`,
	},
	{
		models.LabelPatch{
			ID: new(int64(5)), Name: new("face"), Color: new("#00ff00"), Attributes: []models.AttributeWrite{{ID: 7, Name: "age"}},
			Deleted: new(false), Type: new(models.LabelTypeSkeleton), SVG: new("<circle/>"),
			Sublabels: []models.SublabelWrite{{ID: 6, Name: "nose"}},
		},
		`{"id": 5, "name": "face", "color": "#00ff00", "deleted": false, "type": "skeleton", "svg": "<circle/>",
		  "sublabels": [{"id": 6, "name": "nose"}],
		  "attributes": [{"id": 7, "name": "age", "mutable": false, "input_type": "", "default_value": "", "values": []}]}`,
	},
	{
		models.ProjectCreate{
			Name: "street", Labels: []models.LabelCreate{{Name: "car"}}, BugTracker: "https://bugs.example.com",
			TargetStorage: &models.StorageWrite{Location: models.LocationLocal}, SourceStorage: &models.StorageWrite{},
			OwnerID: 1, AssigneeID: 2,
		},
		`{"name": "street", "labels": [{"name": "car"}], "bug_tracker": "https://bugs.example.com",
		  "target_storage": {"location": "local"}, "source_storage": {}, "owner_id": 1, "assignee_id": 2}`,
	},
	{
		models.ProjectPatch{
			Name: new("street"), Labels: []models.LabelPatch{{ID: new(int64(5)), Deleted: new(true)}}, BugTracker: new(""),
			TargetStorage: &models.StorageWrite{Location: models.LocationLocal}, SourceStorage: &models.StorageWrite{},
			OwnerID: models.Value[int64](1), AssigneeID: models.Value[int64](2), OrganizationID: models.Value[int64](3),
		},
		`{"name": "street", "labels": [{"id": 5, "deleted": true}], "bug_tracker": "", "target_storage": {"location": "local"},
		  "source_storage": {}, "owner_id": 1, "assignee_id": 2, "organization_id": 3}`,
	},
	{
		models.TaskCreate{
			Name: "street", ProjectID: 9, BugTracker: "https://bugs.example.com", Overlap: new(0), SegmentSize: 100,
			Labels: []models.LabelCreate{{Name: "car"}}, Subset: "Train",
			TargetStorage: &models.StorageWrite{Location: models.LocationLocal}, SourceStorage: &models.StorageWrite{},
			OwnerID: 1, AssigneeID: 2, ConsensusReplicas: 3,
		},
		`{"name": "street", "project_id": 9, "bug_tracker": "https://bugs.example.com", "overlap": 0, "segment_size": 100,
		  "labels": [{"name": "car"}], "subset": "Train", "target_storage": {"location": "local"}, "source_storage": {},
		  "owner_id": 1, "assignee_id": 2, "consensus_replicas": 3}`,
	},
	{
		models.TaskPatch{
			Name: new("street"), ProjectID: models.Value[int64](9), BugTracker: new(""),
			Labels: []models.LabelPatch{{Name: new("car")}}, Subset: new(""),
			TargetStorage: &models.StorageWrite{Location: models.LocationLocal}, SourceStorage: &models.StorageWrite{},
			OwnerID: models.Value[int64](1), AssigneeID: models.Value[int64](2), OrganizationID: models.Value[int64](3),
		},
		`{"name": "street", "project_id": 9, "bug_tracker": "", "labels": [{"name": "car"}], "subset": "",
		  "target_storage": {"location": "local"}, "source_storage": {}, "owner_id": 1, "assignee_id": 2, "organization_id": 3}`,
	},
	{
		models.JobCreate{
			TaskID: 4, Assignee: 2, Stage: models.JobStageValidation, State: models.JobStateInProgress, FrameCount: 5,
			Type: models.JobTypeGroundTruth, FrameSelectionMethod: models.FrameSelectionManual, FrameShare: 0.5,
			FramesPerJobCount: 6, FramesPerJobShare: 0.25, RandomSeed: new(int64(0)), Frames: []int{0, 7},
		},
		`{"task_id": 4, "assignee": 2, "stage": "validation", "state": "in progress", "frame_count": 5, "type": "ground_truth",
		  "frame_selection_method": "manual", "frame_share": 0.5, "frames_per_job_count": 6, "frames_per_job_share": 0.25,
		  "random_seed": 0, "frames": [0, 7]}`,
	},
	{
		models.JobPatch{
			Assignee: models.Value[int64](2), Stage: new(models.JobStageAcceptance), State: new(models.JobStateCompleted),
		},
		`{"assignee": 2, "stage": "acceptance", "state": "completed"}`,
	},
	{
		models.IssueCreate{Frame: 3, Position: []float64{1.5, 2}, Job: 4, Assignee: 2, Message: "wrong", Resolved: true},
		`{"frame": 3, "position": [1.5, 2], "job": 4, "assignee": 2, "message": "wrong", "resolved": true}`,
	},
	{
		models.IssuePatch{Position: []float64{1.5, 2}, Assignee: models.Value[int64](2), Resolved: new(false)},
		`{"position": [1.5, 2], "assignee": 2, "resolved": false}`,
	},
	{models.CommentCreate{Issue: 4, Message: "why?"}, `{"issue": 4, "message": "why?"}`},
	{models.CommentPatch{Message: new("why?")}, `{"message": "why?"}`},
	{
		models.OrganizationCreate{Slug: "acme", Name: "Acme", Description: "d", Contact: map[string]string{"email": "a@example.com"}},
		`{"slug": "acme", "name": "Acme", "description": "d", "contact": {"email": "a@example.com"}}`,
	},
	{
		models.OrganizationPatch{
			Slug: new("acme"), Name: new(""), Description: new(""), Contact: map[string]string{"email": "a@example.com"},
		},
		`{"slug": "acme", "name": "", "description": "", "contact": {"email": "a@example.com"}}`,
	},
	{models.MembershipPatch{Role: new(models.RoleMaintainer)}, `{"role": "maintainer"}`},
	{
		models.InvitationCreate{Role: models.RoleWorker, Email: "ann@example.com"},
		`{"role": "worker", "email": "ann@example.com"}`,
	},
	{
		models.InvitationPatch{Role: new(models.RoleWorker), Email: new("ann@example.com")},
		`{"role": "worker", "email": "ann@example.com"}`,
	},
	{
		models.ValidationParams{
			Mode: models.ValidationModeGTPool, FrameSelectionMethod: models.FrameSelectionRandomPerJob, RandomSeed: new(int64(0)),
			Frames: []string{"a.jpg"}, FrameCount: 5, FrameShare: 0.5, FramesPerJobCount: 6, FramesPerJobShare: 0.25,
		},
		`{"mode": "gt_pool", "frame_selection_method": "random_per_job", "random_seed": 0, "frames": ["a.jpg"],
		  "frame_count": 5, "frame_share": 0.5, "frames_per_job_count": 6, "frames_per_job_share": 0.25}`,
	},
	{
		models.DataRequest{
			ChunkSize: 36, Size: 5, ImageQuality: 70, StartFrame: 1, StopFrame: new(0), FrameFilter: "step=2",
			CompressedChunkType: models.ChunkTypeImageset, OriginalChunkType: models.ChunkTypeVideo,
			ServerFiles: []string{"a.jpg"}, RemoteFiles: []string{"https://example.com/b.jpg"}, UseZipChunks: true,
			CloudStorageID: 3, UseCache: true, CopyData: true, StorageMethod: models.StorageMethodCache,
			Storage: models.StorageTypeShare, SortingMethod: models.SortingPredefined, ServerFilesExclude: []string{"c/"},
			FilenamePattern: "*.jpg", JobFileMapping: [][]string{{"a.jpg"}, {"b.jpg"}}, UploadFileOrder: []string{"a.jpg"},
			ValidationParams: &models.ValidationParams{Mode: models.ValidationModeGT},
		},
		`{"chunk_size": 36, "size": 5, "image_quality": 70, "start_frame": 1, "stop_frame": 0, "frame_filter": "step=2",
		  "compressed_chunk_type": "imageset", "original_chunk_type": "video", "server_files": ["a.jpg"],
		  "remote_files": ["https://example.com/b.jpg"], "use_zip_chunks": true, "cloud_storage_id": 3, "use_cache": true,
		  "copy_data": true, "storage_method": "cache", "storage": "share", "sorting_method": "predefined",
		  "server_files_exclude": ["c/"], "filename_pattern": "*.jpg", "job_file_mapping": [["a.jpg"], ["b.jpg"]],
		  "upload_file_order": ["a.jpg"], "validation_params": {"mode": "gt"}}`,
	},
	{
		models.DataMetaPatch{DeletedFrames: []int{0, 2}, CloudStorageID: models.Value[int64](3)},
		`{"deleted_frames": [0, 2], "cloud_storage_id": 3}`,
	},
	{
		models.CloudStorageCreate{
			ProviderType: models.ProviderTypeAWSS3Bucket, Resource: "bucket", DisplayName: "pictures",
			Credentials:        models.Credentials{Type: models.CredentialsTypeKeySecretKeyPair, Key: "key", SecretKey: "secret"},
			SpecificAttributes: models.SpecificAttributes{Region: "eu-central-1"}, Description: "all", Manifests: []string{"m.jsonl"},
		},
		`{"provider_type": "AWS_S3_BUCKET", "resource": "bucket", "display_name": "pictures", "key": "key", "secret_key": "secret",
		  "credentials_type": "KEY_SECRET_KEY_PAIR", "specific_attributes": "region=eu-central-1", "description": "all",
		  "manifests": ["m.jsonl"]}`,
	},
	{
		models.CloudStoragePatch{
			Resource: new("bucket"), DisplayName: new("pictures"), Credentials: models.Credentials{
				Type: models.CredentialsTypeAccountNameTokenPair, AccountName: "account", SessionToken: "token",
				ConnectionString: "string", KeyFile: []byte("{}"),
			},
			SpecificAttributes: &models.SpecificAttributes{}, Description: new(""), Manifests: []string{"m.jsonl"},
		},
		`{"resource": "bucket", "display_name": "pictures", "credentials_type": "ACCOUNT_NAME_TOKEN_PAIR",
		  "account_name": "account", "session_token": "token", "connection_string": "string", "specific_attributes": "",
		  "description": "", "manifests": ["m.jsonl"]}`,
	},
	{
		models.FunctionCallParams{ID: "yolo", Task: 1, Job: 2, Threshold: 0.5},
		`{"id": "yolo", "task": 1, "job": 2, "threshold": 0.5}`,
	},
	{
		models.FunctionCallCreate{
			Function: "yolo", Task: 1, Job: 2, Threshold: 0.5, Quality: models.FunctionQualityOriginal, Cleanup: true,
			Mapping: map[string]models.LabelMapping{"car": {
				Name: "vehicle", Attributes: map[string]string{"colour": "color"},
				Sublabels: map[string]models.LabelMapping{"0": {Name: "nose"}},
			}},
			ConvMaskToPoly: true, MaxDistance: 50, ROI: []int{0, 0, 10, 20},
		},
		`{"function": "yolo", "task": 1, "job": 2, "threshold": 0.5, "quality": "original", "cleanup": true,
		  "mapping": {"car": {"name": "vehicle", "attributes": {"colour": "color"}, "sublabels": {"0": {"name": "nose"}}}},
		  "conv_mask_to_poly": true, "max_distance": 50, "roi": [0, 0, 10, 20]}`,
	},
	{
		models.DetectRequest{
			Task: 1, Job: 2, Frame: 3, Threshold: 0.5, Quality: models.FunctionQualityCompressed,
			Mapping: map[string]models.LabelMapping{"car": {Name: "vehicle"}}, ConvMaskToPoly: true, ROI: []int{0, 0, 10, 20},
		},
		`{"task": 1, "job": 2, "frame": 3, "threshold": 0.5, "quality": "compressed", "mapping": {"car": {"name": "vehicle"}},
		  "conv_mask_to_poly": true, "roi": [0, 0, 10, 20]}`,
	},
	{
		models.InteractRequest{
			Task: 1, Job: 2, Frame: 3, PosPoints: [][2]float64{{1, 2}}, NegPoints: [][2]float64{{3, 4.5}},
			ObjBBox: [][2]float64{{0, 0}, {5, 6}}, TextPrompts: []string{"a car"}, Threshold: 0.5,
			Quality: models.FunctionQualityOriginal, ROI: []int{0, 0, 10, 20},
		},
		`{"task": 1, "job": 2, "frame": 3, "pos_points": [[1, 2]], "neg_points": [[3, 4.5]], "obj_bbox": [[0, 0], [5, 6]],
		  "text_prompts": ["a car"], "threshold": 0.5, "quality": "original", "roi": [0, 0, 10, 20]}`,
	},
	{
		models.TrackRequest{
			Task: 1, Job: 2, Frame: 3, Shapes: []models.TrackerShape{
				{Points: []float64{1, 2, 3, 4}}, {Type: models.ShapeTypeRectangle, Points: []float64{5, 6, 7, 8}},
			},
			States: []json.RawMessage{json.RawMessage(`{"s":1}`), nil}, Quality: models.FunctionQualityOriginal,
		},
		`{"task": 1, "job": 2, "frame": 3, "shapes": [[1, 2, 3, 4], {"type": "rectangle", "points": [5, 6, 7, 8]}],
		  "states": [{"s": 1}, null], "quality": "original"}`,
	},
	{
		models.ReidentifyRequest{
			Task: 1, Job: 2, Frame0: 3, Frame1: 4,
			Boxes0:    []models.LabeledShape{{Type: models.ShapeTypeRectangle, Points: []float64{1, 2, 3, 4}, LabelID: 9}},
			Boxes1:    []models.LabeledShape{{Type: models.ShapeTypeRectangle, Points: []float64{5, 6, 7, 8}, LabelID: 9, Frame: 1}},
			Threshold: 0.5, MaxDistance: 50, Quality: models.FunctionQualityOriginal,
		},
		`{"task": 1, "job": 2, "frame0": 3, "frame1": 4,
		  "boxes0": [{"type": "rectangle", "occluded": false, "outside": false, "z_order": 0, "rotation": 0, "points": [1, 2, 3, 4],
		    "frame": 0, "label_id": 9, "group": 0}],
		  "boxes1": [{"type": "rectangle", "occluded": false, "outside": false, "z_order": 0, "rotation": 0, "points": [5, 6, 7, 8],
		    "frame": 1, "label_id": 9, "group": 0}],
		  "threshold": 0.5, "max_distance": 50, "quality": "original"}`,
	},
}

func TestWriteEveryField(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, test := range filled {
		body := reflect.ValueOf(test.body)
		name := body.Type().Name()
		covered[name] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for field, value := range body.Fields() {
				assert.Falsef(t, value.IsZero(), "%s is not set", field.Name)
			}
			assertEncodes(t, test.want, test.body)
		})
	}
	for _, name := range writtenTypes(t) {
		assert.Truef(t, covered[name], "%s has no test", name)
	}
}

// writtenTypes are the names of the exported types that are only written.
func writtenTypes(t *testing.T) []string {
	t.Helper()
	written := regexp.MustCompile(`(Create|Patch|Write|Params|\wRequest)$`)
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for node := range ast.Preorder(file) {
			if spec, ok := node.(*ast.TypeSpec); ok && spec.Name.IsExported() && written.MatchString(spec.Name.Name) {
				names = append(names, spec.Name.Name)
			}
		}
	}
	return names
}

func TestWriteOnlyWhatIsSet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body any
		want string
	}{
		// Absent: what must be there, and no more.
		{models.LoginRequest{}, `{"password": ""}`},
		{models.RegisterRequest{}, `{"username": "", "password1": "", "password2": ""}`},
		{models.UserPatch{}, `{}`},
		{models.StorageWrite{}, `{}`},
		{models.AttributeWrite{}, `{"name": "", "mutable": false, "input_type": "", "default_value": "", "values": []}`},
		{models.SublabelWrite{}, `{"name": ""}`},
		{models.LabelCreate{}, `{"name": ""}`},
		{models.LabelPatch{}, `{}`},
		{models.ProjectCreate{}, `{"name": ""}`},
		{models.ProjectPatch{}, `{}`},
		{models.TaskCreate{}, `{"name": ""}`},
		{models.TaskPatch{}, `{}`},
		{models.JobCreate{}, `{"task_id": 0, "type": ""}`},
		{models.JobPatch{}, `{}`},
		{models.IssueCreate{}, `{"frame": 0, "position": null, "job": 0, "message": ""}`},
		{models.IssuePatch{}, `{}`},
		{models.CommentCreate{}, `{"issue": 0, "message": ""}`},
		{models.CommentPatch{}, `{}`},
		{models.OrganizationCreate{}, `{"slug": ""}`},
		{models.OrganizationPatch{}, `{}`},
		{models.MembershipPatch{}, `{}`},
		{models.InvitationCreate{}, `{"role": "", "email": ""}`},
		{models.InvitationPatch{}, `{}`},
		{models.ValidationParams{}, `{"mode": ""}`},
		{models.DataRequest{}, `{}`},
		{models.DataMetaPatch{}, `{}`},
		{models.CloudStorageCreate{}, `{"provider_type": "", "resource": "", "display_name": ""}`},
		{models.CloudStoragePatch{}, `{}`},

		// Null: clears.
		{models.StorageWrite{CloudStorageID: models.Null[int64]()}, `{"cloud_storage_id": null}`},
		{
			models.ProjectPatch{
				OwnerID: models.Null[int64](), AssigneeID: models.Null[int64](), OrganizationID: models.Null[int64](),
			},
			`{"owner_id": null, "assignee_id": null, "organization_id": null}`,
		},
		{
			models.TaskPatch{
				ProjectID: models.Null[int64](), OwnerID: models.Null[int64](), AssigneeID: models.Null[int64](),
				OrganizationID: models.Null[int64](),
			},
			`{"project_id": null, "owner_id": null, "assignee_id": null, "organization_id": null}`,
		},
		{models.JobPatch{Assignee: models.Null[int64]()}, `{"assignee": null}`},
		{models.IssuePatch{Assignee: models.Null[int64]()}, `{"assignee": null}`},
		{models.DataMetaPatch{CloudStorageID: models.Null[int64]()}, `{"cloud_storage_id": null}`},

		// Zero: a value like any other.
		{models.JobPatch{Assignee: models.Value[int64](0)}, `{"assignee": 0}`},
		{models.LabelPatch{Name: new(""), Deleted: new(false)}, `{"name": "", "deleted": false}`},
		{models.IssuePatch{Resolved: new(false)}, `{"resolved": false}`},
		{models.TaskPatch{Name: new(""), Subset: new("")}, `{"name": "", "subset": ""}`},

		// Empty lists: sent where they say something, not where they say no more than absent.
		{models.UserPatch{Groups: []string{}, FirstName: new("")}, `{"groups": [], "first_name": ""}`},
		{models.DataMetaPatch{DeletedFrames: []int{}}, `{"deleted_frames": []}`},
		{models.CloudStorageCreate{Manifests: []string{}}, `{"provider_type": "", "resource": "", "display_name": ""}`},
		{models.CloudStoragePatch{Manifests: []string{}}, `{"manifests": []}`},
		{models.DataRequest{UploadFileOrder: []string{}}, `{"upload_file_order": []}`},
		{
			models.DataRequest{
				ServerFiles: []string{}, RemoteFiles: []string{}, ServerFilesExclude: []string{}, JobFileMapping: [][]string{},
			},
			`{}`,
		},
		{models.OrganizationPatch{Contact: map[string]any{}}, `{"contact": {}}`},
		{models.LabelPatch{Attributes: []models.AttributeWrite{}, Sublabels: []models.SublabelWrite{}}, `{}`},
		{models.ProjectPatch{Labels: []models.LabelPatch{}}, `{}`},
		{models.IssuePatch{Position: []float64{}}, `{}`},
		{models.TaskPatch{Labels: []models.LabelPatch{}}, `{}`},
	}
	for _, test := range tests {
		assertEncodes(t, test.want, test.body)
	}
}

func assertEncodes(t *testing.T, want string, body any) {
	t.Helper()
	data, err := json.Marshal(body)
	require.NoError(t, err)
	assert.JSONEq(t, want, string(data), "%T", body)
}
