// Package connect is how examples find their server: flags, environment variables, and the client that they make.
package connect

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

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
	return Parse(flags, usage, args, getenv, stderr, Server{Settings: s})
}

// Server is one of the servers of a program that talks to several.
type Server struct {
	*Settings

	// Prefix tells its flags and variables from those of the others: with "to" they are -to-url and CVAT_TO_URL.
	Prefix string
}

// Parse does for several servers what [Settings.Parse] does for one.
func Parse(flags *flag.FlagSet, usage string, args []string, getenv func(string) string, stderr io.Writer, servers ...Server) error {
	flags.SetOutput(io.Discard)
	for _, s := range servers {
		flags.StringVar(&s.URL, s.flag("url"), "", "the server's `address`")
		flags.StringVar(&s.AccessToken, s.flag("access-token"), "", "personal access `token`, on servers from 2.48 on")
		flags.StringVar(&s.Token, s.flag("token"), "", "login `key`")
		flags.StringVar(&s.User, s.flag("user"), "", "user `name`, with -"+s.flag("password"))
		flags.StringVar(&s.Password, s.flag("password"), "", "`password` of -"+s.flag("user"))
		flags.StringVar(&s.Organization, s.flag("organization"), "", "short `name` of the organization to work in")
	}
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = io.WriteString(stderr, usage+environment(servers)+"flags:\n")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
	}
	if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; -h shows the flags", flags.Arg(0))
	}
	for _, s := range servers {
		if err := s.complete(getenv); err != nil {
			return err
		}
	}
	return nil
}

// environment is what the usage says of the environment.
func environment(servers []Server) string {
	var text strings.Builder
	text.WriteString(Environment)
	for _, s := range servers {
		if s.Prefix != "" {
			fmt.Fprintf(&text, "Those of -%s and the like are %s and the like.\n\n", s.flag("url"), s.variable("URL"))
		}
	}
	return text.String()
}

// flag is the name of a flag of the server.
func (s Server) flag(name string) string {
	if s.Prefix == "" {
		return name
	}
	return s.Prefix + "-" + name
}

// variable is the name of a variable of the server.
func (s Server) variable(name string) string {
	if s.Prefix == "" {
		return "CVAT_" + name
	}
	return "CVAT_" + strings.ToUpper(s.Prefix) + "_" + name
}

// complete fills in what the environment says, and checks the whole.
func (s Server) complete(getenv func(string) string) error {
	says := func(name string) string { return getenv(s.variable(name)) }
	s.URL = cmp.Or(s.URL, says("URL"))
	if s.URL == "" {
		if s.Credentials != (Credentials{}) || s.Organization != "" {
			return fmt.Errorf("credentials and organization are for a server: give -%s too", s.flag("url"))
		}
		return nil
	}
	s.Organization = cmp.Or(s.Organization, says("ORGANIZATION"))
	if s.Credentials == (Credentials{}) {
		s.Credentials = Credentials{
			AccessToken: says("ACCESS_TOKEN"), Token: says("TOKEN"), User: says("USERNAME"), Password: says("PASSWORD"),
		}
	}
	switch {
	case s.Credentials == (Credentials{}):
		return fmt.Errorf("-%s needs credentials: -%s, -%s, or -%s and -%s",
			s.flag("url"), s.flag("access-token"), s.flag("token"), s.flag("user"), s.flag("password"))
	case (s.User == "") != (s.Password == ""):
		return fmt.Errorf("-%s and -%s go together", s.flag("user"), s.flag("password"))
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
