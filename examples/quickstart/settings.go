package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/go-cvat/cvat"
)

// settings are what flags and environment say.
type settings struct {
	url, organization string
	credentials
	images, out string
	clean       bool
}

type credentials struct{ accessToken, token, user, password string }

const usage = `usage: quickstart [flags]

Uploads a folder of pictures to CVAT, annotates them, draws what was written, and exports it.
Without -url it uses a fake CVAT in its own process.

The environment variables CVAT_URL, CVAT_ACCESS_TOKEN, CVAT_TOKEN, CVAT_USERNAME, CVAT_PASSWORD and
CVAT_ORGANIZATION stand in for flags; prefer them for secrets, which other users can see on a command line.
Flags for credentials make the variables for credentials count for nothing.

`

// parse reads the flags, and the environment for those that are not given.
func parse(args []string, getenv func(string) string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.url, "url", "", "the server's `address`")
	flags.StringVar(&s.accessToken, "access-token", "", "personal access `token`, on servers from 2.48 on")
	flags.StringVar(&s.token, "token", "", "login `key`")
	flags.StringVar(&s.user, "user", "", "user `name`, with -password")
	flags.StringVar(&s.password, "password", "", "`password` of -user")
	flags.StringVar(&s.organization, "organization", "", "short `name` of the organization to work in")
	flags.StringVar(&s.images, "images", "", "`folder` with pictures (default: pictures of a street that come with the program)")
	flags.StringVar(&s.out, "out", ".", "`folder` to save results in")
	flags.BoolVar(&s.clean, "clean", false, "remove the project at the end")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		say(stderr, usage+"flags:")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
	}
	if err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q; -h shows the flags", flags.Arg(0))
	}
	if s.url == "" && getenv("CVAT_URL") == "" {
		return s, s.withoutServer()
	}
	s = s.completed(getenv)
	if s.credentials == (credentials{}) {
		return s, errors.New("-url needs credentials: -access-token, -token, or -user and -password")
	}
	if (s.user == "") != (s.password == "") {
		return s, errors.New("user name and password go together")
	}
	return s, nil
}

// withoutServer refuses flags that the fake server has no use for.
func (s settings) withoutServer() error {
	if s.credentials != (credentials{}) || s.organization != "" {
		return errors.New("credentials and organization are for a server: give -url too")
	}
	return nil
}

// completed fills in what the environment says.
func (s settings) completed(getenv func(string) string) settings {
	s.url = cmp.Or(s.url, getenv("CVAT_URL"))
	s.organization = cmp.Or(s.organization, getenv("CVAT_ORGANIZATION"))
	if s.credentials == (credentials{}) {
		s.credentials = credentials{
			accessToken: getenv("CVAT_ACCESS_TOKEN"), token: getenv("CVAT_TOKEN"),
			user: getenv("CVAT_USERNAME"), password: getenv("CVAT_PASSWORD"),
		}
	}
	return s
}

// client makes the client. With a user name it logs in, which tells a wrong password at once.
func (s settings) client(ctx context.Context) (*cvat.Client, error) {
	var options []cvat.Option
	if s.organization != "" {
		options = append(options, cvat.WithOrganization(s.organization))
	}
	if s.accessToken != "" {
		options = append(options, cvat.WithAccessToken(s.accessToken))
	}
	if s.token != "" {
		options = append(options, cvat.WithToken(s.token))
	}
	if s.user == "" {
		return cvat.NewClient(s.url, options...)
	}
	// An option for the password too, so that two kinds of credentials are refused.
	client, err := cvat.NewClient(s.url, append(options, cvat.WithBasicAuth(s.user, s.password))...)
	if err != nil {
		return nil, err
	}
	return client.Login(ctx, s.user, s.password)
}
