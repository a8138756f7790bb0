package host

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hacrash/hacrash/pkg/source"
)

// Bounds of what is read.
const (
	maxFile    = 1 << 20 // of settings
	maxEntries = 64 << 10
	maxHops    = 8
)

// tree is the root of a machine's files.
type tree string

// path is where a file of the machine lies. A link to an absolute path is one into the
// tree, not out of it.
func (t tree) path(name string) string {
	at := filepath.Join(string(t), name)
	for range maxHops {
		to, err := os.Readlink(at)
		if err != nil || t == "/" {
			return at
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join("/", strings.TrimPrefix(filepath.Dir(at), string(t)), to)
		}
		at = filepath.Join(string(t), filepath.Clean("/"+to))
	}
	return at
}

// text is a small file without the blanks around it.
func (t tree) text(name string) (string, error) {
	b, err := source.Small(t.path(name), maxFile)
	return strings.TrimSpace(string(b)), err
}

func (t tree) exists(name string) bool {
	_, err := os.Stat(t.path(name))
	return err == nil
}

// masked says that an administrator has switched a unit off for good.
func (t tree) masked(unit string) bool {
	to, err := os.Readlink(filepath.Join(string(t), "etc/systemd/system", unit))
	return err == nil && to == "/dev/null"
}

// names are the entries of a directory, in order.
func (t tree) names(dir string) []string {
	f, err := os.Open(t.path(dir))
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(maxEntries) // what it has until an error
	slices.Sort(names)
	return names
}

// ini is one section of systemd's settings: the values of a key, in order.
type ini map[string][]string

// last is the value that counts, "" if there is none.
func (i ini) last(key string) string {
	if v := i[key]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// add reads a file. An empty value takes back the ones before it.
func (i ini) add(text, section string) {
	in := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in = line == "["+section+"]" || section == ""
			continue
		}
		key, value, is := strings.Cut(line, "=")
		if !is || !in && section != "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if value == "" {
			delete(i, key)
			continue
		}
		i[key] = append(i[key], value)
	}
}

// places are where systemd looks for settings, the one that counts most first.
var places = [...]string{"etc", "run", "usr/local/lib", "usr/lib", "lib"}

// settingsOf reads a file of systemd's and its drop-ins. A file hides those of the same name in
// places that count less; drop-ins come in the order of their names, wherever they are.
func (t tree) settingsOf(section, below, name string) ini {
	out := ini{}
	for _, place := range places {
		if text, err := t.text(filepath.Join(place, below, name)); err == nil {
			out.add(text, section)
			break
		}
	}
	dropins := map[string]string{}
	var names []string
	for _, place := range places {
		dir := filepath.Join(place, below, name+".d")
		for _, n := range t.names(dir) {
			if _, is := dropins[n]; !is && strings.HasSuffix(n, ".conf") {
				dropins[n] = filepath.Join(dir, n)
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	for _, n := range names {
		if text, err := t.text(dropins[n]); err == nil {
			out.add(text, section)
		}
	}
	return out
}
