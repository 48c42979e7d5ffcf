// Package cvattest is a CVAT server for tests of programs that use [cvat]: it runs inside the test, needs nothing but
// Go, keeps state as CVAT does, and answers as real servers were recorded to, those of 2.3 or of 2.73.
//
//	func TestReport(t *testing.T) {
//		server := cvattest.NewServer(t)
//		task := server.AddTask(cvattest.Task{Frames: 3, JobSize: 1})
//		server.Fail(cvat.OpJobsList, cvattest.Fault{Times: 1}) // a 503, which the client gets over
//
//		report, err := Report(t.Context(), server.Client(), task.ID)
//		…
//		if n := server.Count(cvat.OpJobsList); n != 2 { … }
//	}
//
// A program that makes its own client gets [Server.URL] and a credential: [Server.Token], [Server.AccessToken], or
// [Username] and [Password].
//
// # Arranging and checking
//
// [Server.AddTask] makes a task with frames, jobs and annotations in one call; [Server.AddUser], [Server.AddOrganization],
// [Server.Share] and [Server.AddBucket] make what surrounds it. Everything else is made, and looked at, through
// [Server.Backstage]: a client whose calls no fault strikes and that are not listed among what arrived.
//
// # Trouble
//
// [Server.Fail] plans faults by operation: refusals, delays, connections cut before or after the server acts, bodies that
// break off. [Server.Plan] makes background work fail, last or hang.
//
// # What arrived
//
// [Server.Requests] and [Server.Count] tell which requests came, from whom, in which organization, and how they were
// answered. A request that no server would take, or that a server would misunderstand in silence (a field that does not
// exist, a body of the wrong type), fails the test: see [Lenient].
//
// # Time
//
// With [OverPipe] the server is reached over net.Pipe. In a bubble of testing/synctest its time is then the bubble's:
// waits for background work, retries and time-outs of hours pass at once. Bubble, server and clients belong together:
// call NewServer inside of the bubble.
//
// # Limits
//
// The server has what the operations of this module need, not all of CVAT: no pages for people, no video decoding, no
// annotation formats besides those of CVAT itself, no serverless functions to call. It holds everything in memory.
package cvattest
