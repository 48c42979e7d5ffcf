package cvat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/models"
)

// shelf is a list on a server. Its pages are made when they are asked for.
type shelf struct {
	mu       sync.Mutex
	ids      []int64
	next     string                       // what next links to; "": as CVAT does
	bare     bool                         // the server sends all as an array
	special  map[int]http.HandlerFunc     // answers in place of pages
	before   func(page int)               // is called when a page is asked for
	delay    func(page int) time.Duration // how long a page takes
	inFlight int
	busiest  int // how many pages were under way together at most
}

func newShelf(n int) *shelf {
	s := &shelf{}
	for id := range n {
		s.ids = append(s.ids, int64(id+1))
	}
	return s
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	s.enter(page)
	defer s.leave()
	if s.delay != nil {
		select {
		case <-time.After(s.delay(page)):
		case <-r.Context().Done():
			return
		}
	}
	if special, ok := s.special[page]; ok {
		special(w, r)
		return
	}
	s.page(page, r.URL.Query().Get("page_size"))(w, r)
}

func (s *shelf) enter(page int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight++
	s.busiest = max(s.busiest, s.inFlight)
	if s.before != nil {
		s.before(page)
	}
}

func (s *shelf) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
}

func (s *shelf) page(page int, size string) http.HandlerFunc {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := strconv.Atoi(size)
	if err != nil {
		n = len(s.ids)
	}
	if s.bare {
		return replyJSON(200, jsonOf(things(s.ids)))
	}
	from, to := min((page-1)*n, len(s.ids)), min(page*n, len(s.ids))
	if page < 1 || page > 1 && from == len(s.ids) {
		return invalidPage
	}
	var next any
	if to < len(s.ids) {
		next = s.next
		if s.next == "" {
			next = fmt.Sprintf("http://cvat.test/base/api/tasks?page=%d&page_size=%d", page+1, n)
		}
	}
	return replyJSON(200, jsonOf(map[string]any{"count": len(s.ids), "next": next, "previous": nil, "results": things(s.ids[from:to])}))
}

var invalidPage = replyJSON(404, `{"detail":"Invalid page."}`)

func things(ids []int64) []thing {
	all := []thing{}
	for _, id := range ids {
		all = append(all, thing{ID: id})
	}
	return all
}

