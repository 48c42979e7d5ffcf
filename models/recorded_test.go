package models_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat/models"
)

// answers says which type the successful JSON answers of each operation are.
var answers = map[string]func(data []byte) ([]byte, error){
	"auth_create_login":                     recode[models.Token],
	"auth_create_logout":                    recode[models.Detail],
	"auth_create_password_change":           recode[models.Detail],
	"auth_create_password_reset":            recode[models.Detail],
	"auth_create_register":                  recode[models.Registration],
	"cloudstorages_create":                  recode[models.CloudStorage],
	"cloudstorages_list":                    recode[models.Page[models.CloudStorage]],
	"cloudstorages_partial_update":          recode[models.CloudStorage],
	"cloudstorages_retrieve":                recode[models.CloudStorage],
	"cloudstorages_retrieve_actions":        recode[[]string],
	"cloudstorages_retrieve_content":        recode[[]string],
	"cloudstorages_retrieve_content_v2":     recode[models.CloudStorageContent],
	"cloudstorages_retrieve_status":         recode[models.CloudStorageStatus],
	"comments_create":                       recode[models.Comment],
	"comments_list":                         recode[models.Page[models.Comment]],
	"comments_partial_update":               recode[models.Comment],
	"comments_retrieve":                     recode[models.Comment],
	"invitations_create":                    recode[models.Invitation],
	"invitations_list":                      recode[models.Page[models.Invitation]],
	"invitations_partial_update":            recode[models.Invitation],
	"invitations_retrieve":                  recode[models.Invitation],
	"issues_create":                         recode[models.Issue],
	"issues_list":                           recode[models.Page[models.Issue]],
	"issues_list_comments":                  recode[[]models.Comment],
	"issues_partial_update":                 recode[models.Issue],
	"issues_retrieve":                       recode[models.Issue],
	"jobs_create":                           recode[models.Job],
	"jobs_create_dataset_export":            recode[models.RqID],
	"jobs_list":                             recode[models.Page[models.Job]],
	"jobs_list_commits":                     recode[models.Page[models.JobCommit]],
	"jobs_list_issues":                      recode[[]models.Issue],
	"jobs_partial_update":                   recode[models.Job],
	"jobs_partial_update_annotations":       recode[models.LabeledData],
	"jobs_partial_update_data_meta":         recode[models.DataMeta],
	"jobs_retrieve":                         recode[models.Job],
	"jobs_retrieve_annotations":             recode[models.LabeledData],
	"jobs_retrieve_data_meta":               recode[models.DataMeta],
	"jobs_update_annotations":               recode[models.LabeledData],
	"labels_list":                           recode[models.Page[models.Label]],
	"labels_partial_update":                 recode[models.Label],
	"labels_retrieve":                       recode[models.Label],
	"lambda_create_functions":               computed,
	"lambda_create_requests":                recode[models.FunctionCall],
	"lambda_list_functions":                 recode[[]models.Function],
	"lambda_list_requests":                  recode[[]models.FunctionCall],
	"lambda_retrieve_functions":             recode[models.Function],
	"lambda_retrieve_requests":              recode[models.FunctionCall],
	"memberships_list":                      recode[models.Page[models.Membership]],
	"memberships_partial_update":            recode[models.Membership],
	"memberships_retrieve":                  recode[models.Membership],
	"organizations_create":                  recode[models.Organization],
	"organizations_list":                    organizations,
	"organizations_partial_update":          recode[models.Organization],
	"organizations_retrieve":                recode[models.Organization],
	"projects_create":                       recode[models.Project],
	"projects_create_backup":                restored,
	"projects_create_backup_export":         recode[models.RqID],
	"projects_create_dataset":               recode[models.RqID],
	"projects_retrieve_dataset":             recode[models.RqStatus],
	"tasks_create_backup":                   restored,
	"tasks_create_backup_export":            recode[models.RqID],
	"projects_create_dataset_export":        recode[models.RqID],
	"projects_list":                         recode[models.Page[models.Project]],
	"projects_list_tasks":                   recode[models.Page[models.Task]],
	"projects_partial_update":               recode[models.Project],
	"projects_retrieve":                     recode[models.Project],
	"projects_retrieve_annotations":         recode[models.LabeledData],
	"requests_list":                         recode[models.Page[models.Request]],
	"requests_retrieve":                     recode[models.Request],
	"restrictions_retrieve_user_agreements": recode[[]models.UserAgreement],
	"server_create_logs":                    recode[[]models.LogEvent],
	"server_list_share":                     recode[[]models.FileInfo],
	"server_retrieve_about":                 recode[models.About],
	"server_retrieve_annotation_formats":    recode[models.DatasetFormats],
	"server_retrieve_plugins":               recode[models.Plugins],
	"tasks_create":                          recode[models.Task],
	"tasks_create_annotations":              recode[models.RqID],
	"tasks_create_data":                     data,
	"tasks_create_dataset_export":           recode[models.RqID],
	"tasks_list":                            recode[models.Page[models.Task]],
	"tasks_list_jobs":                       recode[[]models.Job],
	"tasks_partial_update":                  recode[models.Task],
	"tasks_partial_update_annotations":      recode[models.LabeledData],
	"tasks_partial_update_data_meta":        recode[models.DataMeta],
	"tasks_retrieve":                        recode[models.Task],
	"tasks_retrieve_annotations":            recode[models.LabeledData],
	"tasks_retrieve_data_meta":              recode[models.DataMeta],
	"tasks_retrieve_status":                 recode[models.RqStatus],
	"tasks_update_annotations":              recode[models.LabeledData],
	"users_list":                            recode[models.Page[models.User]],
	"users_partial_update":                  recode[models.User],
	"users_retrieve":                        recode[models.User],
	"users_retrieve_self":                   recode[models.User],
}

