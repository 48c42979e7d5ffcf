package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-cvat/cvat"
	"github.com/go-cvat/cvat/cvattest"
	"github.com/go-cvat/cvat/examples/internal/program"
	"github.com/go-cvat/cvat/examples/internal/programtest"
	"github.com/go-cvat/cvat/models"
)

var cloudingest programtest.Program = run

// with runs the program in an environment.
func with(environment map[string]string) programtest.Program {
	return func(ctx context.Context, w program.World) int {
		w.Getenv = func(name string) string { return environment[name] }
		return run(ctx, w)
	}
}

const secret = "wJalrXUtnFEMI-never-shown"

var aws = map[string]string{"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7", "AWS_SECRET_ACCESS_KEY": secret}

// site is a server with an organization and a bucket: three folders of three pictures, with a manifest.
type site struct {
	*cvattest.Server

	files  map[string][]byte
	admin  *cvat.Client // of the organization, whose calls no fault strikes
	server []string     // flags for the server
	flags  []string     // for the storage too
}

func onBoth(t *testing.T, test func(*testing.T, site)) {
	t.Helper()
	programtest.OnBoth(t, func(t *testing.T, server *cvattest.Server) {
		t.Helper()
		server.AddOrganization("team", cvattest.Username, nil)
		files, err := paint("pictures/a", "pictures/b", "pictures/c")
		if err != nil {
			t.Fatal(err)
		}
		server.AddBucket("streets", files)
		s := site{Server: server, files: files, admin: server.Backstage(cvattest.Username, cvat.WithOrganization("team"))}
		s.server = programtest.Flags(server, "-organization", "team", "-prefix", "pictures", "-project", "street")
		s.flags = s.with("-storage", s.attach(t, s.admin, "1"))
		test(t, s)
	})
}

// with adds flags to those for the server.
func (s site) with(flags ...string) []string { return slices.Concat(s.server, flags) }

// attach attaches the bucket, with a key that no other storage has, and returns the id of the storage.
func (s site) attach(t *testing.T, client *cvat.Client, key string) string {
	t.Helper()
	storage, _, err := client.CloudStorages.Create(t.Context(), models.CloudStorageCreate{
		ProviderType: models.ProviderTypeAWSS3Bucket, Resource: "streets", DisplayName: "streets",
		Credentials: models.Credentials{Type: models.CredentialsTypeKeySecretKeyPair, Key: key, SecretKey: secret},
		Manifests:   []string{"pictures/manifest.jsonl"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatInt(storage.ID, 10)
}

// expectTasks compares the tasks of a workspace: names and frames.
func expectTasks(t *testing.T, client *cvat.Client, want ...string) {
	t.Helper()
	got := []string{}
	for task, err := range client.Tasks.All(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %d", task.Name, task.Size))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the tasks are %q, not %q", got, want)
	}
}

// fails runs the program and returns its error.
func (s site) fails(t *testing.T, flags ...string) error {
	t.Helper()
	settings, err := parse(program.World{Args: flags, Getenv: func(name string) string { return aws[name] }, Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	i := &ingest{settings: settings, stdout: io.Discard}
	if err = i.run(t.Context()); err == nil {
		t.Fatal("it does not fail")
	}
	return err
}

var whole = []string{"pictures/a 3", "pictures/b 3", "pictures/c 3"}

func TestATaskOfEachFolder(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		cloudingest.Run(t.Context(), s.flags...).Expect(t, 0, "pictures/a: task 1, 3 frames\n", "3 tasks made, 0 there already, 0 failed")
		expectTasks(t, s.admin, whole...)
		body := string(s.Requests(cvat.OpTasksCreateData)[0].Body)
		for _, part := range []string{
			`"server_files":["pictures/manifest.jsonl","pictures/a/0.png","pictures/a/1.png","pictures/a/2.png"]`,
			`"cloud_storage_id":1`, `"use_cache":true`,
		} {
			if !strings.Contains(body, part) {
				t.Errorf("%s lacks %s", body, part)
			}
		}
		if strings.Contains(body, `"sorting_method":"predefined"`) != (s.Version() != cvattest.V23) {
			t.Errorf("%s has the wrong order for CVAT %s", body, s.Version())
		}
		s.Forget()
		cloudingest.Run(t.Context(), s.flags...).Expect(t, 0, "pictures/a: task 1 is there already\n", "0 tasks made, 3 there already, 0 failed")
		expectTasks(t, s.admin, whole...)
		for _, request := range s.Requests() {
			if request.Method != http.MethodGet {
				t.Errorf("the second run has sent %s %s", request.Method, request.Path)
			}
		}
	})
}

func TestWithoutAProject(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.AddTask(cvattest.Task{Name: "pictures/a", Organization: "team", Frames: 1})
		project, _, err := s.admin.Projects.Create(t.Context(), models.ProjectCreate{Name: "other"})
		if err != nil {
			t.Fatal(err)
		}
		s.AddTask(cvattest.Task{Name: "pictures/b", Organization: "team", ProjectID: project.ID, Frames: 1})
		personal := s.Backstage(cvattest.Username, cvat.WithPersonalWorkspace())
		storage := s.attach(t, personal, "2")
		flags := programtest.Flags(s.Server, "-storage", storage, "-prefix", "/pictures/", "-labels", "car,person")
		for _, text := range []string{"pictures/a: task 3, 3 frames\n", "3 there already, 0 failed"} {
			cloudingest.Run(t.Context(), flags...).Expect(t, 0, text)
			expectTasks(t, personal, whole...)
		}
		if labels, err := personal.Tasks.Labels(t.Context(), 3); err != nil || len(labels) != 2 {
			t.Errorf("the labels are %v (%v)", labels, err)
		}
		flags = slices.DeleteFunc(s.flags, func(flag string) bool { return flag == "-project" || flag == "street" })
		cloudingest.Run(t.Context(), flags...).Expect(t, program.ExitFailed,
			"pictures/a: failed: task 1 is there already, with 1 frame for 3 pictures\n", "pictures/b: task 6, 3 frames\n")
	})
}