func jsonOf(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// pageOf is an answer that is one page, and says that another follows.
func pageOf(count int, ids ...int64) http.HandlerFunc {
	return replyJSON(200, jsonOf(map[string]any{"count": count, "next": "http://cvat.test/next", "results": things(ids)}))
}

// lastPageOf is an answer that is the last page.
func lastPageOf(count int, ids ...int64) http.HandlerFunc {
	return replyJSON(200, jsonOf(map[string]any{"count": count, "next": nil, "results": things(ids)}))
}

// pagesOfTwo returns options of a list with two items in a page.
func pagesOfTwo(readAhead int) *cvat.TaskListOptions {
	return &cvat.TaskListOptions{ListOptions: cvat.ListOptions{PageSize: 2, ReadAhead: readAhead}}
}

// walked ranges over a list to its end and returns the ids, and the errors as they came.
func walked(tasks iter.Seq2[*models.Task, error]) (ids []int64, problems []error) {
	for task, err := range tasks {
		if err != nil {
			problems = append(problems, err)
		}
		if task != nil {
			ids = append(ids, task.ID)
		}
	}
	return ids, problems
}

func upTo(n int64) []int64 {
	var ids []int64
	for id := range n {
		ids = append(ids, id+1)
	}
	return ids
}

// pagesAsked returns the pages that requests asked for, in order.
func pagesAsked(s *pipeServer) []string {
	var pages []string
	for _, r := range s.arrived() {
		pages = append(pages, r.URL.Query().Get("page"))
	}
	return pages
}

// eachList runs a list of each service with the same options, by List and by All.
func eachList(ctx context.Context, c *cvat.Client, o cvat.ListOptions) map[string]error {
	errs := map[string]error{}
	_, _, errs["comments"] = c.Comments.List(ctx, &cvat.CommentListOptions{ListOptions: o})
	_, errs["all comments"] = cvat.Collect(c.Comments.All(ctx, &cvat.CommentListOptions{ListOptions: o}))
	_, _, errs["issues"] = c.Issues.List(ctx, &cvat.IssueListOptions{ListOptions: o})
	_, errs["all issues"] = cvat.Collect(c.Issues.All(ctx, &cvat.IssueListOptions{ListOptions: o}))
	_, _, errs["jobs"] = c.Jobs.List(ctx, &cvat.JobListOptions{ListOptions: o})
	_, errs["all jobs"] = cvat.Collect(c.Jobs.All(ctx, &cvat.JobListOptions{ListOptions: o}))
	_, _, errs["projects"] = c.Projects.List(ctx, &cvat.ProjectListOptions{ListOptions: o})
	_, errs["all projects"] = cvat.Collect(c.Projects.All(ctx, &cvat.ProjectListOptions{ListOptions: o}))
	_, _, errs["tasks"] = c.Tasks.List(ctx, &cvat.TaskListOptions{ListOptions: o})
	_, errs["all tasks"] = cvat.Collect(c.Tasks.All(ctx, &cvat.TaskListOptions{ListOptions: o}))
	_, _, errs["users"] = c.Users.List(ctx, &cvat.UserListOptions{ListOptions: o})
	_, errs["all users"] = cvat.Collect(c.Users.All(ctx, &cvat.UserListOptions{ListOptions: o}))
	return errs
}

func TestListQuery(t *testing.T) {
	t.Parallel()
	name := cvat.TaskFieldName.Eq("x y")
	for _, test := range []struct {
		options cvat.ListOptions
		want    string
	}{
		{cvat.ListOptions{}, "page=1&page_size=100&sort=id"},
		{cvat.ListOptions{Page: 1, PageSize: 100, Sort: "id"}, "page=1&page_size=100&sort=id"},
		{cvat.ListOptions{Page: 3, PageSize: 7, Search: "a&b", Sort: "-updated_date,id"}, "page=3&page_size=7&search=a%26b&sort=-updated_date%2Cid"},
		{cvat.ListOptions{PageSize: cvat.PageSizeAll}, "page=1&page_size=all&sort=id"},
		{cvat.ListOptions{Filter: name}, "filter=%7B%22%3D%3D%22%3A%5B%7B%22var%22%3A%22name%22%7D%2C%22x+y%22%5D%7D&page=1&page_size=100&sort=id"},
	} {
		server := servePipe(t, lastPageOf(0))
		for list, err := range eachList(t.Context(), server.client(t), test.options) {
			require.NoError(t, err, list)
		}
		paths := map[string]int{}
		for _, r := range server.arrived() {
			assert.Equal(t, test.want, r.URL.RawQuery)
			paths[r.URL.Path]++
		}
		assert.Equal(t, map[string]int{"/base/api/comments": 2, "/base/api/issues": 2, "/base/api/jobs": 2, "/base/api/projects": 2, "/base/api/tasks": 2, "/base/api/users": 2}, paths)
	}
}

func TestListWithoutOptions(t *testing.T) {
	t.Parallel()
	server := servePipe(t, lastPageOf(1, 5))
	client := server.client(t)
	_, _, err := client.Jobs.List(t.Context(), nil)
	require.NoError(t, err)
	_, _, err = client.Projects.List(t.Context(), nil)
	require.NoError(t, err)
	_, _, err = client.Tasks.List(t.Context(), nil)
	require.NoError(t, err)
	_, _, err = client.Users.List(t.Context(), nil)
	require.NoError(t, err)
	for _, r := range server.arrived() {
		assert.Equal(t, "page=1&page_size=100&sort=id", r.URL.RawQuery)
	}
}

func TestListArguments(t *testing.T) {
	t.Parallel()
	server := servePipe(t, lastPageOf(0))
	for field, options := range map[string][]cvat.ListOptions{
		"ListOptions.Page":      {{Page: -1}},
		"ListOptions.PageSize":  {{PageSize: -2}},
		"ListOptions.ReadAhead": {{ReadAhead: -1}},
		"ListOptions.Filter":    {{Filter: cvat.RawFilter("x")}, {Filter: cvat.Not(cvat.Filter{})}},
	} {
		for _, o := range options {
			for list, err := range eachList(t.Context(), server.client(t), o) {
				refused, ok := errors.AsType[*cvat.ArgumentError](err)
				require.True(t, ok, "%s: %v", list, err)
				assert.Equal(t, field, refused.Field)
			}
		}
	}
	assert.Empty(t, server.dials())
}

func TestListPage(t *testing.T) {
	t.Parallel()
	server := servePipe(t, newShelf(5).ServeHTTP)
	client := server.client(t)
	for page, want := range map[int]struct {
		ids  []int64
		next int
	}{0: {[]int64{1, 2}, 2}, 1: {[]int64{1, 2}, 2}, 2: {[]int64{3, 4}, 3}, 3: {[]int64{5}, 0}} {
		options := pagesOfTwo(3)
		options.Page = page
		tasks, resp, err := client.Tasks.List(t.Context(), options)
		require.NoError(t, err)
		var ids []int64
		for _, task := range tasks {
			ids = append(ids, task.ID)
		}
		assert.Equal(t, want.ids, ids)
		assert.Equal(t, 5, resp.Count)
		assert.Equal(t, want.next, resp.NextPage)
		assert.Equal(t, http.StatusOK, resp.StatusCode)
	}
	assert.Len(t, server.arrived(), 4, "one request each")

	options := pagesOfTwo(0)
	options.Page = 4
	_, resp, err := client.Tasks.List(t.Context(), options)
	require.ErrorIs(t, err, cvat.ErrNotFound)
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
}

func TestAllIsLazyAndRestartable(t *testing.T) {
	t.Parallel()
	server := servePipe(t, newShelf(5).ServeHTTP)
	tasks := server.client(t).Tasks.All(t.Context(), pagesOfTwo(0))
	assert.Empty(t, server.dials(), "nothing is sent before the loop")
	n := 0
	for task, err := range tasks {
		require.NoError(t, err)
		n++
		assert.Equal(t, int64(n), task.ID)
		assert.Len(t, server.arrived(), (n+1)/2, "a page is asked for when its first item is due")
	}
	assert.Equal(t, 5, n)
	assert.Equal(t, []string{"1", "2", "3"}, pagesAsked(server))

	for range 2 {
		ids, problems := walked(tasks)
		assert.Empty(t, problems)
		assert.Equal(t, upTo(5), ids)
	}
	for _, err := range tasks {
		require.NoError(t, err)
		break
	}
	assert.Equal(t, []string{"1", "2", "3", "1", "2", "3", "1", "2", "3", "1"}, pagesAsked(server))
}

func TestAllCopiesItsOptions(t *testing.T) {
	t.Parallel()
	server := servePipe(t, newShelf(5).ServeHTTP)
	options := pagesOfTwo(0)
	options.Name = "street"
	given := *options
	tasks := server.client(t).Tasks.All(t.Context(), options)
	assert.Equal(t, jsonOf(given.Filter), jsonOf(options.Filter), "options are not changed")
	options.PageSize, options.Page, options.Name = 1, 4, "other"
	ids, problems := walked(tasks)
	assert.Empty(t, problems)
	assert.Equal(t, upTo(5), ids)
	for _, r := range server.arrived() {
		assert.Equal(t, "2", r.URL.Query().Get("page_size"))
		assert.Contains(t, r.URL.Query().Get("filter"), "street")
	}
}

func TestAllStartsAtAPage(t *testing.T) {
	t.Parallel()
	for _, readAhead := range []int{0, 4} {
		server := servePipe(t, newShelf(9).ServeHTTP)
		options := pagesOfTwo(readAhead)
		options.Page = 3
		ids, problems := walked(server.client(t).Tasks.All(t.Context(), options))
		assert.Empty(t, problems)
		assert.Equal(t, []int64{5, 6, 7, 8, 9}, ids)
	}
}

func TestAllByTwoAtOnce(t *testing.T) {
	t.Parallel()
	server := servePipe(t, newShelf(9).ServeHTTP)
	tasks := server.client(t).Tasks.All(t.Context(), pagesOfTwo(2))
	var walks sync.WaitGroup
	for range 4 {
		walks.Go(func() {
			ids, problems := walked(tasks)
			assert.Empty(t, problems)
			assert.Equal(t, upTo(9), ids)
		})
	}
	walks.Wait()
}

func TestAllEndsAfterOneError(t *testing.T) {
	t.Parallel()
	for _, readAhead := range []int{0, 1, 5} {
		list := newShelf(20)
		list.special = map[int]http.HandlerFunc{3: detail(403)}
		server := servePipe(t, list.ServeHTTP)
		tasks := server.client(t).Tasks.All(t.Context(), pagesOfTwo(readAhead))
		for range 2 {
			ids, problems := walked(tasks)
			assert.Equal(t, []int64{1, 2, 3, 4}, ids, "the items of the pages before the error")
			require.Len(t, problems, 1)
			require.ErrorIs(t, problems[0], cvat.ErrForbidden)
		}
		for task, err := range tasks {
			assert.Equal(t, err != nil, task == nil, "an item or an error")
		}
		some, err := cvat.Collect(tasks)
		require.ErrorIs(t, err, cvat.ErrForbidden)
		assert.Len(t, some, 4, "Collect returns what there was")
	}
}

func TestCollect(t *testing.T) {
	t.Parallel()
	all, err := cvat.Collect(servePipe(t, newShelf(0).ServeHTTP).client(t).Tasks.All(t.Context(), nil))
	require.NoError(t, err)
	assert.Empty(t, all)
	all, err = cvat.Collect(servePipe(t, newShelf(250).ServeHTTP).client(t).Tasks.All(t.Context(), nil))
	require.NoError(t, err)
	assert.Len(t, all, 250)

	stopped := errors.New("stop")
	asked := 0
	numbers, err := cvat.Collect(func(yield func(int, error) bool) {
		for _, err := range []error{nil, stopped, nil} {
			asked++
			if !yield(asked, err) {
				return
			}
		}
	})
	require.ErrorIs(t, err, stopped)
	assert.Equal(t, []int{1}, numbers)
	assert.Equal(t, 2, asked)
}

func TestAllEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newShelf(20)
		list.delay = func(page int) time.Duration { return time.Duration(page-1) * time.Hour }
		server := servePipe(t, list.ServeHTTP)
		cause := errors.New("the user left")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(cause) })
		for _, readAhead := range []int{0, 3} {
			ids, problems := walked(server.client(t).Tasks.All(ctx, pagesOfTwo(readAhead)))
			require.Len(t, problems, 1)
			require.ErrorIs(t, problems[0], context.Canceled)
			require.ErrorIs(t, problems[0], cause)
			assert.Equal(t, time.Minute, time.Since(bubbleStart))
			assert.LessOrEqual(t, len(ids), 2)
		}
	})
}

