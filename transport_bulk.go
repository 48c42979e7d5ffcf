package cvat

import "net/http"

// newBulkTransport returns the transport of uploads and downloads for a client that brings none. It keeps to HTTP/1.1: over
// HTTP/2 all transfers share one connection, whose window lets through 1 MiB a round trip.
func newBulkTransport() *http.Transport {
	t := newTransport()
	t.ForceAttemptHTTP2 = false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	return t
}

// routed sends bulk transfers over their transport, and everything else over the other. It stands below the middleware, so
// that both look the same from above.
func routed(regular, bulk http.RoundTripper) http.RoundTripper {
	if bulk == nil {
		return regular
	}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		if x := exchangeFrom(r.Context()); x != nil && x.bulk {
			return bulk.RoundTrip(r)
		}
		return regular.RoundTrip(r)
	})
}
