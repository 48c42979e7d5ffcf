package cvat

import (
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Client talks to one CVAT server as one user. It is immutable, safe for concurrent use, and cheap to derive from:
// see [Client.With].
type Client struct {
	config   config
	server   *server
	retrying *retrier
	common   service

	// Auth logs in and out, makes accounts and changes their passwords.
	Auth *AuthService
	// CloudStorages attaches cloud storages.
	CloudStorages *CloudStoragesService
	// Comments handles comments on issues.
	Comments *CommentsService
	// Invitations invites users to organizations.
	Invitations *InvitationsService
	// Issues handles the remarks of reviewers.
	Issues *IssuesService
	// Jobs reads and changes jobs and their annotations.
	Jobs *JobsService
	// Lambda annotates with serverless functions.
	Lambda *LambdaService
	// Memberships reads, changes and ends memberships of organizations.
	Memberships *MembershipsService
	// Organizations creates, reads, changes and deletes organizations.
	Organizations *OrganizationsService
	// Projects creates, reads, changes and exports projects.
	Projects *ProjectsService
	// Restrictions tells what old servers ask of new users.
	Restrictions *RestrictionsService
	// Schema describes the API of the server.
	Schema *SchemaService
	// Server tells about the server itself.
	Server *ServerService
	// Tasks creates, reads, feeds, annotates and exports tasks.
	Tasks *TasksService
	// Users reads, changes and deletes users.
	Users *UsersService
}

// service is what all services are: a view of their client.
type service struct{ client *Client }

// config is what options write to.
type config struct {
	base        *url.URL
	credentials credentials
	org         *string
	httpClient  http.Client
	bulk        http.RoundTripper // for bulk transfers; nil: the transport of httpClient
	middleware  []func(http.RoundTripper) http.RoundTripper
	logger      *slog.Logger
	userAgent   string
	retry       RetryPolicy
	timeouts    Timeouts
}

// Timeouts bound calls whose context has no earlier deadline. A bound includes the repetitions of the call and the
// waits between them; 0 means no bound.
type Timeouts struct {
	// Metadata bounds calls that move little: default 2 minutes.
	Metadata time.Duration
	// Transfer bounds each call that moves data (a chunk of an upload, a download, a document of annotations), and calls of
	// serverless functions. Default none.
	Transfer time.Duration
}

// userAgent names the library to the server.
const userAgent = "go-cvat"

// NewClient returns a client for the server at baseURL, such as "https://app.cvat.ai" or
// "https://example.com/annotation". The API's own /api is no part of it. Nothing is sent.
//
// Errors are [*ArgumentError].
func NewClient(baseURL string, opts ...Option) (*Client, error) {
	base, err := parseBaseURL(baseURL)
	if err != nil {
		return nil, err
	}
	c := config{
		base:       base,
		httpClient: http.Client{Transport: newTransport()},
		bulk:       newBulkTransport(),
		userAgent:  userAgent,
		timeouts:   Timeouts{Metadata: 2 * time.Minute},
	}
	if c.retry, err = (RetryPolicy{}).withDefaults(); err != nil {
		return nil, err
	}
	return c.build(&server{}, opts)
}

// With returns a client that differs from c by opts. It shares c's connections and what c has learnt about the
// server. Nothing is sent.
func (c *Client) With(opts ...Option) (*Client, error) {
	return c.config.build(c.server, opts)
}

// BaseURL returns the address the client talks to.
func (c *Client) BaseURL() string { return c.config.base.String() }

// build applies options and assembles a client.
func (c config) build(s *server, opts []Option) (*Client, error) {
	c.middleware = slices.Clip(c.middleware)
	var set optionSet
	for _, option := range opts {
		if option == nil {
			return nil, &ArgumentError{Field: "Option", Reason: "is nil"}
		}
		if err := option(&c, &set); err != nil {
			return nil, err
		}
	}
	client := &Client{config: c, server: s, retrying: newRetrying(c.transport(), c.retry)}
	client.common.client = client
	client.Auth = (*AuthService)(&client.common)
	client.CloudStorages = (*CloudStoragesService)(&client.common)
	client.Comments = (*CommentsService)(&client.common)
	client.Invitations = (*InvitationsService)(&client.common)
	client.Issues = (*IssuesService)(&client.common)
	client.Jobs = (*JobsService)(&client.common)
	client.Lambda = (*LambdaService)(&client.common)
	client.Memberships = (*MembershipsService)(&client.common)
	client.Organizations = (*OrganizationsService)(&client.common)
	client.Projects = (*ProjectsService)(&client.common)
	client.Restrictions = (*RestrictionsService)(&client.common)
	client.Schema = (*SchemaService)(&client.common)
	client.Server = (*ServerService)(&client.common)
	client.Tasks = (*TasksService)(&client.common)
	client.Users = (*UsersService)(&client.common)
	return client, nil
}

// transport stacks what every attempt passes through on a copy of the caller's HTTP client.
func (c config) transport() http.Client {
	next := routed(c.httpClient.Transport, c.bulk)
	for _, wrap := range c.middleware {
		next = wrap(next)
	}
	client := c.httpClient
	client.Transport = keepOrigin(c.base, whole(logged(c.logger, next)))
	client.CheckRedirect = followRedirect
	// With a session cookie at hand CVAT prefers the session to Basic and demands a CSRF token.
	client.Jar = nil
	return client
}

const credentialsInURL = "holds credentials: use WithBasicAuth, WithToken or WithAccessToken" //nolint:gosec // a message

// parseBaseURL refuses what cannot be a server's root, with a hint.
func parseBaseURL(raw string) (*url.URL, error) {
	refuse := func(reason string) (*url.URL, error) {
		return nil, &ArgumentError{Field: "base URL", Reason: reason}
	}
	trimmed := strings.TrimRight(strings.TrimSpace(raw), "/")
	switch {
	case trimmed == "":
		return refuse(`is empty: give the server's address, as in "https://app.cvat.ai"`)
	case strings.Contains(trimmed, "@"): // before parsing: a password with a slash would look like host and path
		return refuse(credentialsInURL)
	case !strings.Contains(trimmed, "://"):
		return refuse(quote(trimmed) + " has no scheme: did you mean " + quote("https://"+trimmed) + "?")
	}
	u, err := url.Parse(trimmed)
	if err != nil {
		return refuse("cannot be read: " + withoutURL(err).Error())
	}
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return refuse("has the scheme " + quote(u.Scheme) + ": CVAT speaks http and https")
	case u.Hostname() == "":
		return refuse("names no host")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return refuse(`has a query or a fragment: give the address up to the path, as in "https://app.cvat.ai"`)
	}
	if at := ownPath.FindStringIndex(u.Path); at != nil {
		root := u.Scheme + "://" + u.Host + u.Path[:at[0]]
		return refuse("ends in a path of CVAT itself (" + u.Path[at[0]:] + "): use " + quote(root))
	}
	return u, nil
}

