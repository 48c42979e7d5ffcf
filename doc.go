// Package cvat is a client for CVAT, the annotation server of computer vision, of every release from 2.2 to 2.73.
//
//	client, err := cvat.NewClient("https://cvat.example.com",
//		cvat.WithAccessToken(os.Getenv("CVAT_ACCESS_TOKEN")))
//	if err != nil {
//		return err
//	}
//	task, err := client.Tasks.CreateFromData(ctx, models.TaskCreate{Name: "street", Labels: labels}, cvat.Dir("pictures"), nil)
//
// # Calls and workflows
//
// A method that is one API call returns its value, a [*Response] that is never nil, and an error; its comment ends
// with the operation that it calls. A method that takes several calls, such as [TasksService.Upload] or
// [TasksService.ExportDataset], returns its value and an error, and says what it leaves behind when it fails half-way.
// Every method takes a context first; cancelling it ends waits and transfers at once. What is wrong with the arguments
// is an [*ArgumentError] before anything is sent.
//
// # What is repeated
//
// A failed attempt is repeated, with growing waits that are spread at random, only if that cannot do harm. The class of
// a call belongs to its meaning, not to its HTTP method; see [Replay] and [RetryPolicy].
//
//	                                     no connection   429, 503 with   connection lost,      every other
//	                                     was made        Retry-After     408, 502, 503, 504    answer
//	reads, looks at background work,
//	replacements, deletions, chunks of
//	uploads, starts of exports           repeated        repeated        repeated              error
//	creations, other starts, PATCH,
//	downloads that can be had once       repeated        repeated        ErrOutcomeUnknown     error
//	adding, changing and deleting
//	single annotations                   error           error           ErrOutcomeUnknown     error
//
// A 500 is never repeated: at CVAT it is a bug or the report of a failure. A Retry-After is waited for up to
// [RetryPolicy].MaxRetryAfter. A deletion that finds nothing when repeated has succeeded. An error that matches
// [ErrOutcomeUnknown] means that the server may have acted: look before trying again.
//
// # Uploads
//
// [TasksService.CreateFromData] makes a task, uploads its data and waits until it has frames; [TasksService.Upload] feeds
// a task that exists. Where the data come from is a [Source]. Everything that is certain to be refused is found before the
// first byte is sent. Files travel several at once, each streamed from its source in chunks; a chunk that fails is sent again,
// and where the server stands is found out and never assumed: what arrived is what was sent, or the call fails with an
// [*UploadError] that says what stands on the server. With [UploadOptions].StateFile another process can go on.
//
// Uploads and downloads use a transport of their own that keeps to HTTP/1.1, because all transfers over one HTTP/2
// connection together are held to about 1 MiB a round trip; see [WithHTTPClient].
//
// # Background work
//
// A server processes uploads, writes exports and reads imports in its own time. Workflows wait for it. Their Start
// variants return a [*Background] instead, which can be stored as JSON and be waited for by another process: see
// [Client.Wait], [Client.WaitAll] and [Client.Download].
//
// What is downloaded to a file or into a folder has a temporary name until it is whole. [Batch] does many such things at
// once.
//
// # Lists
//
// List returns one page, All walks through all: lazily, in the list's stable order, item by item, each once, ending
// after the first error. It may be ranged over again; leaving the loop early ends what is under way. Offset pages cannot
// be exact while others work: deleting items during a walk makes it skip others, so collect before deleting.
//
// # Errors
//
// An answer that a call cannot use is an [*Error] with the server's own words; test for kinds with [errors.Is] and the
// sentinels of this package. Errors, logs and %+v never show credentials, query strings, headers or bodies.
//
// # Versions
//
// Calls are made without asking for the server's version. Where servers differ, workflows ask for it once and speak the
// protocol that the server has. A call that the server lacks matches [ErrUnsupported].
//
// Version 0 of this library may still change its surface from one minor release to the next, with notes in
// CHANGELOG.md; from version 1 on it only grows. The latest two releases of Go are supported.
package cvat
