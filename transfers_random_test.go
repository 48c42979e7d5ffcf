package cvat_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
	"github.com/go-cvat/cvat/models"
)

// transfer is one kind of work of TestRandomTransfers: it moves random data in a random way while random things go wrong. It
// returns "succeeded" or "failed", and then what is not as it has to be. It may fail, but then it has to say so.
type transfer func(t *testing.T, chance *rand.Rand, on stage) []string

// transfers are the kinds that a run chooses from.
var transfers = []transfer{randomUpload, randomUpload, randomDownload}

// stage is a fresh server with a client that meets its faults.
type stage struct {
	srv    *testserver.Server
	client *cvat.Client // its requests meet cuts on the way
	calm   *cvat.Client // nothing happens to these
}

// trouble lets faults hit the operations, of which "" is any.
func (s stage) trouble(chance *rand.Rand, operations ...string) {
	for range chance.IntN(4) {
		s.srv.Fail(randomFault(chance, operations))
	}
}

// How many transfers, and with which seed; without them few, and a seed of the moment.
const (
	randomRuns = "CVAT_TEST_TRANSFERS"
	randomSeed = "CVAT_TEST_SEED"
)

// TestRandomTransfers runs transfers with random faults. Whatever happens, what arrived is what was sent, or the call failed and
// said what is known; nothing is doubled. CONTRIBUTING.md tells how to run more of it, or the same again.
func TestRandomTransfers(t *testing.T) {
	t.Parallel()
	runs, seed := 150, uint64(time.Now().UnixNano())
	if told := os.Getenv(randomRuns); told != "" {
		var err error
		runs, err = strconv.Atoi(told)
		require.NoError(t, err)
	}
	if told := os.Getenv(randomSeed); told != "" {
		var err error
		seed, err = strconv.ParseUint(told, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("%s=%d %s=%d", randomSeed, seed, randomRuns, runs)
	var mu sync.Mutex
	outcomes := map[string]int{}
	next := make(chan int)
	var lanes sync.WaitGroup
	for range 4 {
		lanes.Go(func() {
			for run := range next {
				outcome, differences := randomTransfer(t, seed, run)
				mu.Lock()
				outcomes[outcome]++
				mu.Unlock()
				for _, difference := range differences {
					t.Errorf("%s=%d, run %d: %s", randomSeed, seed, run, difference)
				}
			}
		})
	}
	for run := range runs {
		if t.Failed() {
			break
		}
		next <- run
	}
	close(next)
	lanes.Wait()
	t.Logf("outcomes: %v", outcomes)
	assert.Positive(t, outcomes["succeeded"])
	assert.Positive(t, outcomes["failed"])
}

// randomTransfer makes everything of a run from the seed and its number, so that it can be had again.
func randomTransfer(t *testing.T, seed uint64, run int) (outcome string, differences []string) {
	t.Helper()
	chance := rand.New(rand.NewPCG(seed, uint64(run)))
	dialect := []testserver.Dialect{testserver.V2_3, testserver.V2_73}[chance.IntN(2)]
	srv := testserver.Start(t, testserver.WithDialect(dialect), testserver.WithAnonymousLimit(0), testserver.WithProcessing(0))
	defer srv.Close()
	calm := newClient(t, srv.URL, cvat.WithBasicAuth("admin", "admin-password"))
	client, err := calm.With(
		cvat.WithRetryPolicy(cvat.RetryPolicy{MinWait: 100 * time.Microsecond, MaxWait: time.Millisecond, MaxAttempts: 1 + chance.IntN(5)}),
		cvat.WithMiddleware(randomCuts(chance)))
	require.NoError(t, err)
	differences = transfers[chance.IntN(len(transfers))](t, chance, stage{srv: srv, client: client, calm: calm})
	outcome, differences = differences[0], differences[1:]
	if len(differences) > 0 {
		for _, r := range srv.Requests() {
			differences = append(differences, fmt.Sprintf("%s %s %s %s: %d %s", r.Operation, r.Method, r.Path, r.Header.Get("Upload-Offset"), r.Status, r.Fault))
		}
	}
	return outcome, differences
}

// randomFault is a fault of the server's that passes.
func randomFault(chance *rand.Rand, operations []string) testserver.Fault {
	f := testserver.Fault{
		Operation: operations[chance.IntN(len(operations))],
		Kind: []testserver.FaultKind{
			testserver.Refuse, testserver.CutBefore, testserver.CutAfter, testserver.CutBody, testserver.TruncateBody, testserver.Slow,
			testserver.HTMLPage,
		}[chance.IntN(7)],
		Skip:   chance.IntN(12),
		Times:  1 + chance.IntN(5),
		Status: []int{429, 500, 502, 503, 504, 404, 409, 413, 408}[chance.IntN(9)],
		Acts:   chance.IntN(2) == 0,
		Delay:  time.Duration(chance.IntN(2)) * time.Millisecond,
	}
	if f.Status == http.StatusTooManyRequests || f.Status == http.StatusServiceUnavailable {
		f.Header, f.Acts = http.Header{"Retry-After": {"0"}}, false // which says that the server has not acted
	}
	if f.Status < 500 || f.Status == http.StatusInternalServerError && f.Operation != opChunk {
		f.Acts = false // so do these
	}
	return f
}

// randomCuts breaks requests, or their answers, on the way.
func randomCuts(chance *rand.Rand) func(http.RoundTripper) http.RoundTripper {
	var mu sync.Mutex
	rate, dice := chance.Float64()*0.15, rand.New(rand.NewPCG(chance.Uint64(), 0))
	roll := func() (request, answer bool, at int) {
		mu.Lock()
		defer mu.Unlock()
		return dice.Float64() < rate, dice.Float64() < rate/2, dice.IntN(200)
	}
	return func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			request, lost, at := roll()
			if request && isChunk(r) {
				r = r.Clone(r.Context())
				r.Body = &cutChunk{ReadCloser: r.Body, left: at}
			}
			resp, err := next.RoundTrip(r)
			if err == nil && lost {
				_ = resp.Body.Close()
				return nil, errors.New("connection cut before the answer came")
			}
			return resp, err
		})
	}
}