// ownPath is an address of CVAT's own at the end of a path. The same words further up can be a gateway's.
var ownPath = regexp.MustCompile(`/(api|tasks|projects|jobs|auth)(/(api|tasks|projects|jobs|auth|users|server|about|docs|swagger|schema|create|login|register|[0-9]+))*$`)

// Option configures a [Client]. The order of options does not matter.
type Option func(*config, *optionSet) error

// optionSet notices options of one list that contradict each other.
type optionSet struct{ credentials, organization string }

func once(slot *string, name string) error {
	if *slot != "" {
		return &ArgumentError{Field: name, Reason: "and " + *slot + " contradict each other: give one of them"}
	}
	*slot = name
	return nil
}

// WithOrganization runs every call in the organization with that slug: lists show what belongs to it, and what is
// created belongs to it. An empty slug is an error, so that an unset variable does not become the personal workspace:
// see [WithPersonalWorkspace] and [WithoutOrganization].
func WithOrganization(slug string) Option {
	if slug == "" {
		return func(*config, *optionSet) error {
			return &ArgumentError{Field: "WithOrganization", Reason: "got no slug: use WithPersonalWorkspace or WithoutOrganization if that is meant"}
		}
	}
	return withOrganization("WithOrganization", &slug)
}

// WithPersonalWorkspace runs every call outside all organizations: lists show the user's personal objects only.
func WithPersonalWorkspace() Option { return withOrganization("WithPersonalWorkspace", new("")) }

// WithoutOrganization gives no organization context, which is the default: lists show everything the user may see, and
// what is created is personal.
func WithoutOrganization() Option { return withOrganization("WithoutOrganization", nil) }

func withOrganization(name string, slug *string) Option {
	return func(c *config, set *optionSet) error {
		c.org = slug
		return once(&set.organization, name)
	}
}

// WithHTTPClient sends everything through hc: its transport (TLS roots, proxy, HTTP version) and its Timeout, which
// bounds each attempt. hc is copied and never changed; its cookie jar and CheckRedirect are not used.
//
// Uploads and downloads go through it too, and no longer through a transport of their own that keeps to HTTP/1.1. If hc
// speaks HTTP/2, as it does by default with an https server, all transfers together are then held to about 1 MiB a round trip:
// 40 MB/s at 20 ms. Where that matters, leave HTTP/2 out of hc's transport ([http.Transport].Protocols) and let it
// keep as many idle connections to a host as files travel at once.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config, _ *optionSet) error {
		if hc == nil {
			return &ArgumentError{Field: "WithHTTPClient", Reason: "got nil"}
		}
		c.httpClient, c.bulk = *hc, nil
		if c.httpClient.Transport == nil {
			c.httpClient.Transport, c.bulk = newTransport(), newBulkTransport()
		}
		return nil
	}
}

// WithMiddleware wraps the transport, once per attempt, for metrics, traces or special headers; see
// [OperationFromContext]. A later one wraps the earlier ones, and With adds to what is there. What wrap returns must
// be safe for concurrent use.
func WithMiddleware(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return func(c *config, _ *optionSet) error {
		if wrap == nil {
			return &ArgumentError{Field: "WithMiddleware", Reason: "got nil"}
		}
		c.middleware = append(c.middleware, wrap)
		return nil
	}
}

// WithLogger writes one record for each attempt, at debug level: operation, status, duration, attempt, request id.
// Query strings, headers and bodies are never logged.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config, _ *optionSet) error {
		if logger == nil {
			return &ArgumentError{Field: "WithLogger", Reason: "got nil"}
		}
		c.logger = logger
		return nil
	}
}

// WithUserAgent puts product, such as "nightly-report/1.2", before the library's own name.
func WithUserAgent(product string) Option {
	return func(c *config, _ *optionSet) error {
		if product == "" || strings.ContainsAny(product, "\r\n") {
			return &ArgumentError{Field: "WithUserAgent", Reason: "needs one line of text"}
		}
		c.userAgent = product + " " + userAgent
		return nil
	}
}

// WithRetryPolicy says how hard to try.
func WithRetryPolicy(p RetryPolicy) Option {
	return func(c *config, _ *optionSet) error {
		var err error
		c.retry, err = p.withDefaults()
		return err
	}
}

// WithTimeouts replaces the default time-outs.
func WithTimeouts(t Timeouts) Option {
	return func(c *config, _ *optionSet) error {
		if t.Metadata < 0 || t.Transfer < 0 {
			return &ArgumentError{Field: "WithTimeouts", Reason: "has a negative field"}
		}
		c.timeouts = t
		return nil
	}
}
