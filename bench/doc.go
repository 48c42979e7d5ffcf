// Package bench measures the client against its goals. It is a module of its own, so that what it compares with stays
// out of the library's go.mod. Run it with
//
//	go test -run '^$' -bench . -benchtime 1x
//
// The machine that runs it should have nothing else to do; the figures to quote are ratios within one run.
package bench
