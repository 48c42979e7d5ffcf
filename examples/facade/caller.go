package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-cvat/cvat"
)

// clientFor returns a client that acts as the caller, in the caller's organization. It costs next to nothing and keeps
// nothing: whoever calls next gets another.
func (s *service) clientFor(r *http.Request) (*cvat.Client, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	var credential cvat.Option
	switch {
	case token == "":
		return nil, errNoToken
	case strings.EqualFold(scheme, "Bearer"):
		credential = cvat.WithAccessToken(token)
	case strings.EqualFold(scheme, "Token"):
		credential = cvat.WithToken(token)
	default:
		return nil, errNoToken
	}
	organization := cvat.WithoutOrganization()
	if slug := r.Header.Get("X-Organization"); slug != "" {
		organization = cvat.WithOrganization(slug)
	}
	return s.anonymous.With(credential, organization)
}

// refusal is an answer of the service's own.
type refusal struct {
	status int
	text   string
}

// Error implements error.
func (r refusal) Error() string { return r.text }

var (
	errNoToken = refusal{http.StatusUnauthorized, "send your CVAT token: Authorization: Bearer <access token>, or Token <login key>"}
	errBusy    = refusal{http.StatusServiceUnavailable, "too many callers at the moment"}
)

// statusClientLeft is what some servers log for a caller that did not wait.
const statusClientLeft = 499

// refuse answers with what went wrong. What CVAT says of the caller's own doing is passed on; the rest is ours to look
// into, and the caller is told no more than that.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	answer := refusal{http.StatusBadGateway, "CVAT cannot be used at the moment"}
	var own refusal
	refused, answered := errors.AsType[*cvat.Error](err)
	_, misused := errors.AsType[*cvat.ArgumentError](err)
	switch {
	case errors.As(err, &own):
		answer = own
	case r.Context().Err() != nil:
		answer = refusal{statusClientLeft, "you left"}
	case misused:
		answer = refusal{http.StatusBadRequest, "CVAT takes no such number, token or organization"}
	case answered && callersDoing(refused.StatusCode):
		answer = refusal{refused.StatusCode, refused.Detail}
		if refused.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(refused.RetryAfter.Seconds())))
		}
	case errors.Is(err, context.DeadlineExceeded):
		answer = refusal{http.StatusGatewayTimeout, "CVAT takes too long"}
	}
	switch answer.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	_ = reply(w, answer.status, map[string]string{"error": answer.text}) // which can always be written as JSON
}

// callersDoing says whether a status is about what the caller asked for, or who asked.
func callersDoing(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests:
		return true
	}
	return false
}
