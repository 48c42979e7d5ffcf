package cvat

import (
	"context"
	"sync"
)

// locks are locks by name, waiting for which ends with a context.
type locks struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed when the lock is free
}

// lock waits until nobody else has the lock of a name; what says what holds it.
func (l *locks) lock(ctx context.Context, name, what string) (unlock func(), err error) {
	for {
		l.mu.Lock()
		held, busy := l.held[name]
		if !busy {
			if l.held == nil {
				l.held = map[string]chan struct{}{}
			}
			free := make(chan struct{})
			l.held[name] = free
			l.mu.Unlock()
			return func() {
				l.mu.Lock()
				defer l.mu.Unlock()
				delete(l.held, name)
				close(free)
			}, nil
		}
		l.mu.Unlock()
		select {
		case <-held:
		case <-ctx.Done():
			return nil, interrupted(ctx, "stopped waiting for another "+what)
		}
	}
}
