package haconf

import (
	"bufio"
	"errors"
	"strings"
	"time"

	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// Build is what haproxy -vv prints of itself.
type Build struct {
	// Version has an empty Raw when the output does not tell it; Day is that of
	// the release, or of the package.
	Version haproxy.Version
	Day     time.Time
	// features are those of the list: what is built in, and what is not.
	features map[string]bool
	// target is that of the Makefile, compiler its command, library that for TLS,
	// machine the one that uname names; "" when not told.
	target, compiler, library, machine string
	// threads are there when a configuration does not say how many; 0 when not told.
	threads int
}

// At gives the build with another version than it said itself: the features stay, the
// day was that of the other.
func (b Build) At(v haproxy.Version) Build {
	if v.Raw != b.Version.Raw {
		b.Version, b.Day = v, time.Time{}
	}
	return b
}

// Without says that the build was made without a feature, by its name in the list.
func (b *Build) Without(name string) bool {
	with, told := b.features[name]
	return told && !with
}

// Lists says that the list of features is known.
func (b *Build) Lists() bool { return len(b.features) > 0 }

// BuildOf is the build whose list of features is known alone: "+EPOLL", "-KQUEUE".
func BuildOf(v haproxy.Version, features []string) Build {
	b := Build{Version: v, features: map[string]bool{}}
	b.list(features)
	return b
}

func (b *Build) list(words []string) {
	for _, w := range words {
		if len(w) > 1 && (w[0] == '+' || w[0] == '-') {
			b.features[w[1:]] = w[0] == '+'
		}
	}
}

// ParseBuild reads the output of haproxy -vv.
func ParseBuild(text string) (Build, error) {
	b := Build{features: map[string]bool{}}
	found := false
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if list, ok := strings.CutPrefix(line, "Feature list"); ok {
			found = true
			b.list(strings.Fields(list))
			continue
		}
		b.line(line)
	}
	if err := lines.Err(); err != nil {
		return Build{}, err
	}
	if !found {
		return Build{}, errors.New(`no line "Feature list" in it; want the output of haproxy -vv`)
	}
	return b, nil
}

// line reads a line of the output other than the list of features.
func (b *Build) line(line string) {
	// Folklore: "HA-Proxy version" up to 2.2, "HAProxy version" from 2.3 on.
	for _, name := range []string{"HAProxy version ", "HA-Proxy version "} {
		if rest, ok := strings.CutPrefix(line, name); ok && b.Version.Raw == "" {
			b.version(rest)
		}
	}
	key, value, ok := strings.Cut(line, "=")
	if value = strings.TrimSpace(value); ok {
		switch strings.TrimSpace(key) {
		case "TARGET":
			b.target = value
		case "CC":
			b.compiler = value
		}
	}
	// Folklore: "OpenSSL version" up to 2.9, whatever the library is called.
	for _, name := range []string{"Built with OpenSSL version : ", "Built with SSL library version : "} {
		if rest, ok := strings.CutPrefix(line, name); ok {
			b.library = rest
		}
	}
	if rest, ok := strings.CutPrefix(line, "Running on: "); ok {
		words := strings.Fields(rest)
		b.machine = words[len(words)-1]
	}
	if strings.HasPrefix(line, "Built with multi-threading") {
		if _, rest, ok := strings.Cut(line, "default="); ok {
			b.threads, _, _ = lex.Int(rest)
		}
	}
}

func (b *Build) version(s string) {
	v, err := haproxy.ParseVersion(s)
	if err != nil {
		return
	}
	b.Version = v
	if words := strings.Fields(s); len(words) > 1 {
		if day, err := time.Parse("2006/01/02", words[1]); err == nil {
			b.Day = day
		}
	}
}
