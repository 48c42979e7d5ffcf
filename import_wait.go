package cvat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-cvat/cvat/models"
)

// importWork is an import on a server up to 2.15 that is waited for. Such servers keep one import for each object, for
// each user or for all, and forget it when they have said how it ended.
type importWork struct {
	importing
	opts   *WaitOptions
	result *BackgroundResult
}

// importState is what the server says of an import.
type importState struct {
	models.RqStatus       // State is "" if the server knows of none
	made            int64 // the object that a restore made
}

// look asks once how far the import is.
func (w *importWork) look(ctx context.Context) (done bool, err error) {
	state, err := w.ask(ctx)
	if err != nil {
		return false, err
	}
	if state.State == "" { // it has said how it ended, and the answer was lost, or somebody else got it
		w.result.ID, err = w.verify(ctx)
		return err == nil, err
	}
	w.opts.report(WorkStatus{Work: w.work.String(), State: state.State, Message: state.Message, Progress: state.Progress})
	switch state.State {
	case models.RqStateFinished:
		w.result.ID = cmp.Or(state.made, w.work.ID)
		return true, nil
	case models.RqStateFailed:
		return false, &BackgroundError{Work: w.work.String(), RequestID: w.work.RequestID, Message: state.Message}
	default:
		return false, nil
	}
}

// vacate makes sure that no import is in the way: old servers would drop the file, and take it for a question how the other
// import goes. The result of one that has ended is taken away.
func (a *archive) vacate(ctx context.Context) error {
	return poll(ctx, &a.opts.Wait, func(ctx context.Context) (bool, error) {
		state, err := a.ask(ctx)
		if err != nil {
			return false, err
		}
		switch state.State {
		case models.RqStateQueued, models.RqStateStarted:
			return false, &callError{
				text: fmt.Sprintf("cvat: another %s is under way: wait for its end", a.work), errs: []error{ErrConflict},
			}
		default:
			return true, nil
		}
	})
}

// ask asks the server how far the import is. None of the questions can start anything: they carry no file.
func (i importing) ask(ctx context.Context) (importState, error) {
	cl := call{args: i.args(), query: i.query(), want: []int{http.StatusAccepted, http.StatusCreated}}
	var answer struct {
		models.RqStatus
		ID int64 `json:"id"`
	}
	out := any(&answer)
	switch i.work.Kind {
	case BackgroundImportAnnotations:
		cl.op, out = i.form.put, nil // which answers nothing
	case BackgroundImportDataset:
		cl.op = i.form.status
		cl.query = i.query()
		cl.query.Set("action", "import_status")
	default:
		cl.op, cl.in = i.form.create, models.RqID{RqID: i.work.RequestID}
	}
	cl.op = cl.op.as(Repeatable)
	resp, err := i.client.perform(ctx, cl, out, nil)
	if e, answered := errors.AsType[*Error](err); answered && resp.StatusCode == http.StatusCreated && len(e.Body) == 0 {
		err = nil // the end of the import of a dataset has no body
	}
	if err != nil {
		return i.refused(err)
	}
	state := importState{RqStatus: answer.RqStatus, made: answer.ID}
	state.State = cmp.Or(state.State, models.RqStateStarted)
	if resp.StatusCode == http.StatusCreated {
		state.State, state.Progress = models.RqStateFinished, 1
	}
	return state, nil
}

// refused tells the failure of an import, and that there is none, from calls that went wrong.
func (i importing) refused(err error) (importState, error) {
	e, answered := errors.AsType[*Error](err)
	if !answered {
		return importState{}, err
	}
	_, noFile := e.Fields[i.form.field]
	var words string
	said := json.Unmarshal(e.Body, &words) == nil
	switch e.StatusCode {
	case http.StatusNotFound:
		if i.work.Kind == BackgroundImportDataset && len(e.Body) == 0 {
			return importState{}, nil
		}
	case http.StatusBadRequest, http.StatusInternalServerError:
		if noFile {
			return importState{}, nil
		}
		if i.work.Kind == BackgroundImportDataset && i.work.RequestID == "" && e.StatusCode == http.StatusBadRequest {
			return importState{}, nil // from 2.4.6 on nothing is told without an id, and nothing is in the way that has ended
		}
		if said {
			return importState{RqStatus: models.RqStatus{State: models.RqStateFailed, Message: words}}, nil
		}
	}
	return importState{}, err
}

// annotationIDs are the ids in a document of annotations.
type annotationIDs struct {
	Tags   []struct{ ID int64 } `json:"tags"`
	Shapes []struct{ ID int64 } `json:"shapes"`
	Tracks []struct{ ID int64 } `json:"tracks"`
}

