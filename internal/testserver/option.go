package testserver

import "time"

// Reporter receives what the server finds wrong with a client; *testing.T is one.
type Reporter interface {
	Errorf(format string, args ...any)
}

// User is an account of the server.
type User struct {
	Username, Password         string
	Email, FirstName, LastName string
	Superuser                  bool
	Groups                     []string // nil: what CVAT gives to a superuser or to an ordinary user
}

type config struct {
	dialect        Dialect
	basePath       string
	users          []User
	anonymousLimit int
	processing     time.Duration
	discard        bool
	lenient        bool
}

// Option changes how [Start] or [New] sets a server up.
type Option func(*config)

// WithDialect chooses the release to imitate; without it [V2_73].
func WithDialect(d Dialect) Option { return func(c *config) { c.dialect = d } }

// WithBasePath mounts the server under a path such as "/cvat"; "" mounts it at the root. Without it "/base", so that a
// client that uses absolute paths is found out.
func WithBasePath(path string) Option { return func(c *config) { c.basePath = path } }

// WithUsers replaces the accounts the server starts with, which get the ids 1, 2, 3 … Without it they are the superuser
// admin (password admin-password) and the ordinary user user1 (password user-password).
func WithUsers(users ...User) Option { return func(c *config) { c.users = users } }

// WithAnonymousLimit sets how many anonymous requests a minute are answered before 429; without it 100, as in CVAT.
// Zero is no limit.
func WithAnonymousLimit(perMinute int) Option {
	return func(c *config) { c.anonymousLimit = perMinute }
}

// WithProcessing sets how long background work takes: half of it queued, half of it started. Without it 4 ms.
func WithProcessing(d time.Duration) Option { return func(c *config) { c.processing = d } }

// DiscardUploads keeps the size and the SHA-256 of uploaded files in place of their bytes.
func DiscardUploads() Option { return func(c *config) { c.discard = true } }

// Lenient allows every [Misuse] from the start.
func Lenient() Option { return func(c *config) { c.lenient = true } }

func newConfig(opts []Option) config {
	cfg := config{
		dialect:  V2_73,
		basePath: "/base",
		users: []User{
			{Username: "admin", Password: "admin-password", Email: "admin@localhost.local", Superuser: true},
			{Username: "user1", Password: "user-password", Email: "user1@example.com"},
		},
		anonymousLimit: 100,
		processing:     4 * time.Millisecond,
	}
	for _, opt := range opts {
		opt(&cfg)
	}
	return cfg
}
