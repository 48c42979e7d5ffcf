package testserver

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// throttle counts the anonymous requests of the last minute. All callers share it: they all have the address 127.0.0.1.
type throttle struct {
	limit int
	seen  []time.Time
}

// checkThrottle refuses an anonymous caller who asks too often.
func (s *Server) checkThrottle(c *call) *answer {
	t := &s.throttle
	if c.user != nil || t.limit == 0 {
		return nil
	}
	at := now()
	for len(t.seen) > 0 && at.Sub(t.seen[0]) >= time.Minute {
		t.seen = t.seen[1:]
	}
	if len(t.seen) < t.limit {
		t.seen = append(t.seen, at)
		return nil
	}
	seconds := int(math.Ceil((time.Minute - at.Sub(t.seen[0])).Seconds()))
	unit := "seconds"
	if seconds == 1 {
		unit = "second"
	}
	return detail(http.StatusTooManyRequests,
		fmt.Sprintf("Request was throttled. Expected available in %d %s.", seconds, unit)).
		with("Retry-After", strconv.Itoa(seconds))
}
