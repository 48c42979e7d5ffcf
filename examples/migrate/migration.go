package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/connect"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/progress"
)

// migration is one run of the program.
type migration struct {
	settings

	stdout io.Writer
	bar    *progress.Bar
	kind   string // of what is copied: "project" or "task"
	id     int64

	from, to *cvat.Client
	name     string // of what is copied
	waiting  string // for what, as it was last said
	bytes    int64  // that have arrived

	newest   int64 // on the target, before
	started  bool  // copying
	made     int64 // the copy, once it is known
	compared bool
}

func newMigration(s settings, stdout io.Writer) *migration {
	m := &migration{settings: s, stdout: stdout, bar: progress.New(stdout), kind: "project", id: s.project, made: s.check}
	if s.task != 0 {
		m.kind, m.id = "task", s.task
	}
	return m
}

// run copies and compares. Whatever can be refused is, before the source begins to write a backup.
func (m *migration) run(ctx context.Context) error {
	if err := m.connect(ctx); err != nil {
		return err
	}
	if m.check == 0 {
		if err := m.copy(ctx); err != nil {
			return err
		}
	}
	return m.compare(ctx)
}

// connect makes the clients, and finds out whether the source has what is to be copied, and the target lets us in.
func (m *migration) connect(ctx context.Context) (err error) {
	if m.from, err = m.source.Client(ctx); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	if m.to, err = m.target.Client(ctx); err != nil {
		return fmt.Errorf("target: %w", err)
	}
	if m.name, err = m.named(ctx, m.from, m.id); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	if err := m.findNewest(ctx); err != nil {
		return fmt.Errorf("target: %w", err)
	}
	for _, end := range []struct {
		word   string
		client *cvat.Client
		says   connect.Settings
	}{{"from", m.from, m.source}, {"to", m.to, m.target}} {
		about, _, err := end.client.Server.About(ctx)
		if err != nil {
			return err
		}
		program.Say(m.stdout, "%s %s, CVAT %s%s", end.word, end.client.BaseURL(), about.Version, within(end.says))
	}
	if m.from.BaseURL() == m.to.BaseURL() && m.source.Organization == m.target.Organization {
		program.Say(m.stdout, "which is the same place: there will be two of it")
	}
	return nil
}

// findNewest notes the highest id on the target: that of a copy is higher.
func (m *migration) findNewest(ctx context.Context) error {
	last := cvat.ListOptions{Sort: "-id", PageSize: 1}
	if m.kind == "task" {
		tasks, _, err := m.to.Tasks.List(ctx, &cvat.TaskListOptions{ListOptions: last})
		for _, task := range tasks {
			m.newest = task.ID
		}
		return err
	}
	projects, _, err := m.to.Projects.List(ctx, &cvat.ProjectListOptions{ListOptions: last})
	for _, project := range projects {
		m.newest = project.ID
	}
	return err
}

// within names an organization.
func within(s connect.Settings) string {
	if s.Organization == "" {
		return ""
	}
	return fmt.Sprintf(", organization %q", s.Organization)
}

// named returns the name of a project or task.
func (m *migration) named(ctx context.Context, client *cvat.Client, id int64) (string, error) {
	if m.kind == "task" {
		task, _, err := client.Tasks.Get(ctx, id)
		if err != nil {
			return "", err
		}
		return task.Name, nil
	}
	project, _, err := client.Projects.Get(ctx, id)
	if err != nil {
		return "", err
	}
	return project.Name, nil
}

// copy makes the copy. The backup streams from one server to the other.
func (m *migration) copy(ctx context.Context) (err error) {
	program.Say(m.stdout, "copying %s %d, %q", m.kind, m.id, m.name)
	migrate := m.from.Projects.Migrate
	if m.kind == "task" {
		migrate = m.from.Tasks.Migrate
	}
	m.started = true
	defer m.bar.Clear()
	m.made, err = migrate(ctx, m.id, m.to, &cvat.RestoreOptions{
		OnProgress: m.arrived,
		Wait:       cvat.WaitOptions{OnStatus: m.working},
	})
	if err != nil {
		return err
	}
	program.Say(m.stdout, "made %s, of a backup of %s", m.replica(), progress.Bytes(m.bytes))
	return nil
}

// arrived shows how much of the backup the target has.
func (m *migration) arrived(p cvat.UploadProgress) {
	m.bytes = p.Done
	m.bar.Show(p.Done, p.Total)
}

// working says what a server is busy with, each thing once.
func (m *migration) working(status cvat.WorkStatus) {
	if status.Work == m.waiting {
		return
	}
	m.waiting = status.Work
	m.bar.Clear()
	program.Say(m.stdout, "waiting for the %s", status.Work)
}

// replica says which the copy is, and where.
func (m *migration) replica() string {
	return fmt.Sprintf("%s %d, %s/%ss/%d", m.kind, m.made, m.to.BaseURL(), m.kind, m.made)
}

// left says what stands where when a run ends early. The source is never changed.
func (m *migration) left(err error) string {
	switch {
	case m.made != 0 && m.compared:
		return fmt.Sprintf("the copy is %s; the source is as it was", m.replica())
	case m.made != 0 && m.started:
		return fmt.Sprintf("the copy is %s, but not all of it was compared: -check %d does that; the source is as it was", m.replica(), m.made)
	case m.check != 0:
		return "not all was compared; nothing was changed"
	case !m.started:
		return "nothing was copied"
	case errors.Is(err, cvat.ErrOutcomeUnknown):
		return fmt.Sprintf("the source is as it was; whether the target has made a copy, or is about to, is not known\n"+
			"look on %s for a %s %q with an id above %d: if there is one, compare it (-check ID); if none comes, run this again",
			m.to.BaseURL(), m.kind, m.name, m.newest)
	}
	return "the source is as it was, and the target has nothing of it"
}
