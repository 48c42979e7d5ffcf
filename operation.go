package cvat

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Operation is one operation of the CVAT API. The library's own operations are the Op… variables next to the methods
// that use them; [Operations] lists them all. A program builds a value of its own to call, through [Client.Do], what
// the library does not model.
type Operation struct {
	// ID is the server's own name of the operation, such as "tasks_retrieve": short, stable and free of parameters,
	// so it labels metrics and spans.
	ID string
	// Method is the HTTP method.
	Method string
	// Path is the path below the base URL, such as "/api/tasks/{id}". Each {placeholder} is filled, escaped, from
	// [Args].Path in order. The trailing slash counts: CVAT wants it on some paths and refuses it on others.
	Path string
	// Since and Until are the first and the last server release that has the operation; empty: every release this
	// library knows.
	Since, Until string
	// Replay says when a call may be repeated.
	Replay Replay
}

// Replay says when a call may be sent again after an attempt that failed. It belongs to the meaning of a call and is
// never inferred from the HTTP method.
type Replay uint8

const (
	// Refusable calls create or start something: they are repeated only when the server certainly did not act, that
	// is after 429, after 503 with Retry-After, or when no connection was made.
	Refusable Replay = iota
	// Repeatable calls may reach the server twice without harm: they are repeated after connection errors, 408, 429,
	// 502, 503 and 504 too.
	Repeatable
	// NeverRepeated calls are sent once.
	NeverRepeated
)

// String returns the class as the documentation names it.
func (r Replay) String() string {
	switch r {
	case Repeatable:
		return "repeatable"
	case NeverRepeated:
		return "never repeated"
	case Refusable:
		return "refusable"
	}
	return "Replay(" + strconv.Itoa(int(r)) + ")"
}

// String returns the method and the path template, as in "GET /api/tasks/{id}".
func (op Operation) String() string { return op.Method + " " + op.Path }

// as returns the operation in a form that has another replay class.
func (op Operation) as(r Replay) Operation {
	op.Replay = r
	return op
}

// until returns the operation in a form that servers after a release have lost.
func (op Operation) until(release string) Operation {
	op.Until = release
	return op
}

// expand fills the placeholders of the path.
func (op Operation) expand(args []any) (string, error) {
	var out strings.Builder
	rest := op.Path
	for {
		before, after, found := strings.Cut(rest, "{")
		out.WriteString(before)
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		if len(args) == 0 {
			return "", &ArgumentError{Field: name, Reason: fmt.Sprintf("is missing: %s needs it", op)}
		}
		segment, err := pathSegment(name, args[0])
		if err != nil {
			return "", err
		}
		out.WriteString(segment)
		args, rest = args[1:], tail
	}
	if len(args) > 0 {
		return "", &ArgumentError{Field: "Args.Path", Reason: fmt.Sprintf("has %d values more than %s has placeholders", len(args), op)}
	}
	return out.String(), nil
}

// pathSegment renders one path parameter. A value that is not an identifier would address something else (a
// collection, a parent), so it is refused.
func pathSegment(name string, value any) (string, error) {
	switch v := value.(type) {
	case int64:
		if v <= 0 {
			return "", badID(v)
		}
		return strconv.FormatInt(v, 10), nil
	case int:
		return pathSegment(name, int64(v))
	case string:
		if v == "" || v == "." || v == ".." {
			return "", &ArgumentError{Field: name, Reason: fmt.Sprintf("is %q: it cannot stand in a path", v)}
		}
		return url.PathEscape(v), nil
	default:
		return "", &ArgumentError{Field: name, Reason: fmt.Sprintf("is a %T: a path takes integers and strings", value)}
	}
}

func badID(id int64) error {
	return &ArgumentError{Field: "id", Reason: fmt.Sprintf("is %d: ids start at 1", id)}
}

type operationKey struct{}

// OperationFromContext returns the operation of the call a request belongs to. Transport middleware uses it to label
// metrics and spans by [Operation].ID instead of by URL.
func OperationFromContext(ctx context.Context) (Operation, bool) {
	op, ok := ctx.Value(operationKey{}).(Operation)
	return op, ok
}

