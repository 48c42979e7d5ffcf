// Package connect is how examples find their server: flags, environment variables, and the client that they make.
package connect

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/go-cvat/cvat"
)

// Settings are the server and who we are there. Without a URL the example starts a fake server.
type Settings struct {
	URL, Organization string
	Credentials
}

// Credentials are one of three kinds: an access token, a login key, or a name and a password.
type Credentials struct{ AccessToken, Token, User, Password string }

// Environment is what usage texts say of the environment.
const Environment = `The environment variables CVAT_URL, CVAT_ACCESS_TOKEN, CVAT_TOKEN, CVAT_USERNAME, CVAT_PASSWORD and
CVAT_ORGANIZATION stand in for flags; prefer them for secrets, which other users can see on a command line.
Flags for credentials make the variables for credentials count for nothing.

`

// Parse adds the flags of the settings to those of the program and reads them, and the environment for those that are
// not given. With -h it writes the usage and all flags to stderr.
func (s *Settings) Parse(flags *flag.FlagSet, usage string, args []string, getenv func(string) string, stderr io.Writer) error {
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.URL, "url", "", "the server's `address`")
	flags.StringVar(&s.AccessToken, "access-token", "", "personal access `token`, on servers from 2.48 on")
	flags.StringVar(&s.Token, "token", "", "login `key`")
	flags.StringVar(&s.User, "user", "", "user `name`, with -password")
	flags.StringVar(&s.Password, "password", "", "`password` of -user")
	flags.StringVar(&s.Organization, "organization", "", "short `name` of the organization to work in")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = io.WriteString(stderr, usage+Environment+"flags:\n")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
	}
	if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; -h shows the flags", flags.Arg(0))
	}
	return s.complete(getenv)
}

// complete fills in what the environment says, and checks the whole.
func (s *Settings) complete(getenv func(string) string) error {
	s.URL = cmp.Or(s.URL, getenv("CVAT_URL"))
	if s.URL == "" {
		if s.Credentials != (Credentials{}) || s.Organization != "" {
			return errors.New("credentials and organization are for a server: give -url too")
		}
		return nil
	}
	s.Organization = cmp.Or(s.Organization, getenv("CVAT_ORGANIZATION"))
	if s.Credentials == (Credentials{}) {
		s.Credentials = Credentials{
			AccessToken: getenv("CVAT_ACCESS_TOKEN"), Token: getenv("CVAT_TOKEN"),
			User: getenv("CVAT_USERNAME"), Password: getenv("CVAT_PASSWORD"),
		}
	}
	switch {
	case s.Credentials == (Credentials{}):
		return errors.New("-url needs credentials: -access-token, -token, or -user and -password")
	case (s.User == "") != (s.Password == ""):
		return errors.New("user name and password go together")
	}
	return nil
}

// Client makes the client. With a user name it logs in, which tells a wrong password at once.
func (s *Settings) Client(ctx context.Context) (*cvat.Client, error) {
	var options []cvat.Option
	if s.Organization != "" {
		options = append(options, cvat.WithOrganization(s.Organization))
	}
	if s.AccessToken != "" {
		options = append(options, cvat.WithAccessToken(s.AccessToken))
	}
	if s.Token != "" {
		options = append(options, cvat.WithToken(s.Token))
	}
	if s.User == "" {
		return cvat.NewClient(s.URL, options...)
	}
	// An option for the password too, so that two kinds of credentials are refused.
	client, err := cvat.NewClient(s.URL, append(options, cvat.WithBasicAuth(s.User, s.Password))...)
	if err != nil {
		return nil, err
	}
	return client.Login(ctx, s.User, s.Password)
}
