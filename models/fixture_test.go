package models_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

// fixtures says which type each recorded answer in testdata is.
var fixtures = map[string]func(data []byte) ([]byte, error){
	"2.3/about":                 recode[models.About],
	"2.3/annotations":           recode[models.LabeledData],
	"2.3/annotations_empty":     recode[models.LabeledData],
	"2.3/annotations_no_group":  recode[models.LabeledData],
	"2.3/annotations_put":       recode[models.LabeledData],
	"2.3/plugins":               recode[models.Plugins],
	"2.3/log_event":             recode[models.LogEvent],
	"2.3/file_info":             recode[models.FileInfo],
	"2.3/annotations_tracks":    recode[models.LabeledData],
	"2.3/comment":               recode[models.Comment],
	"2.3/comments":              recode[models.Page[models.Comment]],
	"2.3/cloud_storage":         recode[models.CloudStorage],
	"2.3/cloud_storage_created": recode[models.CloudStorage],
	"2.3/cloud_storages":        recode[models.Page[models.CloudStorage]],
	"2.3/data_meta":             recode[models.DataMeta],
	"2.3/data_meta_deleted":     recode[models.DataMeta],
	"2.3/data_meta_no_chunks":   recode[models.DataMeta],
	"2.3/data_request":          recode[models.DataRequest],
	"2.3/detail":                recode[models.Detail],
	"2.3/detail_error":          recode[models.Detail],
	"2.3/formats":               recode[models.DatasetFormats],
	"2.3/issue":                 recode[models.Issue],
	"2.3/issue_resolved":        recode[models.Issue],
	"2.3/issues":                recode[models.Page[models.Issue]],
	"2.3/invitation":            recode[models.Invitation],
	"2.3/invitations":           recode[models.Page[models.Invitation]],
	"2.3/job":                   recode[models.Job],
	"2.3/job_commits":           recode[models.Page[models.JobCommit]],
	"2.3/job_unassigned":        recode[models.Job],
	"2.3/jobs":                  recode[models.Page[models.Job]],
	"2.3/membership":            recode[models.Membership],
	"2.3/memberships":           recode[models.Page[models.Membership]],
	"2.3/organization":          recode[models.Organization],
	"2.3/organization_created":  recode[models.Organization],
	"2.3/project":               recode[models.Project],
	"2.3/project_created":       recode[models.Project],
	"2.3/project_untyped_label": recode[models.Project],
	"2.3/registration":          recode[models.Registration],
	"2.3/rq_id":                 recode[models.RqID],
	"2.3/rq_status":             recode[models.RqStatus],
	"2.3/rq_status_failed":      recode[models.RqStatus],
	"2.3/task":                  recode[models.Task],
	"2.3/task_created":          recode[models.Task],
	"2.3/task_skeleton":         recode[models.Task],
	"2.3/task_storage":          recode[models.Task],
	"2.3/task_video":            recode[models.Task],
	"2.3/tasks":                 recode[models.Page[models.Task]],
	"2.3/token":                 recode[models.Token],
	"2.3/user":                  recode[models.User],
	"2.3/user_basic":            recode[models.BasicUser],
	"2.3/users":                 recode[models.Page[models.User]],
	"2.3/call_failed":           recode[models.FunctionCall],
	"2.3/call_finished":         recode[models.FunctionCall],
	"2.3/call_queued":           recode[models.FunctionCall],
	"2.3/detection":             recode[models.Detection],
	"2.3/function_detector":     recode[models.Function],
	"2.3/function_interactor":   recode[models.Function],
	"2.3/function_tracker":      recode[models.Function],
	"2.3/tracking":              recode[models.Tracking],

	"2.73/about":                      recode[models.About],
	"2.73/annotations":                recode[models.LabeledData],
	"2.73/annotations_keyframe":       recode[models.LabeledData],
	"2.73/plugins":                    recode[models.Plugins],
	"2.73/file_info":                  recode[models.FileInfo],
	"2.73/annotations_skeleton":       recode[models.LabeledData],
	"2.73/annotations_tracks":         recode[models.LabeledData],
	"2.73/comment":                    recode[models.Comment],
	"2.73/comments":                   recode[models.Page[models.Comment]],
	"2.73/cloud_storage":              recode[models.CloudStorage],
	"2.73/cloud_storage_content":      recode[models.CloudStorageContent],
	"2.73/cloud_storage_content_page": recode[models.CloudStorageContent],
	"2.73/cloud_storage_created":      recode[models.CloudStorage],
	"2.73/cloud_storages":             recode[models.Page[models.CloudStorage]],
	"2.73/data_meta":                  recode[models.DataMeta],
	"2.73/data_meta_chapters":         recode[models.DataMeta],
	"2.73/data_meta_cloud":            recode[models.DataMeta],
	"2.73/data_result":                recode[models.DataResult],
	"2.73/detail":                     recode[models.Detail],
	"2.73/formats":                    recode[models.DatasetFormats],
	"2.73/issue":                      recode[models.Issue],
	"2.73/issues":                     recode[models.Page[models.Issue]],
	"2.73/invitation":                 recode[models.Invitation],
	"2.73/invitations":                recode[models.Page[models.Invitation]],
	"2.73/job":                        recode[models.Job],
	"2.73/job_ground_truth":           recode[models.Job],
	"2.73/jobs_consensus":             recode[models.Page[models.Job]],
	"2.73/label":                      recode[models.Label],
	"2.73/labels":                     recode[models.Page[models.Label]],
	"2.73/labels_project":             recode[models.Page[models.Label]],
	"2.73/membership":                 recode[models.Membership],
	"2.73/memberships":                recode[models.Page[models.Membership]],
	"2.73/organization":               recode[models.Organization],
	"2.73/organizations":              recode[models.Page[models.Organization]],
	"2.73/project":                    recode[models.Project],
	"2.73/project_assigned":           recode[models.Project],
	"2.73/project_created":            recode[models.Project],
	"2.73/registration":               recode[models.Registration],
	"2.73/request_backup_import":      recode[models.Request],
	"2.73/request_export":             recode[models.Request],
	"2.73/request_failed":             recode[models.Request],
	"2.73/request_quality":            recode[models.Request],
	"2.73/request_queued":             recode[models.Request],
	"2.73/request_started":            recode[models.Request],
	"2.73/requests":                   recode[models.Page[models.Request]],
	"2.73/rq_id":                      recode[models.RqID],
	"2.73/rq_status":                  recode[models.RqStatus],
	"2.73/task":                       recode[models.Task],
	"2.73/task_assigned":              recode[models.Task],
	"2.73/task_consensus":             recode[models.Task],
	"2.73/task_created":               recode[models.Task],
	"2.73/task_guide":                 recode[models.Page[models.Task]],
	"2.73/task_organization":          recode[models.Task],
	"2.73/task_validation":            recode[models.Task],
	"2.73/tasks":                      recode[models.Page[models.Task]],
	"2.73/token":                      recode[models.Token],
	"2.73/user":                       recode[models.User],
	"2.73/users":                      recode[models.Page[models.User]],
	"2.73/users_never_logged_in":      recode[models.Page[models.User]],
	"2.73/call_finished":              recode[models.FunctionCall],
	"2.73/call_queued":                recode[models.FunctionCall],
	"2.73/detections":                 recode[models.Detections],
	"2.73/function_detector":          recode[models.Function],
	"2.73/function_interactor":        recode[models.Function],
	"2.73/function_tracker":           recode[models.Function],
}

