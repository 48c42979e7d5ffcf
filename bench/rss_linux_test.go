package bench

import (
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"testing"
)

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakRSS returns the most resident memory this process ever had, in bytes.
func peakRSS(b *testing.B) int64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	check(b, err)
	match := highWater.FindSubmatch(status)
	if match == nil {
		b.Fatal("no VmHWM in /proc/self/status")
	}
	kib, err := strconv.ParseInt(string(match[1]), 10, 64)
	check(b, err)
	return kib << 10
}

// resetPeakRSS makes what is resident now the most this process ever had, and returns it.
func resetPeakRSS(b *testing.B) int64 {
	b.Helper()
	debug.FreeOSMemory()
	check(b, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200))
	return peakRSS(b)
}