// span returns the lowest and the highest id of each kind, 0 of none.
func (a *annotationIDs) span() (lowest, highest []int64) {
	for _, kind := range [][]struct{ ID int64 }{a.Tags, a.Shapes, a.Tracks} {
		var lo, hi int64
		for _, item := range kind {
			lo, hi = min(cmp.Or(lo, item.ID), item.ID), max(hi, item.ID)
		}
		lowest, highest = append(lowest, lo), append(highest, hi)
	}
	return lowest, highest
}

func (i importing) annotationIDs(ctx context.Context) (*annotationIDs, error) {
	op := OpTasksRetrieveAnnotations
	if i.work.Target == targetJob {
		op = OpJobsRetrieveAnnotations
	}
	ids, _, err := fetch[annotationIDs](ctx, i.client, call{op: op, args: i.args(), transfer: true}, nil)
	return ids, err
}

// highest returns the highest ids of what the import will make: annotations, tasks of a project, tasks or projects. Servers
// give ids in order, so what an import made has higher ones.
func (i importing) highest(ctx context.Context) ([]int64, error) {
	if i.work.Kind == BackgroundImportAnnotations {
		ids, err := i.annotationIDs(ctx)
		if err != nil {
			return nil, err
		}
		_, highest := ids.span()
		return highest, nil
	}
	newest, err := i.newest(ctx, 1, "", "")
	if err != nil || len(newest) == 0 {
		return []int64{0}, err
	}
	return newest, nil
}

// newest lists the ids of the newest tasks or projects: of the project that a dataset goes into, or that a backup could
// have made.
func (i importing) newest(ctx context.Context, n int, name, owner string) ([]int64, error) {
	var ids []int64
	opts := ListOptions{PageSize: n, Sort: "-id"}
	if i.work.Kind == BackgroundImportBackup && i.work.Target == targetProject {
		projects, _, err := i.client.Projects.List(ctx, &ProjectListOptions{ListOptions: opts, Name: name, Owner: owner})
		for _, project := range projects {
			ids = append(ids, project.ID)
		}
		return ids, err
	}
	tasks, _, err := i.client.Tasks.List(ctx, &TaskListOptions{ListOptions: opts, Name: name, Owner: owner, ProjectID: i.work.ID})
	for _, task := range tasks {
		ids = append(ids, task.ID)
	}
	return ids, err
}

// verify finds out from the object itself whether an import of unknown outcome has gone through, and returns the id of the
// object that was made or changed. Imports are made as a whole or not at all.
func (w *importWork) verify(ctx context.Context) (int64, error) {
	var made int64
	var err error
	switch w.work.Kind {
	case BackgroundImportAnnotations:
		made, err = w.replaced(ctx)
	case BackgroundImportDataset:
		made, err = w.grown(ctx)
	default:
		made, err = w.restored(ctx)
	}
	if err != nil || made != 0 {
		return made, err
	}
	return 0, &callError{
		text: fmt.Sprintf("cvat: %s: the server's answer how it ended was lost, and nothing shows that it has gone through", w.work),
		errs: []error{ErrOutcomeUnknown},
	}
}

// replaced returns the object if it has annotations, and none of those from before; 0 otherwise.
func (w *importWork) replaced(ctx context.Context) (int64, error) {
	ids, err := w.annotationIDs(ctx)
	if err != nil || len(w.work.Before) != 3 {
		return 0, err
	}
	lowest, _ := ids.span()
	var through int64
	for kind, id := range lowest {
		switch {
		case id == 0:
		case id <= w.work.Before[kind]:
			return 0, nil
		default:
			through = w.work.ID
		}
	}
	return through, nil
}

// grown returns the project if it has a task more that is of a dataset; 0 otherwise. Servers make one of each subset and name it
// after that, with its frames from the first moment.
func (w *importWork) grown(ctx context.Context) (int64, error) {
	if len(w.work.Before) != 1 {
		return 0, nil
	}
	tasks, _, err := w.client.Tasks.List(ctx, &TaskListOptions{ListOptions: ListOptions{PageSize: newTasks, Sort: "-id"}, ProjectID: w.work.ID})
	for _, task := range tasks {
		if task.ID > w.work.Before[0] && task.Size > 0 && task.Name == cmp.Or(task.Subset, "default") {
			return w.work.ID, nil
		}
	}
	return 0, err
}

// newTasks is how many of the newest tasks of a project are looked at.
const newTasks = 100

// restored returns the one object of the caller's that has come since and has the right name; 0 if there is none, or
// several.
func (w *importWork) restored(ctx context.Context) (int64, error) {
	if w.work.Name == "" || len(w.work.Before) != 1 {
		return 0, nil
	}
	self, _, err := w.client.Users.Self(ctx)
	if err != nil {
		return 0, err
	}
	newest, err := w.newest(ctx, 2, w.work.Name, self.Username)
	if err != nil {
		return 0, err
	}
	var since []int64
	for _, id := range newest {
		if id > w.work.Before[0] {
			since = append(since, id)
		}
	}
	if len(since) != 1 {
		return 0, nil
	}
	return since[0], nil
}