// A synctest bubble fails if a goroutine outlives the test in it.
func TestLeavingTheLoopJoinsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	slow := func() *shelf {
		list := newShelf(100)
		list.delay = func(page int) time.Duration { return time.Duration(page-1) * time.Minute }
		return list
	}
	leave := map[string]func(iter.Seq2[*models.Task, error]){
		"break": func(tasks iter.Seq2[*models.Task, error]) {
			tasks(func(*models.Task, error) bool { return false })
		},
		"panic": func(tasks iter.Seq2[*models.Task, error]) {
			defer func() { _ = recover() }()
			tasks(func(*models.Task, error) bool { panic("leave") })
		},
		"stop": func(tasks iter.Seq2[*models.Task, error]) {
			next, stop := iter.Pull2(tasks)
			_, _, _ = next()
			stop()
		},
	}
	for name, walk := range leave {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list := slow()
				server := servePipe(t, list.ServeHTTP)
				walk(server.client(t).Tasks.All(t.Context(), pagesOfTwo(5)))
				assert.Equal(t, bubbleStart, time.Now(), "at once")
				synctest.Wait()
				asked := len(server.arrived())
				time.Sleep(time.Hour)
				assert.Len(t, server.arrived(), asked, "nothing goes on")
				list.mu.Lock()
				defer list.mu.Unlock()
				assert.Zero(t, list.inFlight, "the server is not kept busy")
			})
		})
	}
	t.Run("error", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			list := slow()
			list.special = map[int]http.HandlerFunc{2: detail(403)}
			ids, problems := walked(servePipe(t, list.ServeHTTP).client(t).Tasks.All(t.Context(), pagesOfTwo(5)))
			assert.Equal(t, []int64{1, 2}, ids)
			require.Len(t, problems, 1)
			assert.Equal(t, time.Minute, time.Since(bubbleStart), "pages 3 to 6 are not waited for")
		})
	})
}