const (
	noSuchThing = "an id is never 0, so 0 says the same as null: there is none"
	notYet      = "no moment is the zero time, so it says the same as null: it has not happened"
	noText      = "nothing useful is an empty text, so it says the same as null"
	noRequest   = "zero is the server's default, so a request need not say so"
	noOthers    = "functions of other kinds do not have it, and it says nothing of them"
	noCount     = "newer servers always send it; absent from older ones it is zero, too"
)

// lenient are the fields where null, absent and zero count as equal, and why.
var lenient = map[string]string{
	"next":     noText,
	"previous": noText,

	"cloud_storage_id":      noSuchThing,
	"data":                  noSuchThing,
	"data_cloud_storage_id": noSuchThing,
	"guide_id":              noSuchThing,
	"job_id":                noSuchThing,
	"org_id":                noSuchThing,
	"organization":          noSuchThing,
	"organization_id":       noSuchThing,
	"parent_id":             noSuchThing,
	"parent_job_id":         noSuchThing,
	"project_id":            noSuchThing,
	"result_id":             noSuchThing,
	"task_id":               noSuchThing,

	"assignee_updated_date": notYet,
	"expiry_date":           notYet,
	"finished_date":         notYet,
	"joined_date":           notYet,
	"last_login":            notYet,
	"started_date":          notYet,
	"started":               notYet,
	"ended":                 notYet,
	"updated_date":          "servers until 2.3 never say when an issue was changed",

	"animated_gif":    noText,
	"bug_tracker":     noText,
	"dimension":       noText,
	"email":           noText,
	"exc_info":        noText,
	"format":          noText,
	"help_message":    noText,
	"invitation":      noText,
	"media_type":      noText,
	"project_name":    noText,
	"result_url":      noText,
	"type":            "a label of a 2.3 server can have the type null, which is none",
	"validation_mode": noText,

	"accepted":             noCount,
	"consensus_enabled":    noCount,
	"consensus_replicas":   noCount,
	"expired":              "null for an invitation that was not sent by mail, which does not expire",
	"has_analytics_access": noCount,
	"is_staff":             noCount,
	"is_superuser":         noCount,
	"lightweight":          "null for everything that is no backup",
	"related_files":        noCount,
	"replicas_count":       noCount,

	"size":            "the size of the data is absent until a task has any",
	"chunk_size":      "a chunk has at least one frame, so 0 says the same as null: not chosen yet",
	"data_chunk_size": "a chunk has at least one frame, so 0 says the same as null: not chosen yet",
	"group":           "servers until 2.64 send null for no group, later ones 0",

	"ANALYTICS": "servers until 2.9 write 0 for false",
	"MODELS":    "servers until 2.9 write 0 for false",
	"PREDICT":   "newer servers do not have it",

	"chapters":        "null for what is no video",
	"included_frames": "null for all frames",
	"copy_data":       noRequest,
	"remote_files":    noRequest,
	"server_files":    noRequest,
	"start_frame":     noRequest,
	"use_cache":       noRequest,
	"use_zip_chunks":  noRequest,
	"source_storage":  "jobs have it since 2.9.2",
	"target_storage":  "jobs have it since 2.9.2",

	"min_neg_points":          noOthers,
	"startswith_box":          noOthers,
	"startswith_box_optional": noOthers,
	"progress":                "newer servers send null until the first frame is done",
	"threshold":               "servers take 0 for none given",
}

