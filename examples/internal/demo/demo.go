// Package demo runs a fake CVAT inside an example, so that the example needs no server. What it does for the example,
// a real server does for your program.
package demo

import "github.com/go-cvat/cvat/internal/testserver"

// The account that examples use. It is an ordinary user's.
const (
	Username = "user1"
	Password = "user-password"
)

// Server is a running fake CVAT. It keeps everything in memory, until it is closed.
type Server struct{ fake *testserver.Server }

// Start starts a server on a free port of this machine.
func Start() *Server { return &Server{fake: testserver.Start(nil)} }

// URL is the address for cvat.NewClient.
func (s *Server) URL() string { return s.fake.URL }

// Close stops the server.
func (s *Server) Close() { s.fake.Close() }