func TestReadAhead(t *testing.T) {
	t.Parallel()
	for readAhead, want := range map[int]struct {
		busiest int
		takes   time.Duration
	}{0: {1, 21 * time.Second}, 1: {1, 21 * time.Second}, 2: {2, 11 * time.Second}, 4: {4, 6 * time.Second}, 100: {20, 2 * time.Second}} {
		t.Run(strconv.Itoa(readAhead), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list := newShelf(41)
				list.delay = func(int) time.Duration { return time.Second }
				server := servePipe(t, list.ServeHTTP)
				ids, problems := walked(server.client(t).Tasks.All(t.Context(), pagesOfTwo(readAhead)))
				assert.Empty(t, problems)
				assert.Equal(t, upTo(41), ids)
				assert.Equal(t, want.busiest, list.busiest)
				assert.Equal(t, want.takes, time.Since(bubbleStart))
				assert.Len(t, server.arrived(), 21, "no page is asked for that the count rules out")
			})
		})
	}
}

func TestReadAheadKeepsTheOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newShelf(40)
		list.delay = func(page int) time.Duration { return time.Duration(50-page) * time.Second }
		options := pagesOfTwo(6)
		var pages []int
		options.OnPage = func(p cvat.PageInfo) { pages = append(pages, p.Page) }
		server := servePipe(t, list.ServeHTTP)
		ids, problems := walked(server.client(t).Tasks.All(t.Context(), options))
		assert.Empty(t, problems)
		assert.Equal(t, upTo(40), ids)
		assert.Len(t, server.arrived(), 20, "the last page is full, and none is asked for after it")
		assert.True(t, slices.IsSorted(pages))
		assert.Len(t, pages, 20)
	})
}

func TestReadAheadWorksWhileTheProgramDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newShelf(6)
		list.delay = func(int) time.Duration { return time.Second }
		for _, err := range servePipe(t, list.ServeHTTP).client(t).Tasks.All(t.Context(), pagesOfTwo(1)) {
			require.NoError(t, err)
			time.Sleep(time.Second)
		}
		assert.Equal(t, 7*time.Second, time.Since(bubbleStart))
	})
}

func TestOnPage(t *testing.T) {
	t.Parallel()
	for _, readAhead := range []int{0, 3} {
		var trace []string
		options := pagesOfTwo(readAhead)
		options.OnPage = func(p cvat.PageInfo) {
			trace = append(trace, fmt.Sprintf("page %d: %d of %d", p.Page, p.Items, p.Count))
		}
		for task, err := range servePipe(t, newShelf(5).ServeHTTP).client(t).Tasks.All(t.Context(), options) {
			require.NoError(t, err)
			trace = append(trace, strconv.FormatInt(task.ID, 10))
		}
		assert.Equal(t, []string{"page 1: 2 of 5", "1", "2", "page 2: 2 of 5", "3", "4", "page 3: 1 of 5", "5"}, trace)
	}
}

func TestNextIsNeverFollowed(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"http://evil.test/api/tasks?page=2", "https://cvat.test/base/api/tasks?page=2", "/api/tasks?page=99", "junk", "http://cvat.test/other?page=7&page_size=1000"} {
		list := newShelf(5)
		list.next = next
		server := servePipe(t, list.ServeHTTP)
		ids, problems := walked(server.client(t, cvat.WithToken("hunter2")).Tasks.All(t.Context(), pagesOfTwo(2)))
		assert.Empty(t, problems)
		assert.Equal(t, upTo(5), ids)
		for _, dialled := range server.dials() {
			assert.Equal(t, "cvat.test:80", dialled)
		}
		for _, r := range server.arrived() {
			assert.Equal(t, "/base/api/tasks", r.URL.Path)
			assert.Equal(t, "2", r.URL.Query().Get("page_size"))
		}
	}
}