// unmodelled are fields of answers that no model has, by fixture and path, and why.
var unmodelled = map[string]map[string]string{
	"2.3/data_request":          {"client_files": "files travel as multipart parts, not in a JSON request"},
	"2.3/annotations_put":       {"tracks.shapes.elements": "always empty, and only in answers to writes"},
	"2.73/detections":           {"shapes.id": "always null, since nothing is stored"},
	"2.73/annotations_keyframe": {"tracks.shapes.keyframe": "always true, and only in answers to writes"},
}

// recode decodes strictly and encodes again.
func recode[T any](data []byte) ([]byte, error) {
	var v T
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func TestFixtures(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(fixtures)) {
		recorded := readFixture(t, name)
		for path := range unmodelled[name] {
			require.Truef(t, remove(recorded, strings.Split(path, ".")), "%s has no %s", name, path)
		}
		data, err := json.Marshal(recorded)
		require.NoError(t, err, name)
		data, err = fixtures[name](data)
		require.NoError(t, err, name)
		var encoded any
		require.NoError(t, json.Unmarshal(data, &encoded), name)
		for _, difference := range compare(name, "", recorded, encoded, used) {
			t.Error(difference)
		}
	}
	for field := range lenient {
		assert.Truef(t, used[field], "no fixture needs the leniency for %s", field)
	}
}

