package cvat

import "time"

const (
	// defaultChunkSize is where chunks that adapt begin.
	defaultChunkSize = 10 << 20
	// maxChunkSize is what servers take in one request; old ones hold it in memory.
	maxChunkSize = 100 << 20
	// minChunkSize is what chunks shrink to.
	minChunkSize = 1 << 20
	// slowChunk is how long a chunk may take for the next to be larger: proxies give up on requests that take long.
	slowChunk = 10 * time.Second
	// calmChunks is how many chunks have to succeed in a row before a size that failed is tried again.
	calmChunks = 8
)

// chunkSizes are the sizes of the chunks of one file: they double while all goes well and halve after a failure.
type chunkSizes struct {
	size, top int64
	max       int64
	fixed     bool
	streak    int // successes since the last failure
}

// newChunkSizes begins with fixed bytes for good, or else with sizes that adapt, up to a bound if that is not 0.
func newChunkSizes(fixed, bound int64) chunkSizes {
	if bound == 0 {
		bound = maxChunkSize
	}
	if fixed > 0 {
		return chunkSizes{size: min(fixed, bound), fixed: true}
	}
	return chunkSizes{size: min(defaultChunkSize, bound), top: bound, max: bound}
}

// next is the size of the next chunk of a file of which so much is left.
func (c *chunkSizes) next(left int64) int64 { return min(c.size, left) }

// succeeded notes a chunk that was taken at the first attempt.
func (c *chunkSizes) succeeded(took time.Duration) {
	if c.fixed || took > slowChunk {
		return
	}
	if c.streak++; c.streak%calmChunks == 0 {
		c.top = min(c.top*2, c.max)
	}
	c.size = min(c.size*2, c.top)
}

// failed notes a chunk that was refused or lost, and reports whether the next one is smaller.
func (c *chunkSizes) failed() bool {
	smaller := !c.fixed && c.size > minChunkSize
	if smaller {
		c.size = max(c.size/2, minChunkSize)
		c.top, c.streak = c.size, 0
	}
	return smaller
}
