//go:build !linux

package bench

import "testing"

// peakRSS is not measured on this platform.
func peakRSS(*testing.B) int64 { return 0 }

func resetPeakRSS(*testing.B) int64 { return 0 }