func TestPageLoop(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers []http.HandlerFunc
		ids     []int64
		sent    int
	}{
		"first page again":    {[]http.HandlerFunc{pageOf(6, 1, 2)}, []int64{1, 2}, 2},
		"later page again":    {[]http.HandlerFunc{pageOf(6, 1, 2), pageOf(6, 3, 4)}, []int64{1, 2, 3, 4}, 3},
		"last page again":     {[]http.HandlerFunc{pageOf(4, 1, 2), lastPageOf(4, 1, 2)}, []int64{1, 2}, 2},
		"empty pages":         {[]http.HandlerFunc{pageOf(0)}, nil, 2},
		"empty pages, at end": {[]http.HandlerFunc{pageOf(2, 1, 2), pageOf(2)}, []int64{1, 2}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servePipe(t, inTurn(test.answers...))
			ids, problems := walked(server.client(t).Tasks.All(t.Context(), pagesOfTwo(0)))
			assert.Equal(t, test.ids, ids)
			require.Len(t, problems, 1)
			require.ErrorIs(t, problems[0], cvat.ErrPageLoop)
			require.ErrorContains(t, problems[0], fmt.Sprintf("cvat: tasks_list: page %d repeats the page before it", test.sent))
			assert.Len(t, server.arrived(), test.sent)
		})
	}
}

func TestPagesThatMove(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers []http.HandlerFunc
		want    []int64
	}{
		"one inserted before":         {[]http.HandlerFunc{pageOf(4, 1, 2), pageOf(5, 2, 3), lastPageOf(5, 4)}, []int64{1, 2, 3, 4}},
		"a page inserted before":      {[]http.HandlerFunc{pageOf(4, 1, 2), pageOf(6, 1, 2), lastPageOf(6, 3, 4)}, []int64{1, 2, 3, 4}},
		"two pages inserted":          {[]http.HandlerFunc{pageOf(6, 1, 2), pageOf(6, 3, 4), pageOf(10, 1, 2), pageOf(10, 3, 4), lastPageOf(10, 5, 6)}, []int64{1, 2, 3, 4, 5, 6}},
		"three pages inserted":        {[]http.HandlerFunc{pageOf(8, 1, 2), pageOf(8, 3, 4), pageOf(8, 5, 6), pageOf(14, 1, 2), pageOf(14, 3, 4), pageOf(14, 5, 6), lastPageOf(14, 7, 8)}, upTo(8)},
		"one deleted":                 {[]http.HandlerFunc{pageOf(6, 1, 2), lastPageOf(5, 4, 5)}, []int64{1, 2, 4, 5}},
		"all the rest deleted":        {[]http.HandlerFunc{pageOf(6, 1, 2), invalidPage}, []int64{1, 2}},
		"all deleted from the start":  {[]http.HandlerFunc{invalidPage}, nil},
		"a short page in the middle":  {[]http.HandlerFunc{pageOf(4, 1, 2), pageOf(4, 3), lastPageOf(4, 4)}, []int64{1, 2, 3, 4}},
		"an empty page in the middle": {[]http.HandlerFunc{pageOf(4, 1, 2), pageOf(4), lastPageOf(4, 3, 4)}, []int64{1, 2, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servePipe(t, inTurn(test.answers...))
			ids, problems := walked(server.client(t).Tasks.All(t.Context(), pagesOfTwo(0)))
			assert.Empty(t, problems)
			assert.Equal(t, test.want, ids)
			assert.Len(t, server.arrived(), len(test.answers))
		})
	}
}

