package cvat

import (
	"context"
	"iter"
	"sync"
)

// BatchResult is what became of one item of a [Batch].
type BatchResult[T, R any] struct {
	// Index is the place of the item among all.
	Index int
	Item  T
	Value R
	Err   error
}

// defaultParallel is how many things are done at once where nothing else is said: enough to hide the latency of a
// server, and few enough to be polite.
const defaultParallel = 4

// Batch calls do for every item, at most parallel at once (4 if 0), and yields the results as they come: one for each
// item, in the order in which they are done. An item that fails does not keep the others from being tried.
//
// When ctx ends, items that have not been begun fail with its error. Leaving the loop cancels what is under way, and waits
// for it to end. do runs in goroutines of its own; the loop does not.
//
//	for result := range cvat.Batch(ctx, 8, tasks, func(ctx context.Context, task *models.Task) (*cvat.ExportedFile, error) {
//		return client.Tasks.ExportDatasetToFile(ctx, task.ID, "COCO 1.0", "archives/", nil)
//	}) {
//		if result.Err != nil {
//			log.Print(result.Item.Name, ": ", result.Err)
//		}
//	}
func Batch[T, R any](ctx context.Context, parallel int, items []T, do func(context.Context, T) (R, error)) iter.Seq[BatchResult[T, R]] {
	return func(yield func(BatchResult[T, R]) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()

		indices, results := make(chan int), make(chan BatchResult[T, R])
		left := make(chan struct{}) // closed when the loop is left: nobody takes results any more
		defer close(left)
		for range min(workers(parallel), len(items)) {
			running.Go(func() {
				for i := range indices {
					result := BatchResult[T, R]{Index: i, Item: items[i]}
					if result.Err = interrupted(ctx, "stopped before it began"); result.Err == nil {
						result.Value, result.Err = do(ctx, items[i])
					}
					select {
					case results <- result:
					case <-left:
					}
				}
			})
		}
		running.Go(func() {
			defer close(indices)
			for i := range items {
				select {
				case indices <- i:
				case <-left:
					return
				}
			}
		})
		for range items {
			if !yield(<-results) {
				return
			}
		}
	}
}

func workers(parallel int) int {
	if parallel <= 0 {
		return defaultParallel
	}
	return parallel
}