func TestAttachesTheBucket(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		files := maps.Clone(s.files)
		files["readme.txt"] = []byte("no picture")
		files["0.png"] = files["pictures/a/0.png"]
		s.AddBucket("lanes", files)
		flags := s.with("-bucket", "lanes", "-region", "eu-central-1", "-prefix", "")
		if s.Version() == cvattest.V23 {
			with(aws).Run(t.Context(), flags...).Expect(t, program.ExitFailed, "storage 2 was attached without a manifest, which this server cannot do without", "no task was made")
			if err := s.fails(t, s.with("-storage", "2", "-manifest", "pictures/manifest.jsonl")...); !errors.Is(err, cvat.ErrUnsupported) {
				t.Errorf("%v is no %v", err, cvat.ErrUnsupported)
			}
			return
		}
		s.Fail(cvat.OpCloudstoragesCreate, cvattest.Fault{Kind: cvattest.CutAfter, Times: 1})
		with(aws).Run(t.Context(), flags...).Expect(t, program.ExitFailed, "may or may not have carried it out", "no task was made")
		result := with(aws).Run(t.Context(), flags...)
		result.Expect(t, 0, "bucket lanes is attached already: storage 2\n", "lanes/: task 4, 1 frame\n", "4 tasks made")
		if n := s.Count(cvat.OpCloudstoragesCreate); n != 1 {
			t.Errorf("the bucket was attached %d times", n)
		}
		s.attach(t, s.admin, "2")
		with(aws).Run(t.Context(), s.with("-bucket", "streets")...).Expect(t, program.ExitFailed, `bucket "streets" is attached 2 times: choose one with -storage; the first is 1`)
		with(aws).Run(t.Context(), s.with("-bucket", "streets", "-endpoint", "https://s3.example.com")...).Expect(t, 0, "attached now: storage 4\n", "3 there already")
	})
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.AddBucket("lanes", s.files)
		good := s.with("-bucket", "lanes", "-manifest", "pictures/manifest.jsonl")
		for _, flags := range [][]string{good, append(good, "-bucket", "nowhere"), append(good, "-provider", "azure"), append(good, "-h")} {
			if o := with(aws).Run(t.Context(), flags...); strings.Contains(o.Stdout+o.Stderr, secret) || strings.Contains(o.Stdout+o.Stderr, aws["AWS_ACCESS_KEY_ID"]) {
				t.Errorf("%q shows a key:\n%s%s", flags, o.Stdout, o.Stderr)
			}
		}
		created := s.Requests(cvat.OpCloudstoragesCreate)
		if len(created) != 2 || !strings.Contains(string(created[0].Body), secret) {
			t.Errorf("the server did not get the key: %d requests", len(created))
		}
	})
}