func TestOnlyAnInvalidPageIsTheEnd(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"Not found.":   replyJSON(404, `{"detail":"Not found."}`),
		"page":         reply(404, "text/html", notFoundPage),
		"organization": replyJSON(404, `{"detail":"x organization does not exist."}`),
		"other status": replyJSON(400, `{"detail":"Invalid page."}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := walked(servePipe(t, inTurn(pageOf(4, 1, 2), answer)).client(t).Tasks.All(t.Context(), pagesOfTwo(0)))
			require.Len(t, problems, 1)
			_, ok := errors.AsType[*cvat.Error](problems[0])
			assert.True(t, ok)
		})
	}
}

func TestReadAheadBeyondTheEnd(t *testing.T) {
	t.Parallel()
	list := newShelf(20)
	list.before = func(page int) {
		if page == 3 {
			list.ids = list.ids[:5] // the rest is deleted meanwhile
		}
	}
	list.delay = func(page int) time.Duration { return time.Duration(page) * time.Second }
	synctest.Test(t, func(t *testing.T) {
		ids, problems := walked(servePipe(t, list.ServeHTTP).client(t).Tasks.All(t.Context(), pagesOfTwo(8)))
		assert.Empty(t, problems)
		assert.Equal(t, upTo(5), ids)
	})
}

func TestBareArrays(t *testing.T) {
	t.Parallel()
	list := newShelf(5)
	list.bare = true
	server := servePipe(t, list.ServeHTTP)
	client := server.client(t)
	for _, test := range []struct {
		page, size int
		ids        []int64
		next       int
		all        []int64
	}{
		{0, 0, upTo(5), 0, upTo(5)},
		{1, 2, []int64{1, 2}, 2, upTo(5)},
		{2, 2, []int64{3, 4}, 3, []int64{3, 4, 5}},
		{3, 2, []int64{5}, 0, []int64{5}},
		{4, 2, nil, 0, nil},
		{0, 5, upTo(5), 0, upTo(5)},
		{0, cvat.PageSizeAll, upTo(5), 0, upTo(5)},
	} {
		o := &cvat.TaskListOptions{ListOptions: cvat.ListOptions{Page: test.page, PageSize: test.size, ReadAhead: 3}}
		tasks, resp, err := client.Tasks.List(t.Context(), o)
		require.NoError(t, err)
		var ids []int64
		for _, task := range tasks {
			ids = append(ids, task.ID)
		}
		assert.Equal(t, test.ids, ids, "%+v", test)
		assert.Equal(t, 5, resp.Count)
		assert.Equal(t, test.next, resp.NextPage, "%+v", test)

		var pages []cvat.PageInfo
		o.OnPage = func(p cvat.PageInfo) { pages = append(pages, p) }
		sent := len(server.arrived())
		ids, problems := walked(client.Tasks.All(t.Context(), o))
		assert.Empty(t, problems)
		assert.Equal(t, test.all, ids, "%+v", test)
		assert.Equal(t, []cvat.PageInfo{{Page: max(test.page, 1), Items: len(test.all), Count: 5}}, pages)
		assert.Len(t, server.arrived(), sent+1, "all is there at once")
	}
}

func TestPageSizeAll(t *testing.T) {
	t.Parallel()
	server := servePipe(t, newShelf(250).ServeHTTP)
	o := &cvat.TaskListOptions{ListOptions: cvat.ListOptions{PageSize: cvat.PageSizeAll, ReadAhead: 3}}
	ids, problems := walked(server.client(t).Tasks.All(t.Context(), o))
	assert.Empty(t, problems)
	assert.Equal(t, upTo(250), ids)
	assert.Equal(t, "all", server.only(t).URL.Query().Get("page_size"))
}

func TestAnswersThatAreNoList(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"other object": `{"detail":"maintenance"}`, "empty object": `{}`, "no results": `{"count":0,"next":null}`, "null results": `{"count":3,"results":null}`,
		"null": `null`, "text": `"x"`, "object for array": `{"results":{}}`, "array of texts": `["x"]`, "truncated": `{"count":1,"results":[{"id":1}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := servePipe(t, replyJSON(200, body)).client(t)
			_, _, err := client.Tasks.List(t.Context(), nil)
			e, ok := errors.AsType[*cvat.Error](err)
			require.True(t, ok, "no answer must look like an empty list: %v", err)
			assert.Contains(t, e.Detail, "the answer cannot be read")
			ids, problems := walked(client.Tasks.All(t.Context(), nil))
			assert.Empty(t, ids)
			assert.Len(t, problems, 1)
		})
	}
}

func TestNullItems(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`[null]`, `{"count":2,"results":[{"id":1},null]}`} {
		_, err := cvat.Collect(servePipe(t, replyJSON(200, body)).client(t).Tasks.All(t.Context(), nil))
		require.Error(t, err, "an item is never nil")
	}
}