// randomUpload uploads random pictures by CreateFromData: in one go, or by a state file in as many as it takes.
func randomUpload(t *testing.T, chance *rand.Rand, on stage) []string {
	t.Helper()
	on.trouble(chance, opChunk, opChunk, opChunk, opData, "tasks_create", "HEAD "+opChunk, "")
	var sources []cvat.Source
	var want []testserver.File
	seekable := true
	for i := range 1 + chance.IntN(6) {
		name, data := fmt.Sprintf("frame%d.png", i), append(picture(t, i), noise(chance, chance.IntN(1500))...)
		source := cvat.Bytes(name, data)
		if chance.IntN(8) == 0 {
			source, seekable = cvat.Reader(name, strings.NewReader(string(data)), int64(len(data))), false
		}
		sources = append(sources, source)
		want = append(want, testserver.File{Name: name, Size: int64(len(data)), SHA256: sum(data)})
	}
	options := &cvat.UploadOptions{
		ChunkSize: int64(64 + chance.IntN(600)), Parallel: 1 + chance.IntN(4), Wait: cvat.WaitOptions{MaxInterval: time.Millisecond},
	}
	legs := 1
	switch chance.IntN(4) {
	case 0:
		options.RemoveOnFailure = true
	case 1:
		if seekable {
			options.StateFile = filepath.Join(t.TempDir(), "state"+strconv.FormatUint(chance.Uint64(), 16))
			legs = 4
		}
	case 2:
		options.OnProgress = func(cvat.UploadProgress) {}
	}
	forget := chance.IntN(4) == 0
	var task *models.Task
	var err error
	for leg := range legs {
		// The wait for work that was never started takes long; nothing here depends on its end.
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(200+chance.IntN(1000))*time.Millisecond)
		if legs > 1 && leg < legs-1 {
			ctx, cancel = context.WithTimeout(t.Context(), time.Duration(chance.IntN(30))*time.Millisecond)
		}
		if forget && leg == legs-1 {
			time.AfterFunc(time.Duration(chance.IntN(20))*time.Millisecond, on.srv.ForgetUploads)
		}
		task, err = on.client.Tasks.CreateFromData(ctx, models.TaskCreate{Name: "random", Labels: labels()}, cvat.Join(sources...), options)
		cancel()
		if err == nil {
			break
		}
	}
	on.srv.Heal()
	return judge(t, on, want, task, err, options.RemoveOnFailure)
}

func noise(chance *rand.Rand, n int) []byte {
	data := make([]byte, 0, n+8)
	for len(data) < n {
		data = binary.NativeEndian.AppendUint64(data, chance.Uint64())
	}
	return data[:n]
}

// judge compares the server with what was sent. The first thing that it returns is the outcome.
func judge(t *testing.T, on stage, want []testserver.File, task *models.Task, err error, removing bool) []string {
	t.Helper()
	found := []string{"succeeded"}
	if err != nil {
		found[0] = "failed"
	}
	ids := taskIDs(t, on.calm)
	differ := func(format string, args ...any) {
		found = append(found, fmt.Sprintf(format, args...)+fmt.Sprintf(" (the call: %v)", err))
	}
	for _, id := range ids {
		stored, _, gone := on.calm.Tasks.Get(t.Context(), id)
		if gone != nil {
			differ("task %d: %v", id, gone)
			continue
		}
		if files := on.srv.Files(id); stored.Size > 0 && !assert.ObjectsAreEqual(want, files) {
			differ("task %d has the frames %v instead of %v", id, files, want)
		}
	}
	var failed *cvat.UploadError
	switch {
	case err == nil && (len(ids) != 1 || task == nil || task.ID != ids[0] || task.Size != len(want)):
		differ("a task of %d frames was returned, and there are the tasks %v", task.Size, ids)
	case err == nil:
	case len(ids) > 1 && !errors.Is(err, cvat.ErrOutcomeUnknown):
		differ("tasks %v, and the call did not say that the outcome is unknown", ids)
	case len(ids) > 0 && !errors.As(err, &failed) && !errors.Is(err, cvat.ErrOutcomeUnknown) && !errors.Is(err, context.DeadlineExceeded):
		differ("task %v stands on the server, and the call did not say so", ids)
	case failed != nil && failed.Removed != removing && removing && len(ids) == 0:
		differ("the task was removed, and the call did not say so")
	case failed != nil && failed.Removed && len(ids) > 0:
		differ("task %v was not removed", ids)
	}
	return found
}