func TestAManifestThatIsNotThere(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.AddBucket("lanes", s.files)
		for text, test := range map[string]struct {
			flags []string
			is    error
		}{
			`there is no manifest "other.jsonl" in storage 1`:      {append(s.flags, "-manifest", "other.jsonl"), cvat.ErrNotFound},
			`there is no manifest "other.jsonl" in bucket "lanes"`: {s.with("-bucket", "lanes", "-manifest", "other.jsonl"), cvat.ErrInvalid},
		} {
			if err := s.fails(t, test.flags...); !errors.Is(err, test.is) {
				t.Errorf("%v is no %v", err, test.is)
			}
			result := with(aws).Run(t.Context(), test.flags...)
			result.Expect(t, program.ExitFailed, text, "no task was made")
			if strings.Contains(result.Stderr, "Traceback") {
				t.Error(result.Stderr)
			}
		}
		if s.Count(cvat.OpProjectsCreate) != 0 {
			t.Error("a project was made")
		}
	})
}

func TestAStorageOfAnotherOrganization(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.AddUser(cvattest.User{Username: "eve"})
		s.AddOrganization("strangers", "eve", nil)
		s.AddOrganization("friends", "eve", map[string]models.Role{cvattest.Username: models.RoleMaintainer})
		strangers := s.attach(t, s.Backstage("eve", cvat.WithOrganization("strangers")), "2")
		friends := s.attach(t, s.Backstage("eve", cvat.WithOrganization("friends")), "3")
		hidden := cvat.ErrForbidden
		if s.Version() == cvattest.V23 {
			hidden = cvat.ErrNotFound
		}
		if err := s.fails(t, s.with("-storage", strangers)...); !errors.Is(err, hidden) {
			t.Errorf("%v is no %v", err, hidden)
		}
		cloudingest.Run(t.Context(), s.with("-storage", strangers)...).Expect(t, program.ExitFailed, `there is no storage 2 that you can use in organization "team"`, "no task was made")
		texts := map[cvattest.Version]string{
			cvattest.V23: "there is no storage 3 that you can use in ", cvattest.V273: "storage 3 does not belong to ",
		}
		cloudingest.Run(t.Context(), s.with("-storage", friends)...).Expect(t, program.ExitFailed, texts[s.Version()]+`organization "team"`, "no task was made")
		cloudingest.Run(t.Context(), programtest.Flags(s.Server, "-storage", friends)...).Expect(t, program.ExitFailed, texts[s.Version()]+"the personal workspace")
		cloudingest.Run(t.Context(), programtest.Flags(s.Server, "-storage", friends, "-organization", "friends")...).Expect(t, 0, "3 tasks made")
		expectTasks(t, s.admin)
	})
}

func TestAStorageThatIsNotAvailable(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.RemoveBucket("streets")
		cloudingest.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, `storage 1, bucket "streets", is not available to CVAT but NOT_FOUND`, "no task was made")
		with(aws).Run(t.Context(), s.with("-bucket", "nowhere")...).Expect(t, program.ExitFailed, "resource: ", "no task was made")
		s.AddBucket("streets", s.files)
		cloudingest.Run(t.Context(), s.flags...).Expect(t, 0, "3 tasks made")
	})
}

func TestNoPictures(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		cloudingest.Run(t.Context(), append(s.flags, "-prefix", "pict")...).Expect(t, program.ExitFailed, `there are no pictures below "pict/" in storage 1`, "no task was made")
		if s.Count(cvat.OpProjectsCreate) != 0 {
			t.Error("a project was made")
		}
		cloudingest.Run(t.Context(), append(s.flags, "-prefix", "pictures/b")...).Expect(t, 0, "pictures/b: task 1, 3 frames", "1 task made")
	})
}

// Servers show such pictures beside a frame, and make no task of them alone.
func TestContextPicturesAreNoFolder(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		files, err := paint("pictures/a", "pictures/a/related_images/0_png")
		if err != nil {
			t.Fatal(err)
		}
		s.AddBucket("streets", files)
		cloudingest.Run(t.Context(), s.flags...).Expect(t, 0, "pictures/a: task 1, 3 frames\n", "1 task made, 0 there already, 0 failed")
	})
}

func TestSeveralManifests(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.files["second.jsonl"] = []byte(`{"name":"pictures/c/1","extension":".png"}` + "\n")
		if _, err := s.admin.CloudStorages.UpdateKeepingManifests(t.Context(), 1, models.CloudStoragePatch{Manifests: []string{"pictures/manifest.jsonl", "second.jsonl"}}); err != nil {
			t.Fatal(err)
		}
		cloudingest.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "storage 1 has 2 manifests: choose one with -manifest")
		cloudingest.Run(t.Context(), append(s.flags, "-manifest", "second.jsonl")...).Expect(t, 0, "pictures/c: task 1, 1 frame\n", "1 task made")
	})
}