const accessTokens = "access tokens belong to newer servers, and to a later version of the library"

// unmodelledAnswers are operations whose answers have no type, and why.
var unmodelledAnswers = map[string]string{
	"auth_create_access_tokens":         accessTokens,
	"auth_list_access_tokens":           accessTokens,
	"auth_partial_update_access_tokens": accessTokens,
	"auth_retrieve_access_tokens":       accessTokens,
	"auth_retrieve_access_tokens_self":  accessTokens,
}

// unmodelledFields are fields of answers that no type has, or that it does not write: see unmodelled. Servers refuse a
// frame_filter that is empty.
var unmodelledFields = map[string][]string{
	"tasks_create_data":                {"client_files", "frame_filter"},
	"lambda_create_functions":          {"shapes.id"},
	"jobs_update_annotations":          {"tracks.shapes.elements"},
	"tasks_update_annotations":         {"tracks.shapes.elements"},
	"jobs_partial_update_annotations":  {"tracks.shapes.elements"},
	"tasks_partial_update_annotations": {"tracks.shapes.elements"},
}

// restored is the id of the request or, in the end, up to 2.15, of the object.
func restored(answer []byte) ([]byte, error) {
	if bytes.Contains(answer, []byte("rq_id")) {
		return recode[models.RqID](answer)
	}
	return recode[struct {
		ID int64 `json:"id"`
	}](answer)
}

// organizations is a bare array up to 2.3.
func organizations(data []byte) ([]byte, error) {
	if data[0] == '[' {
		return recode[[]models.Organization](data)
	}
	return recode[models.Page[models.Organization]](data)
}

// computed is what a function found: each kind answers in its own way.
func computed(answer []byte) ([]byte, error) {
	switch {
	case bytes.Contains(answer, []byte(`"states"`)):
		return recode[models.Tracking](answer)
	case bytes.HasPrefix(answer, []byte("[{")):
		return recode[[]models.Detection](answer)
	case bytes.HasPrefix(answer, []byte("[[")):
		return recode[models.Interaction](answer)
	}
	return recode[models.Detections](answer)
}

// data is the request, as the server understood it, up to 2.15.
func data(answer []byte) ([]byte, error) {
	if bytes.Contains(answer, []byte("rq_id")) {
		return recode[models.DataResult](answer)
	}
	return recode[models.DataRequest](answer)
}

// recorded is what the tests of the fake server replay.
type recorded struct {
	Seq       int    `json:"seq"`
	Setup     bool   `json:"setup"`
	Operation string `json:"operation"`
	Answer    struct {
		Status int    `json:"status"`
		Body   string `json:"body"`
	} `json:"answer"`
}

// TestRecordedAnswers reads every successful JSON answer that was recorded as its type, strictly, and writes it again.
func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	for _, server := range []string{"2.3", "2.73"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			for _, r := range readRecorded(t, server) {
				if r.Setup || r.Operation == "" || r.Answer.Status >= 300 || r.Answer.Body == "" {
					continue
				}
				var want any
				if json.Unmarshal([]byte(r.Answer.Body), &want) != nil {
					continue
				}
				if reason := unmodelledAnswers[r.Operation]; reason != "" {
					continue
				}
				for _, path := range unmodelledFields[r.Operation] {
					remove(want, strings.Split(path, "."))
				}
				body, err := json.Marshal(want)
				require.NoError(t, err)
				read, ok := answers[r.Operation]
				if !assert.Truef(t, ok, "#%d: no type for the answers of %s", r.Seq, r.Operation) {
					continue
				}
				data, err := read(body)
				if !assert.NoErrorf(t, err, "#%d %s", r.Seq, r.Operation) {
					continue
				}
				var got any
				require.NoError(t, json.Unmarshal(data, &got))
				for _, difference := range compare(r.Operation, "", want, got, map[string]bool{}) {
					t.Errorf("#%d %s", r.Seq, difference)
				}
			}
		})
	}
}

func readRecorded(t *testing.T, server string) []recorded {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "internal", "testserver", "testdata", "recordings-"+server+".jsonl"))
	require.NoError(t, err)
	defer file.Close()
	var all []recorded
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recorded
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r))
		all = append(all, r)
	}
	require.NoError(t, lines.Err())
	return all
}
