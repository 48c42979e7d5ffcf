package connect_test

import (
	"bytes"
	"errors"
	"flag"
	"net/http"
	"strings"
	"testing"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/connect"
	"github.com/go-cvat/cvat/examples/internal/programtest"
)

// parsed is what flags and variables make of the settings of a server, and of another one.
func parsed(env map[string]string, args ...string) (source, target connect.Settings, usage string, err error) {
	var stderr bytes.Buffer
	flags := flag.NewFlagSet("program", flag.ContinueOnError)
	err = connect.Parse(flags, "usage: program\n\n", args, func(name string) string { return env[name] }, &stderr,
		connect.Server{Settings: &source}, connect.Server{Settings: &target, Prefix: "to"})
	return source, target, stderr.String(), err
}

// everything is all variables of both servers.
func everything() map[string]string {
	return map[string]string{
		"CVAT_URL": "http://source", "CVAT_USERNAME": "ann", "CVAT_PASSWORD": "p4ssw0rd", "CVAT_ORGANIZATION": "team",
		"CVAT_TO_URL": "http://target", "CVAT_TO_TOKEN": "key", "CVAT_TO_ACCESS_TOKEN": "access", "CVAT_TO_ORGANIZATION": "others",
	}
}

func TestTheEnvironmentStandsIn(t *testing.T) {
	t.Parallel()
	source, target, _, err := parsed(everything())
	if err != nil {
		t.Fatal(err)
	}
	want := connect.Settings{URL: "http://source", Organization: "team", Credentials: connect.Credentials{User: "ann", Password: "p4ssw0rd"}}
	if source != want {
		t.Errorf("the source is %+v, not %+v", source, want)
	}
	want = connect.Settings{URL: "http://target", Organization: "others", Credentials: connect.Credentials{AccessToken: "access", Token: "key"}}
	if target != want {
		t.Errorf("the target is %+v, not %+v", target, want)
	}
}

func TestFlagsBeatTheEnvironment(t *testing.T) {
	t.Parallel()
	source, target, _, err := parsed(everything(), "-url", "http://flag", "-token", "flag", "-organization", "flag", "-to-user", "bob", "-to-password", "flag")
	if err != nil {
		t.Fatal(err)
	}
	want := connect.Settings{URL: "http://flag", Organization: "flag", Credentials: connect.Credentials{Token: "flag"}}
	if source != want {
		t.Errorf("the source is %+v, not %+v: any flag for credentials beats all variables for them", source, want)
	}
	want = connect.Settings{URL: "http://target", Organization: "others", Credentials: connect.Credentials{User: "bob", Password: "flag"}}
	if target != want {
		t.Errorf("the target is %+v, not %+v", target, want)
	}
}

func TestWithoutAServerTheEnvironmentCountsForNothing(t *testing.T) {
	t.Parallel()
	source, target, _, err := parsed(map[string]string{"CVAT_TOKEN": "key", "CVAT_TO_ORGANIZATION": "team"})
	if err != nil || source != (connect.Settings{}) || target != (connect.Settings{}) {
		t.Errorf("got %+v, %+v, %v", source, target, err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"credentials and organization are for a server: give -url too":    {"-token", "key"},
		"credentials and organization are for a server: give -to-url too": {"-to-organization", "team"},
		"-url needs credentials: -access-token, -token, or -user and -password": {
			"-url", "http://source",
		},
		"-to-url needs credentials: -to-access-token, -to-token, or -to-user and -to-password": {
			"-url", "http://source", "-token", "key", "-to-url", "http://target",
		},
		"-user and -password go together":              {"-url", "http://source", "-user", "ann"},
		"-to-user and -to-password go together":        {"-to-url", "http://target", "-to-password", "secret"},
		`unexpected argument "pi"; -h shows the flags`: {"pi"},
		"flag provided but not defined: -from-url":     {"-from-url", "http://source"},
	} {
		if _, _, usage, err := parsed(nil, args...); err == nil || err.Error() != want || usage != "" {
			t.Errorf("%q: got %v and %q, not %q", args, err, usage, want)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	_, _, usage, err := parsed(everything(), "-h")
	if !errors.Is(err, flag.ErrHelp) {
		t.Errorf("the error is %v", err)
	}
	for _, text := range []string{
		"usage: program\n\n" + connect.Environment + "Those of -to-url and the like are CVAT_TO_URL and the like.\n\nflags:\n",
		"  -to-url address\n", "  -url address\n", "password of -to-user\n",
	} {
		if !strings.Contains(usage, text) {
			t.Errorf("the usage lacks %q:\n%s", text, usage)
		}
	}
	if strings.Contains(usage, "p4ssw0rd") {
		t.Errorf("the usage tells a secret:\n%s", usage)
	}
}

// TestOneServer is what most programs have: flags and variables without a prefix, and nothing of others in the usage.
func TestOneServer(t *testing.T) {
	t.Parallel()
	var s connect.Settings
	var stderr bytes.Buffer
	parse := func(args ...string) error {
		return s.Parse(flag.NewFlagSet("program", flag.ContinueOnError), "usage: program\n\n", args, func(string) string { return "" }, &stderr)
	}
	if err := parse("-url", "http://source", "-access-token", "access"); err != nil || s.AccessToken != "access" {
		t.Errorf("got %+v, %v", s, err)
	}
	if err := parse("-h"); !errors.Is(err, flag.ErrHelp) || !strings.HasPrefix(stderr.String(), "usage: program\n\n"+connect.Environment+"flags:\n") {
		t.Errorf("got %v and\n%s", err, &stderr)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		server.AddOrganization("team", cvattest.Username, nil)
		for name, credentials := range map[string]connect.Credentials{
			"key": {Token: server.Token(cvattest.Username)}, "login": {User: cvattest.Username, Password: cvattest.Password},
		} {
			s := connect.Settings{URL: server.URL, Organization: "team", Credentials: credentials}
			client, err := s.Client(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			server.Forget()
			if _, _, err := client.Users.Self(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, request := range server.Requests() {
				if request.User != cvattest.Username || request.Organization != "team" || request.Status != http.StatusOK {
					t.Errorf("%s: %s came to %q as %q: %d", name, request.Path, request.Organization, request.User, request.Status)
				}
			}
		}
		wrong := connect.Settings{URL: server.URL, Credentials: connect.Credentials{User: cvattest.Username, Password: "wrong"}}
		if _, err := wrong.Client(t.Context()); !errors.Is(err, cvat.ErrUnauthorized) {
			t.Errorf("a wrong password is %v", err)
		}
		both := connect.Settings{URL: server.URL, Credentials: connect.Credentials{Token: "key", User: "ann", Password: "p4ssw0rd"}}
		if _, err := both.Client(t.Context()); err == nil {
			t.Error("two kinds of credentials are taken")
		}
	})
}
