package testserver

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // decoded
	_ "image/jpeg" // decoded
	_ "image/png"  // decoded
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const defaultChunkSize = 72

// media is the data of a task.
type media struct {
	id          int64
	quality     int64
	chunkSize   int64 // 0 until the data are ready, if none was asked for
	start, stop int64
	stopGiven   bool
	filter      string
	sorting     string
	order       []string // of upload_file_order
	serverFiles []string
	remoteFiles []string
	useCache    bool
	cloud       int64 // the cloud storage that the server's files are in
	frames      []*frame
	deleted     []int64
	ready       bool
	updated     time.Time
	creation    *work
}

// frame is an image of a task.
type frame struct {
	name          string
	blob          *blob
	width, height int
	related       []uploadedFile
}

func (m *media) chunkSizeOrNull() any {
	if m == nil || m.chunkSize == 0 {
		return nil
	}
	return m.chunkSize
}

// chunks is the number of chunks of so many frames.
func (m *media) chunks(frames int) int64 {
	return (int64(frames) + m.chunkSize - 1) / m.chunkSize
}

// process makes frames and jobs of what was uploaded. Its errors are in the words of the real server's worker.
func (s *Server) process(t *task) error {
	m := t.media
	area := s.area(t.dataPath())
	if s.cfg.dialect == V2_73 {
		for _, u := range area.open {
			if area.find(u.name) != nil {
				continue // it was announced again, and then it came
			}
			return failure(fmt.Sprintf("FileNotFoundError: [Errno 2] No such file or directory: "+
				"'/home/django/data/data/%d/raw/%s'", m.id, u.name))
		}
	}
	files, err := s.gather(m, area)
	if err != nil {
		return err
	}
	files, related := m.arrange(files)
	if len(files) == 0 {
		return failure("ValueError: No media data found")
	}
	frames := make([]*frame, 0, len(files))
	for _, f := range files {
		fr, err := m.decode(f)
		if err != nil {
			return err
		}
		fr.related = related[relatedKey(f.name)]
		frames = append(frames, fr)
	}
	m.frames, m.ready, m.updated = frames, true, now()
	if !m.stopGiven {
		m.stop = m.start + int64(len(frames)-1)*m.step()
	}
	m.chunkSize = cmp.Or(m.chunkSize, defaultChunkSize)
	delete(s.state.areas, t.dataPath())
	s.split(t)
	t.updated = now()
	return nil
}

// gather collects the files from the upload, from the share and from the network, of which there is none here.
func (s *Server) gather(m *media, area *uploadArea) ([]uploadedFile, error) {
	files := slices.Clone(area.files)
	if s.cfg.dialect == V2_3 { // whatever lies in the folder is taken, half-finished uploads as well
		for id, u := range area.open {
			files = append(files, uploadedFile{id, u.sink.blob()})
		}
	}
	for _, u := range m.remoteFiles {
		return nil, failure(s.cfg.dialect.remoteFailure(u))
	}
	if m.cloud != 0 {
		return s.gatherCloud(m, files)
	}
	for _, name := range m.serverFiles {
		found := false
		for shared, content := range s.state.shared {
			if shared == name || strings.HasSuffix(name, "/") && strings.HasPrefix(shared, name) {
				files, found = append(files, uploadedFile{shared, content}), true
			}
		}
		if !found {
			return nil, failure(fmt.Sprintf(
				"FileNotFoundError: [Errno 2] No such file or directory: '/home/django/share/%s'", name))
		}
	}
	return unpack(files)
}

func (d Dialect) remoteFailure(address string) string {
	text := "Failed to download " + address + ": ConnectionError"
	if d == V2_3 {
		host := regexp.MustCompile(`^\w+://([^/:]+)`).FindStringSubmatch(address)
		if len(host) > 1 {
			text = fmt.Sprintf("Non public IP address '%s' is provided!", host[1])
		}
	}
	return fmt.Sprintf("rest_framework.exceptions.ValidationError: [ErrorDetail(string=%q, code='invalid')]", text)
}

// unpack puts the images of archives in the place of the archives.
func unpack(files []uploadedFile) ([]uploadedFile, error) {
	var out []uploadedFile
	for _, f := range files {
		if path.Ext(f.name) != ".zip" || f.blob.discarded {
			out = append(out, f)
			continue
		}
		archive, err := zip.NewReader(bytes.NewReader(f.blob.data), f.blob.size)
		if err != nil {
			return nil, failure("zipfile.BadZipFile: File is not a zip file")
		}
		for _, entry := range archive.File {
			content, err := readEntry(entry)
			if err != nil {
				return nil, failure("zipfile.BadZipFile: " + err.Error())
			}
			out = append(out, uploadedFile{entry.Name, newBlob(content)})
		}
	}
	return out, nil
}

func readEntry(entry *zip.File) (content []byte, err error) {
	r, err := entry.Open()
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", entry.Name, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(r, maxBody)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", entry.Name, err)
	}
	return b.Bytes(), nil
}

