package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/models"
)

// compare compares what was copied with the copy, and says where they differ.
func (m *migration) compare(ctx context.Context) (err error) {
	var differences int
	if m.kind == "task" {
		differences, err = m.compareTask(ctx)
	} else {
		differences, err = m.compareProject(ctx)
	}
	if err != nil {
		return err
	}
	m.compared = true
	if differences > 0 {
		return fmt.Errorf("the copy is not the same: %s", program.Counted(differences, "difference"))
	}
	program.Say(m.stdout, "the copy is the same: %s", m.replica())
	return nil
}

// both asks the source, and the target for the copy.
func both[T any](m *migration, ask func(*cvat.Client, int64) (T, error)) (original, replica T, err error) {
	if original, err = ask(m.from, m.id); err != nil {
		return original, replica, fmt.Errorf("source: %w", err)
	}
	if replica, err = ask(m.to, m.made); err != nil {
		return original, replica, fmt.Errorf("target: %w", err)
	}
	return original, replica, nil
}

// labeled is a project or task outside any project, with the labels that belong to it.
type labeled[T any] struct {
	object *T
	labels []models.Label
}

// compareTask compares a task, which a copy has always as one outside any project, with its labels.
func (m *migration) compareTask(ctx context.Context) (differences int, err error) {
	original, replica, err := both(m, func(client *cvat.Client, id int64) (l labeled[models.Task], err error) {
		if l.object, _, err = client.Tasks.Get(ctx, id); err == nil {
			l.labels, err = client.Tasks.Labels(ctx, id)
		}
		return l, err
	})
	if err != nil {
		return 0, err
	}
	labels := m.report("its labels", labelsOf(original.labels), labelsOf(replica.labels))
	differences, err = m.compareTasks(ctx, original.object, replica.object, namesOf(original.labels), namesOf(replica.labels))
	return labels + differences, err
}

// compareProject compares a project, with its labels and all its tasks.
func (m *migration) compareProject(ctx context.Context) (differences int, err error) {
	original, replica, err := both(m, func(client *cvat.Client, id int64) (l labeled[models.Project], err error) {
		if l.object, _, err = client.Projects.Get(ctx, id); err == nil {
			l.labels, err = client.Projects.Labels(ctx, id)
		}
		return l, err
	})
	if err != nil {
		return 0, err
	}
	originals, replicas, err := both(m, func(client *cvat.Client, id int64) ([]*models.Task, error) {
		return cvat.Collect(client.Tasks.All(ctx, &cvat.TaskListOptions{ProjectID: id}))
	})
	if err != nil {
		return 0, err
	}
	differences = m.report("its properties", projectOf(original.object), projectOf(replica.object))
	differences += m.report("its labels", labelsOf(original.labels), labelsOf(replica.labels))
	from, to := namesOf(original.labels), namesOf(replica.labels)
	for _, task := range originals {
		// Copies have other ids, and stand in the same order.
		at := slices.IndexFunc(replicas, func(other *models.Task) bool { return other.Name == task.Name })
		if at < 0 {
			differences += m.missing(task)
			continue
		}
		different, err := m.compareTasks(ctx, task, replicas[at], from, to)
		if err != nil {
			return differences, err
		}
		differences += different
		replicas = slices.Delete(replicas, at, at+1)
	}
	for _, task := range replicas {
		program.Say(m.stdout, "task %d, %q, of the copy is none of the source", task.ID, task.Name)
		differences++
	}
	return differences, nil
}

// missing says that a task has no copy.
func (m *migration) missing(task *models.Task) (differences int) {
	reason := ""
	if task.Size == 0 {
		reason = ": it has no frames, and a backup leaves such tasks out"
	}
	program.Say(m.stdout, "task %d, %q, is not in the copy%s", task.ID, task.Name, reason)
	return 1
}

// compareTasks compares two tasks, whose labels may have different ids.
func (m *migration) compareTasks(ctx context.Context, original, replica *models.Task, from, to names) (differences int, err error) {
	want, err := taskOf(ctx, m.from, original, from)
	if err != nil {
		return 0, fmt.Errorf("source: %w", err)
	}
	got, err := taskOf(ctx, m.to, replica, to)
	if err != nil {
		return 0, fmt.Errorf("target: %w", err)
	}
	return m.report(fmt.Sprintf("task %d, %q", original.ID, original.Name), want, got), nil
}

// report says what was compared, and where it differs.
func (m *migration) report(what string, original, replica []facts) (differences int) {
	var counts, lines []string
	for i, of := range original {
		if of.kind != property && len(of.facts)+len(replica[i].facts) > 0 {
			counts = append(counts, program.Counted(len(of.facts), of.kind))
		}
		for _, side := range []struct {
			word string
			only []string
		}{{"source", without(of.facts, replica[i].facts)}, {"copy", without(replica[i].facts, of.facts)}} {
			differences += len(side.only)
			lines = append(lines, excerpt(fmt.Sprintf("  only the %s has this %s: ", side.word, of.kind), side.only)...)
		}
	}
	if counts != nil {
		what += ": " + strings.Join(counts, ", ")
	}
	if differences == 0 {
		program.Say(m.stdout, "%s: the same", what)
		return 0
	}
	program.Say(m.stdout, "%s: NOT the same\n%s", what, strings.Join(lines, "\n"))
	return differences
}

// without returns what is in a and not in b, as often as it is there more often.
func without(a, b []string) (rest []string) {
	left := map[string]int{}
	for _, fact := range b {
		left[fact]++
	}
	for _, fact := range a {
		if left[fact] > 0 {
			left[fact]--
		} else {
			rest = append(rest, fact)
		}
	}
	return rest
}

// excerpt shows a few facts, and of each what a few lines of a terminal hold.
func excerpt(head string, facts []string) (lines []string) {
	const shown, length = 3, 400
	for i, fact := range facts {
		if i == shown {
			return append(lines, fmt.Sprintf("  and %d more", len(facts)-shown))
		}
		if text := []rune(fact); len(text) > length {
			fact = string(text[:length]) + " …"
		}
		lines = append(lines, head+fact)
	}
	return lines
}
