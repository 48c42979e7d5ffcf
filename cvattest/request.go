package cvattest

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/internal/testserver"
)

// Request is a request that arrived.
type Request struct {
	// Operation is the server's id of it, as in [cvat.Operation]; empty for an address that the server does not have.
	Operation string
	Method    string
	// Path is what follows the base path, as it was sent.
	Path  string
	Query url.Values
	// Header includes Authorization and Host.
	Header http.Header
	// Body is the first 64 KiB.
	Body []byte
	// BodySize is the number of all its bytes.
	BodySize int64
	// User is who sent it; empty for an anonymous caller, and where a fault came first.
	User string
	// Organization is the slug that the request named; empty if it named none, or the personal workspace.
	Organization string
	// Status is what was answered; 0 if nothing was.
	Status int
}

// Requests returns what arrived so far, in order of arrival: of the given operations, or all of it.
func (s *Server) Requests(ops ...cvat.Operation) []Request {
	var some []Request
	for _, r := range s.fake.Requests() {
		if len(ops) == 0 || slices.ContainsFunc(ops, func(op cvat.Operation) bool { return op.ID == r.Operation }) {
			some = append(some, newRequest(r))
		}
	}
	return some
}

func newRequest(r testserver.Request) Request {
	organization := r.Query.Get("org")
	if organization == "" {
		organization = r.Header.Get("X-Organization")
	}
	return Request{
		Operation: r.Operation, Method: r.Method, Path: r.Path, Query: r.Query, Header: r.Header,
		Body: r.Body, BodySize: r.BodySize, User: r.User, Organization: organization, Status: r.Status,
	}
}

// Count returns how many requests arrived of an operation, attempts that failed included.
func (s *Server) Count(op cvat.Operation) int {
	s.helper()
	s.known(op)
	return s.fake.Count(op.ID)
}

// Forget empties the list of what arrived.
func (s *Server) Forget() { s.fake.Forget() }