// arrange sorts the images, drops what is no image, sets aside the context images and applies the frame filter.
func (m *media) arrange(files []uploadedFile) (images []uploadedFile, related map[string][]uploadedFile) {
	related = map[string][]uploadedFile{}
	for _, f := range files {
		if key := contextOf(f.name); key != "" {
			related[key] = append(related[key], f)
		} else if isImage(f.name) {
			images = append(images, f)
		}
	}
	switch m.sorting {
	case "predefined":
		slices.SortStableFunc(images, func(a, b uploadedFile) int {
			return cmp.Compare(slices.Index(m.order, a.name), slices.Index(m.order, b.name))
		})
	case "natural":
		slices.SortStableFunc(images, func(a, b uploadedFile) int {
			return strings.Compare(naturalKey(a.name), naturalKey(b.name))
		})
	default:
		slices.SortStableFunc(images, func(a, b uploadedFile) int { return strings.Compare(a.name, b.name) })
	}
	var chosen []uploadedFile
	for i, f := range images {
		n := int64(i)
		if n >= m.start && (!m.stopGiven || n <= m.stop) && (n-m.start)%m.step() == 0 {
			chosen = append(chosen, f)
		}
	}
	return chosen, related
}

// step is the distance of the frames to take.
func (m *media) step() int64 {
	_, number, _ := strings.Cut(m.filter, "=")
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 1 {
		return 1
	}
	return n
}

func isImage(name string) bool {
	return slices.Contains([]string{"", ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"},
		strings.ToLower(path.Ext(name)))
}

// contextOf returns the key of the image that a file is the context of: related_images/<name>_<extension>/….
func contextOf(name string) string {
	_, rest, found := strings.Cut("/"+name, "/related_images/")
	if !found {
		return ""
	}
	key, _, _ := strings.Cut(rest, "/")
	return key
}

func relatedKey(image string) string { return strings.ReplaceAll(path.Base(image), ".", "_") }

// naturalKey pads the numbers of a name, so that 10 sorts after 9.
func naturalKey(name string) string {
	return regexp.MustCompile(`\d+`).ReplaceAllStringFunc(name, func(digits string) string {
		return fmt.Sprintf("%020s", digits)
	})
}

// decode looks at the size of an image. What is discarded cannot be looked at, and passes for a pixel.
func (m *media) decode(f uploadedFile) (*frame, error) {
	if f.blob.discarded {
		return &frame{name: f.name, blob: f.blob, width: 1, height: 1}, nil
	}
	cfg, _, err := image.DecodeConfig(bytes.NewReader(f.blob.data))
	if err != nil {
		return nil, failure(fmt.Sprintf(
			"PIL.UnidentifiedImageError: cannot identify image file '/home/django/data/data/%d/raw/%s'", m.id, f.name))
	}
	return &frame{name: f.name, blob: f.blob, width: cfg.Width, height: cfg.Height}, nil
}

// split cuts a task into jobs.
func (s *Server) split(t *task) {
	size := int64(len(t.media.frames))
	if t.segmentSize == 0 {
		t.segmentSize = size
	}
	if t.overlap == nil {
		t.overlap = new(int64(0))
	}
	*t.overlap = min(*t.overlap, t.segmentSize/2)
	for start := int64(0); start == 0 || start < size-*t.overlap; start += t.segmentSize - *t.overlap {
		s.addJob(t, start, min(start+t.segmentSize, size)-1, "annotation")
	}
}

// gatherCloud adds the files of a cloud storage. At 2.3 a manifest has to be among them.
func (s *Server) gatherCloud(m *media, files []uploadedFile) ([]uploadedFile, error) {
	st := s.state.cloudStorages.rows[m.cloud]
	if st == nil {
		return nil, failure("cvat.apps.engine.models.DoesNotExist: CloudStorage matching query does not exist.")
	}
	manifest := false
	for _, name := range m.serverFiles {
		content, exists := s.state.buckets[st.resource][name]
		switch {
		case !exists:
			return nil, failure(fmt.Sprintf("FileNotFoundError: The %s file not found on the cloud storage %s", name, st.resource))
		case path.Ext(name) == ".jsonl":
			manifest = true
		default:
			files = append(files, uploadedFile{name, newBlob(content)})
		}
	}
	switch {
	case s.cfg.dialect == V2_3 && !manifest:
		return nil, failure("Exception: A manifest file can be used only with data of a cloud storage, which needs one")
	case s.cfg.dialect == V2_3 && !m.useCache:
		return nil, failure("Exception: File with meta information can be uploaded if 'Use cache' option is also selected")
	case s.cfg.dialect == V2_3 && (m.sorting == "random" || m.sorting == "predefined"):
		return nil, failure("Exception: It isn't supported to upload manifest file and use random sorting")
	}
	return files, nil
}