func TestGetByName(t *testing.T) {
	t.Parallel()
	gets := map[string]func(context.Context, *cvat.Client, string) (int64, *cvat.Response, error){
		"task": func(ctx context.Context, c *cvat.Client, name string) (int64, *cvat.Response, error) {
			task, resp, err := c.Tasks.GetByName(ctx, name)
			if task == nil {
				return 0, resp, err
			}
			return task.ID, resp, err
		},
		"project": func(ctx context.Context, c *cvat.Client, name string) (int64, *cvat.Response, error) {
			project, resp, err := c.Projects.GetByName(ctx, name)
			if project == nil {
				return 0, resp, err
			}
			return project.ID, resp, err
		},
	}
	for kind, get := range gets {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			server := servePipe(t, inTurn(lastPageOf(1, 7), lastPageOf(0), lastPageOf(2, 7, 9), pageOf(30, upTo(10)...), detail(403)))
			client := server.client(t)
			id, resp, err := get(t.Context(), client, `main "road"`)
			require.NoError(t, err)
			assert.Equal(t, int64(7), id)
			assert.Equal(t, 200, resp.StatusCode)
			assert.JSONEq(t, `{"==":[{"var":"name"},"main \"road\""]}`, server.only(t).URL.Query().Get("filter"))

			id, _, err = get(t.Context(), client, "x")
			require.ErrorIs(t, err, cvat.ErrNotFound)
			require.NotErrorIs(t, err, cvat.ErrNotUnique)
			require.EqualError(t, err, `cvat: there is no `+kind+` named "x"`)
			assert.Zero(t, id)
			id, _, err = get(t.Context(), client, "x")
			require.ErrorIs(t, err, cvat.ErrNotUnique)
			require.NotErrorIs(t, err, cvat.ErrNotFound)
			require.ErrorContains(t, err, `named "x"`)
			require.ErrorContains(t, err, `: `+kind+`s 7, 9`)
			assert.Zero(t, id)
			_, _, err = get(t.Context(), client, "x")
			require.ErrorIs(t, err, cvat.ErrNotUnique)
			_, _, err = get(t.Context(), client, "x")
			require.ErrorIs(t, err, cvat.ErrForbidden)

			sent := len(server.arrived())
			_, resp, err = get(t.Context(), client, "")
			refused := new(cvat.ArgumentError)
			require.ErrorAs(t, err, &refused)
			assert.Zero(t, resp.StatusCode)
			assert.Len(t, server.arrived(), sent, "no name would match everything")
		})
	}
}

func TestJobsOfATask(t *testing.T) {
	t.Parallel()
	server := servePipe(t, newShelf(101).ServeHTTP)
	client := server.client(t)
	jobs, err := client.Tasks.Jobs(t.Context(), 7)
	require.NoError(t, err)
	assert.Len(t, jobs, 101)
	for _, r := range server.arrived() {
		assert.JSONEq(t, `{"==":[{"var":"task_id"},7]}`, r.URL.Query().Get("filter"))
	}
	for _, id := range []int64{0, -1} {
		_, err = client.Tasks.Jobs(t.Context(), id)
		refused := new(cvat.ArgumentError)
		require.ErrorAs(t, err, &refused)
	}
	assert.Len(t, server.arrived(), 2, "no id would match everything")
}

func TestPagesAreRepeatedOneByOne(t *testing.T) {
	t.Parallel()
	for _, readAhead := range []int{0, 3} {
		synctest.Test(t, func(t *testing.T) {
			failed := map[int]bool{}
			list := newShelf(5)
			list.special = map[int]http.HandlerFunc{}
			for page := range 4 {
				list.special[page] = func(w http.ResponseWriter, r *http.Request) {
					list.mu.Lock()
					again := failed[page]
					failed[page] = true
					list.mu.Unlock()
					if !again {
						hangUp(w, r)
					}
					list.page(page, r.URL.Query().Get("page_size"))(w, r)
				}
			}
			server := servePipe(t, list.ServeHTTP)
			ids, problems := walked(server.client(t).Tasks.All(t.Context(), pagesOfTwo(readAhead)))
			assert.Empty(t, problems)
			assert.Equal(t, upTo(5), ids)
			asked := pagesAsked(server)
			slices.Sort(asked)
			assert.Equal(t, []string{"1", "1", "2", "2", "3", "3"}, asked)
		})
	}
}
