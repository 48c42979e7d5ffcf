// Package models holds the data CVAT exchanges: what a server returns, what it accepts, and the enumerations in between.
//
// A resource has its plain name ([Task]), what creates it ends in Create ([TaskCreate]), what changes it in Patch
// ([TaskPatch]). The package does no I/O.
//
// # Reading
//
// Fields are plain values. What a server sends as null, or an older server does not send at all, reads as the zero value;
// a pointer stands only where null says something that zero does not. Fields of newer servers are ignored. Enumerations are
// strings: a value this package does not name is kept as it came. "since 2.16" on a field is the first release that sends
// it, "until 2.3" the last.
//
// # Writing
//
// A field that is not set is not sent. What creates leaves the server its default where a field is zero; a pointer stands only
// where zero is a value of its own. In what changes, an optional field is a pointer, to be filled with the builtin new:
// new("street"); where null clears something on the server it is a [Nullable]. A list that is emptied by an empty list is sent
// unless it is nil.
package models
