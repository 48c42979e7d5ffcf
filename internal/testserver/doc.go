// Package testserver is a fake CVAT for tests and examples: a real HTTP server on 127.0.0.1 that keeps state as CVAT
// does and speaks two dialects of its API, that of 2.3.0-alpha ([V2_3]) and that of 2.73.1 ([V2_73]).
//
// It answers what the real servers answer, odd statuses and content types included. It is also strict: a request that
// the server would quietly put up with, or refuse for a reason that is a client's mistake (a wrong slash, a chunked
// body, a field that does not exist …), is answered as usual and reported to the [Reporter] as well, unless the test
// announced it with [Server.Allow].
//
// Trouble is ordered with [Server.Fail]; what arrived is read from [Server.Requests] and [Server.Count], where every
// operation goes by the server's own operation id, such as "tasks_retrieve_data".
//
// The package shares no code with the client on purpose: a mistake in one must not hide a mistake in the other.
package testserver