func TestAFolderThatFails(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		trace := "Traceback (most recent call last):\n" + strings.Repeat(`  File "/home/django/task.py"`+"\n", 20) + "OSError: cannot identify image file\n"
		s.Plan(cvat.OpTasksCreateData, cvattest.Work{Times: 1, Failure: trace})
		result := cloudingest.Run(t.Context(), s.flags...)
		result.Expect(t, program.ExitFailed, "pictures/a: failed: ", "OSError: cannot identify image file; task 1 was removed\n",
			"2 tasks made, 0 there already, 1 failed", "cloudingest: 1 of 3 folders failed", "2 of 3 folders are done: run it again for the rest")
		if strings.Contains(result.Stdout, "Traceback") {
			t.Error("a traceback is shown")
		}
		expectTasks(t, s.admin, "pictures/b 3", "pictures/c 3")
		cloudingest.Run(t.Context(), s.flags...).Expect(t, 0, "1 task made, 2 there already, 0 failed")
	})
}

func TestATaskThatCannotBeRemoved(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.Plan(cvat.OpTasksCreateData, cvattest.Work{Times: 1, Failure: "OSError: cannot identify image file"})
		s.Fail(cvat.OpTasksDestroy, cvattest.Fault{Status: http.StatusInternalServerError})
		cloudingest.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "task 1 has no frames: delete it before trying again\n")
		cloudingest.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "pictures/a: failed: task 1 has no frames: remove it", "2 there already, 1 failed")
		expectTasks(t, s.admin, "pictures/a 0", "pictures/b 3", "pictures/c 3")
	})
}

func TestFewerFramesThanPictures(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		manifest := s.files["pictures/manifest.jsonl"]
		s.files["pictures/manifest.jsonl"] = fmt.Appendf(nil, "%s%s\n", manifest, `{"name":"a/notes","extension":".txt"}`)
		s.files["pictures/a/notes.txt"] = []byte("no picture")
		cloudingest.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "pictures/a: failed: task 1 got 3 frames for 4 pictures (now deleted)\n", "2 tasks made, 0 there already, 1 failed")
		expectTasks(t, s.admin, "pictures/b 3", "pictures/c 3")
		s.files["pictures/manifest.jsonl"] = manifest
		cloudingest.Run(t.Context(), s.flags...).Expect(t, 0, "1 task made, 2 there already")
	})
}

func TestFramesThatCannotBeCounted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		s.Fail(cvat.OpTasksRetrieveDataMeta, cvattest.Fault{Status: http.StatusInternalServerError, Times: 1})
		cloudingest.Run(t.Context(), s.flags...).Expect(t, program.ExitFailed, "pictures/a: failed: task 1 is made, but its frames cannot be counted", "2 tasks made, 0 there already, 1 failed")
		cloudingest.Run(t.Context(), s.flags...).Expect(t, 0, "0 tasks made, 3 there already, 0 failed")
	})
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		result := cloudingest.Interrupt(t.Context(), "pictures/a: task", s.flags...)
		result.Expect(t, program.ExitInterrupted, "cloudingest: interrupted\n1 of 3 folders are done: run it again for the rest\n")
		if strings.Contains(result.Stdout, "pictures/b") {
			t.Errorf("it goes on after Ctrl-C:\n%s", result.Stdout)
		}
		expectTasks(t, s.admin, whole[0])
		cloudingest.Run(t.Context(), s.flags...).Expect(t, 0, "pictures/a: task 1 is there already", "2 tasks made, 1 there already")
		expectTasks(t, s.admin, whole...)
	})
}

func TestInterruptedHalfWay(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s site) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var tasks atomic.Int32
		s.Fail(cvat.OpTasksCreateData, cvattest.Fault{Kind: cvattest.Slow, Delay: time.Minute, Match: func(*http.Request) bool {
			if tasks.Add(1) < 2 {
				return false
			}
			cancel()
			return true
		}})
		cloudingest.Run(ctx, s.flags...).Expect(t, program.ExitInterrupted, "pictures/b: failed: ", "task 2 was removed\n", "1 of 3 folders are done: run it again for the rest")
		expectTasks(t, s.admin, whole[0])
		s.Heal()
		cloudingest.Run(t.Context(), s.flags...).Expect(t, 0, "pictures/a: task 1 is there already", "2 tasks made, 1 there already")
		expectTasks(t, s.admin, whole...)
	})
}

