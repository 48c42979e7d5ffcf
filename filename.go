package cvat

import (
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFileName is the longest file name in bytes that is made of a server's: file systems take 255, and something may come
// after it.
const maxFileName = 200

// devices are names that Windows keeps for devices, whatever the extension and whichever folder they are in.
var devices = []string{
	"con", "prn", "aux", "nul", "conin$", "conout$",
	"com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "com¹", "com²", "com³",
	"lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "lpt¹", "lpt²", "lpt³",
}

// safeFileName makes a name that a server gave into one that is a plain file on every system: no folder, device, hidden
// file or stream, and nothing that a terminal would act upon.
func safeFileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimRight(name, ". ") // Windows drops them
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToLower(strings.TrimRight(base, " "))
	if name == "" || strings.HasPrefix(name, ".") || slices.Contains(devices, base) {
		name = "_" + name
	}
	return shortened(name)
}

// shortened cuts a name that file systems would refuse, and keeps its extension.
func shortened(name string) string {
	if len(name) <= maxFileName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > maxFileName/4 {
		ext = ""
	}
	name = name[:maxFileName-len(ext)]
	for !utf8.ValidString(name) {
		name = name[:len(name)-1]
	}
	return strings.TrimRight(name, ". ") + ext
}

// safePath makes a path that a server gave into one below a folder, with the same folders on the way. Paths that were
// different can become the same.
func safePath(name string) string {
	var elements []string
	for element := range strings.SplitSeq(name, "/") {
		if element != "" && element != "." {
			elements = append(elements, safeFileName(element))
		}
	}
	if len(elements) == 0 {
		return "_"
	}
	return strings.Join(elements, "/")
}