// Operations returns every operation that the library uses, by name.
func Operations() []Operation {
	return []Operation{
		OpAuthCreateLogin,
		OpAuthCreateLogout,
		OpAuthCreatePasswordChange,
		OpAuthCreatePasswordReset,
		OpAuthCreatePasswordResetConfirm,
		OpAuthCreateRegister,
		OpAuthCreateSigning,
		OpCloudstoragesCreate,
		OpCloudstoragesDestroy,
		OpCloudstoragesList,
		OpCloudstoragesPartialUpdate,
		OpCloudstoragesRetrieve,
		OpCloudstoragesRetrieveActions,
		OpCloudstoragesRetrieveContent,
		OpCloudstoragesRetrieveContentV2,
		OpCloudstoragesRetrievePreview,
		OpCloudstoragesRetrieveStatus,
		OpCommentsCreate,
		OpCommentsDestroy,
		OpCommentsList,
		OpCommentsPartialUpdate,
		OpCommentsRetrieve,
		OpInvitationsCreate,
		OpInvitationsDestroy,
		OpInvitationsList,
		OpInvitationsPartialUpdate,
		OpInvitationsRetrieve,
		OpIssuesCreate,
		OpIssuesDestroy,
		OpIssuesList,
		OpIssuesListComments,
		OpIssuesPartialUpdate,
		OpIssuesRetrieve,
		OpJobsCreate,
		OpJobsCreateAnnotations,
		OpJobsCreateDatasetExport,
		OpJobsDestroy,
		OpJobsDestroyAnnotations,
		OpJobsList,
		OpJobsListCommits,
		OpJobsListIssues,
		OpJobsPartialUpdate,
		OpJobsPartialUpdateAnnotations,
		OpJobsPartialUpdateAnnotationsFile,
		OpJobsPartialUpdateDataMeta,
		OpJobsRetrieve,
		OpJobsRetrieveAnnotations,
		OpJobsRetrieveData,
		OpJobsRetrieveDataMeta,
		OpJobsRetrieveDataset,
		OpJobsRetrieveDatasetDownload,
		OpJobsUpdateAnnotations,
		OpLabelsList,
		OpLambdaCreateFunctions,
		OpLambdaCreateRequests,
		OpLambdaDeleteRequests,
		OpLambdaListFunctions,
		OpLambdaListRequests,
		OpLambdaRetrieveFunctions,
		OpLambdaRetrieveRequests,
		OpMembershipsDestroy,
		OpMembershipsList,
		OpMembershipsPartialUpdate,
		OpMembershipsRetrieve,
		OpOrganizationsCreate,
		OpOrganizationsDestroy,
		OpOrganizationsList,
		OpOrganizationsPartialUpdate,
		OpOrganizationsRetrieve,
		OpProjectsCreate,
		OpProjectsCreateBackup,
		OpProjectsCreateBackupExport,
		OpProjectsCreateDataset,
		OpProjectsCreateDatasetExport,
		OpProjectsDestroy,
		OpProjectsList,
		OpProjectsListTasks,
		OpProjectsPartialUpdate,
		OpProjectsPartialUpdateBackupFile,
		OpProjectsPartialUpdateDatasetFile,
		OpProjectsRetrieve,
		OpProjectsRetrieveAnnotations,
		OpProjectsRetrieveBackup,
		OpProjectsRetrieveBackupDownload,
		OpProjectsRetrieveDataset,
		OpProjectsRetrieveDatasetDownload,
		OpRequestsRetrieve,
		OpRestrictionsRetrieveTermsOfUse,
		OpRestrictionsRetrieveUserAgreements,
		OpSchemaRetrieve,
		OpServerCreateException,
		OpServerCreateLogs,
		OpServerListShare,
		OpServerRetrieveAbout,
		OpServerRetrieveAnnotationFormats,
		OpServerRetrievePlugins,
		OpTasksCreate,
		OpTasksCreateAnnotations,
		OpTasksCreateBackup,
		OpTasksCreateBackupExport,
		OpTasksCreateData,
		OpTasksCreateDatasetExport,
		OpTasksDestroy,
		OpTasksDestroyAnnotations,
		OpTasksList,
		OpTasksListJobs,
		OpTasksPartialUpdate,
		OpTasksPartialUpdateAnnotations,
		OpTasksPartialUpdateAnnotationsFile,
		OpTasksPartialUpdateBackupFile,
		OpTasksPartialUpdateDataFile,
		OpTasksPartialUpdateDataMeta,
		OpTasksRetrieve,
		OpTasksRetrieveAnnotations,
		OpTasksRetrieveBackup,
		OpTasksRetrieveBackupDownload,
		OpTasksRetrieveData,
		OpTasksRetrieveDataMeta,
		OpTasksRetrieveDataset,
		OpTasksRetrieveDatasetDownload,
		OpTasksRetrieveStatus,
		OpTasksUpdateAnnotations,
		OpUsersDestroy,
		OpUsersList,
		OpUsersPartialUpdate,
		OpUsersRetrieve,
		OpUsersRetrieveSelf,
	}
}