func TestManyPagesOfAConfinedStorage(t *testing.T) {
	t.Parallel()
	server := cvattest.NewServer(t)
	one, err := paint("x")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for n := range 501 {
		files[fmt.Sprintf("data/pictures/many/%03d.png", n)] = one["x/0.png"]
	}
	files["data/pictures/few/0.png"] = one["x/0.png"]
	server.AddBucket("lanes", files)
	client := server.Backstage(cvattest.Username)
	storage, _, err := client.CloudStorages.Create(t.Context(), models.CloudStorageCreate{
		ProviderType: models.ProviderTypeAWSS3Bucket, Resource: "lanes", DisplayName: "lanes",
		Credentials:        models.Credentials{Type: models.CredentialsTypeAnonymousAccess},
		SpecificAttributes: models.SpecificAttributes{Prefix: "data/pictures/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	flags := programtest.Flags(server, "-storage", strconv.FormatInt(storage.ID, 10), "-prefix", "data")
	cloudingest.Run(t.Context(), flags...).Expect(t, 0, "data/pictures/few: task 1, 1 frame\n", "data/pictures/many: task 2, 501 frames\n")
	requests := server.Requests(cvat.OpCloudstoragesRetrieveContentV2)
	if len(requests) != 4 || requests[0].Query.Get("prefix") != "data/pictures/" {
		t.Errorf("%d requests have listed the bucket, the first of them %q", len(requests), requests[0].Query.Get("prefix"))
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		provider    string
		anonymous   bool
		environment map[string]string
		want        models.CredentialsType
	}{
		{"s3", false, aws, models.CredentialsTypeKeySecretKeyPair},
		{"s3", true, aws, models.CredentialsTypeAnonymousAccess},
		{"s3", false, map[string]string{"AWS_ACCESS_KEY_ID": "key"}, ""},
		{"azure", false, map[string]string{"AZURE_STORAGE_CONNECTION_STRING": "x"}, models.CredentialsTypeConnectionString},
		{"azure", false, map[string]string{"AZURE_STORAGE_ACCOUNT": "x", "AZURE_STORAGE_SAS_TOKEN": "y"}, models.CredentialsTypeAccountNameTokenPair},
		{"azure", true, map[string]string{"AZURE_STORAGE_ACCOUNT": "x"}, models.CredentialsTypeAnonymousAccess},
		{"azure", true, nil, ""},
		{"google", false, map[string]string{"GOOGLE_APPLICATION_CREDENTIALS": file}, models.CredentialsTypeKeyFilePath},
		{"google", false, map[string]string{"GOOGLE_APPLICATION_CREDENTIALS": file + ".missing"}, ""},
		{"tape", false, aws, ""},
	} {
		s := settings{provider: test.provider, anonymous: test.anonymous, keys: keysIn(func(name string) string { return test.environment[name] })}
		got, err := s.credentials()
		if (err == nil) != (test.want != "") || err == nil && got.Type != test.want {
			t.Errorf("%s, %v: %q (%v), not %q", test.provider, slices.Sorted(maps.Keys(test.environment)), got.Type, err, test.want)
		}
	}
}

func TestMisused(t *testing.T) {
	t.Parallel()
	server := func(flags ...string) []string {
		return append([]string{"-url", "http://127.0.0.1", "-token", "key"}, flags...)
	}
	for text, args := range map[string][]string{
		"-storage or -bucket is missing":          server(),
		"-storage and -bucket exclude each other": server("-storage", "1", "-bucket", "streets"),
		"-storage is negative":                    server("-storage", "-1"),
		"-region, -endpoint and -anonymous are":   server("-storage", "1", "-anonymous"),
		"-manifest has to end in .jsonl":          server("-storage", "1", "-manifest", "manifest.json"),
		`-provider is "tape"`:                     server("-bucket", "streets", "-provider", "tape"),
		"lacks the keys for -provider s3":         server("-bucket", "streets"),
		"-url needs credentials":                  {"-url", "http://127.0.0.1", "-storage", "1"},
		"-storage and -bucket are for a server":   {"-storage", "1"},
		"give -url too":                           {"-token", "key"},
		`unexpected argument "pi"`:                {"pi"},
		"flag provided but not defined: -secret":  {"-secret", "x"},
	} {
		cloudingest.Run(t.Context(), args...).Expect(t, program.ExitMisused, text)
	}
	cloudingest.Run(t.Context(), "-h").Expect(t, 0, "usage: cloudingest [flags]", "CVAT_ACCESS_TOKEN", "AWS_SECRET_ACCESS_KEY", "-prefix")
}

func TestDemo(t *testing.T) {
	t.Parallel()
	cloudingest.Run(t.Context()).Expect(t, 0, "using a fake CVAT", "bucket streets is attached now: storage 1",
		"pictures/side-street/north: task 3, 3 frames", "3 tasks made, 0 there already, 0 failed")
}
