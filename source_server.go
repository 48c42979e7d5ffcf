package cvat

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-cvat/cvat/models"
)

// serverFiles are data that the server fetches itself.
type serverFiles struct {
	share   []string
	remote  []string
	storage int64
	cloud   []string // the manifest first, if there is one
}

// Share names files and folders of the server's own share, as [ServerService.Share] lists them, relative to it; a folder ends in a
// slash. The server reads them where they are unless [UploadOptions].CopyData is set.
func Share(paths ...string) Source {
	if err := checkPaths("Share", paths); err != nil {
		return Source{err: err}
	}
	return Source{server: &serverFiles{share: slices.Clone(paths)}}
}

// Remote names files by URL, for the server to download: http or https, at a public address.
func Remote(urls ...string) Source {
	if len(urls) == 0 {
		return Source{err: &ArgumentError{Field: "Remote", Reason: "names no URL"}}
	}
	var problems []error
	for i, address := range urls {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			// The address itself may hold a credential.
			problems = append(problems, &ArgumentError{Field: "Remote[" + strconv.Itoa(i) + "]", Reason: "is no http or https URL"})
		}
	}
	if len(problems) > 0 {
		return Source{err: errors.Join(problems...)}
	}
	return Source{server: &serverFiles{remote: slices.Clone(urls)}}
}

// FromCloud names files of a cloud storage that is attached to the server, by their paths in it, and the path of the
// manifest that lists them. Servers before 2.4.5 need a manifest; later ones do without if it is "". The server packs chunks when
// they are first asked for, as with [UploadOptions].UseCache: servers demand that with a manifest.
func FromCloud(id int64, manifest string, paths ...string) Source {
	if id <= 0 {
		return Source{err: badID(id)}
	}
	if err := checkPaths("FromCloud", paths); err != nil {
		return Source{err: err}
	}
	files := slices.Clone(paths)
	if manifest != "" {
		if !isManifest(manifest) {
			return Source{err: &ArgumentError{Field: "FromCloud: manifest " + strconv.Quote(manifest), Reason: "is not named as one: servers know a manifest by .jsonl"}}
		}
		files = slices.Insert(files, 0, manifest)
	}
	return Source{server: &serverFiles{storage: id, cloud: files}}
}

// checkPaths refuses what no server takes for a path.
func checkPaths(field string, paths []string) error {
	if len(paths) == 0 {
		return &ArgumentError{Field: field, Reason: "names no file"}
	}
	var problems []error
	for _, path := range paths {
		if path == "" || strings.HasPrefix(path, "/") || slices.Contains(strings.Split(path, "/"), "..") {
			problems = append(problems, &ArgumentError{Field: field + ": path " + strconv.Quote(path), Reason: `has to be relative, without ".."`})
		}
	}
	return errors.Join(problems...)
}

// Join makes one source of several. A task takes its files from one place: this side, the share, the web, or one cloud storage.
func Join(sources ...Source) Source {
	var joined Source
	var lists []func() ([]sourceFile, error)
	var problems []error
	for _, source := range sources {
		if source.list == nil && source.server == nil && source.err == nil {
			_, source.err = source.files()
		}
		problems = append(problems, source.err)
		if source.list != nil {
			lists = append(lists, source.list)
		}
		problems = append(problems, joined.server.join(&joined.server, source.server))
	}
	if len(sources) == 0 {
		problems = append(problems, &ArgumentError{Field: "Join", Reason: "got no source"})
	}
	if len(lists) > 0 && joined.server != nil {
		problems = append(problems, errMixed("this side"))
	}
	if err := errors.Join(problems...); err != nil {
		return Source{err: err}
	}
	if joined.server != nil {
		return joined
	}
	joined.list = func() ([]sourceFile, error) {
		var files []sourceFile
		var problems []error
		for _, list := range lists {
			some, err := list()
			files, problems = append(files, some...), append(problems, err)
		}
		return files, errors.Join(problems...)
	}
	return joined
}

func errMixed(places string) error {
	return &ArgumentError{Field: "Join", Reason: "has files from " + places + " and from elsewhere: a task takes its files from one place"}
}

// join adds other to f, which may be nil, and writes the result to into.
func (f *serverFiles) join(into **serverFiles, other *serverFiles) error {
	switch {
	case other == nil:
		return nil
	case f == nil:
		*into = other
		return nil
	case f.place() != other.place() || f.storage != other.storage:
		return errMixed(f.place())
	case f.storage != 0 && isManifest(f.cloud[0]) && isManifest(other.cloud[0]) && f.cloud[0] != other.cloud[0]:
		return &ArgumentError{Field: "Join", Reason: "has two manifests: a task takes one"}
	}
	cloud := slices.Concat(f.cloud, other.cloud)
	// The manifest stands first, and once.
	slices.SortStableFunc(cloud, func(a, b string) int {
		return strings.Compare(strconv.FormatBool(isManifest(b)), strconv.FormatBool(isManifest(a)))
	})
	*into = &serverFiles{
		share: slices.Concat(f.share, other.share), remote: slices.Concat(f.remote, other.remote),
		storage: f.storage, cloud: slices.Compact(cloud),
	}
	return nil
}

func (f *serverFiles) place() string {
	switch {
	case f.storage != 0:
		return "cloud storage " + strconv.FormatInt(f.storage, 10)
	case len(f.remote) > 0:
		return "the web"
	}
	return "the share"
}

// manifest says whether the files come with a manifest.
func (f *serverFiles) manifest() bool {
	return slices.ContainsFunc(slices.Concat(f.share, f.cloud), isManifest)
}

// fill adds the files to what the server is told.
func (f *serverFiles) fill(request *models.DataRequest) {
	request.ServerFiles = slices.Concat(f.share, f.cloud)
	request.RemoteFiles = f.remote
	request.CloudStorageID = f.storage
	request.UseCache = request.UseCache || f.storage != 0
}