func TestFixturesAreComplete(t *testing.T) {
	t.Parallel()
	var found []string
	err := filepath.WalkDir("testdata", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if filepath.Ext(path) == ".json" {
			name, err := filepath.Rel("testdata", path)
			found = append(found, filepath.ToSlash(name[:len(name)-len(".json")]))
			return err
		}
		return nil
	})
	require.NoError(t, err)
	assert.ElementsMatch(t, slices.Collect(maps.Keys(fixtures)), found)
}

func readFixture(t *testing.T, name string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)+".json"))
	require.NoError(t, err)
	var v map[string]any
	require.NoError(t, json.Unmarshal(data, &v))
	return v
}

// remove deletes the field at the end of path, in all elements of the lists on the way, and reports whether it was there.
func remove(v any, path []string) bool {
	found := false
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			found = remove(element, path) || found
		}
	case map[string]any:
		if len(path) > 1 {
			return remove(v[path[0]], path[1:])
		}
		_, found = v[path[0]]
		delete(v, path[0])
	}
	return found
}

// compare lists where encoded is not what was recorded, and notes in used which leniencies it needed. The field is the key
// that the two values are under.
func compare(path, field string, recorded, encoded any, used map[string]bool) []string {
	switch recorded := recorded.(type) {
	case map[string]any:
		if encoded, ok := encoded.(map[string]any); ok {
			return compareObjects(path, recorded, encoded, used)
		}
	case []any:
		if encoded, ok := encoded.([]any); ok && len(recorded) == len(encoded) {
			var differences []string
			for i := range recorded {
				differences = append(differences, compare(fmt.Sprintf("%s[%d]", path, i), field, recorded[i], encoded[i], used)...)
			}
			return differences
		}
	case string:
		if encoded, ok := encoded.(string); ok && (recorded == encoded || sameMoment(recorded, encoded) || sameAttributes(field, recorded, encoded)) {
			return nil
		}
	default:
		if recorded == encoded {
			return nil
		}
	}
	if _, ok := lenient[field]; ok && isZero(recorded) && isZero(encoded) {
		used[field] = true
		return nil
	}
	return []string{fmt.Sprintf("%s: recorded %v, encoded %v", path, recorded, encoded)}
}

// absent stands for the value of a key that is not there.
type absent struct{}

func (absent) String() string { return "nothing" }

func compareObjects(path string, recorded, encoded map[string]any, used map[string]bool) []string {
	keys := maps.Clone(recorded)
	maps.Copy(keys, encoded)
	var differences []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		differences = append(differences, compare(path+"."+key, key, valueOf(recorded, key), valueOf(encoded, key), used)...)
	}
	return differences
}

func valueOf(object map[string]any, key string) any {
	if v, ok := object[key]; ok {
		return v
	}
	return absent{}
}

func sameMoment(a, b string) bool {
	// Lambda requests of servers until 2.4 have no time zone.
	first, errFirst := time.Parse(time.RFC3339, strings.TrimSuffix(a, "Z")+"Z")
	second, errSecond := time.Parse(time.RFC3339, b)
	return errFirst == nil && errSecond == nil && first.Equal(second)
}

// sameAttributes compares the attributes of cloud storages, which may come in any order and escaped or not.
func sameAttributes(field, a, b string) bool {
	first, errFirst := url.ParseQuery(a)
	second, errSecond := url.ParseQuery(b)
	return field == "specific_attributes" && errFirst == nil && errSecond == nil && reflect.DeepEqual(first, second)
}

func isZero(v any) bool {
	switch v := v.(type) {
	case absent, nil:
		return true
	case bool:
		return !v
	case float64:
		return v == 0
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}
