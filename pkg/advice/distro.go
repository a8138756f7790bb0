package advice

import (
	"cmp"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/source"
)

// maxOSRelease bounds an os-release, which has some hundred bytes.
const maxOSRelease = 64 << 10

// System is the distribution of the machine whose files lie in a directory, "" for the one
// at hand: what its os-release calls it. It is "" where nothing tells.
func System(root string) string {
	text, err := source.Small(filepath.Join(cmp.Or(root, "/"), "etc/os-release"), maxOSRelease)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok {
			return strings.Trim(name, `"'`)
		}
	}
	return ""
}

// distribution is how one makes debug data of HAProxy to be had.
type distribution struct {
	name string
	// marks are in the versions of its packages, systems in the names that it gives itself.
	marks, systems []string
	// debug is the package with the debug data, install the command that installs it, and
	// server that of its debuginfod; empty if there is none.
	debug, install, server string
	// update is the command that shows its newest package of HAProxy, elsewhere who else makes some.
	update, elsewhere string
}

// distributions, those whose marks tell more first: Ubuntu's packages have Debian's too.
var distributions = []distribution{
	{
		name: "Ubuntu", marks: []string{"ubuntu", "~noble", "~jammy", "~focal", "~bionic"}, systems: []string{"ubuntu"},
		debug: "haproxy-dbgsym", server: "https://debuginfod.ubuntu.com",
		install: `apt-get install ubuntu-dbgsym-keyring && echo "deb http://ddebs.ubuntu.com $(. /etc/os-release; echo $VERSION_CODENAME)-updates main universe" ` +
			`>/etc/apt/sources.list.d/debug.list && apt-get update && apt-get install haproxy-dbgsym`,
		update: "apt-get update && apt-cache policy haproxy", elsewhere: "https://haproxy.debian.net",
	},
	{
		name: "Debian", marks: []string{"+deb", "~bpo", "deb1"}, systems: []string{"debian"},
		debug: "haproxy-dbgsym", server: "https://debuginfod.debian.net",
		install: `echo "deb http://deb.debian.org/debian-debug $(. /etc/os-release; echo $VERSION_CODENAME)-debug main" >/etc/apt/sources.list.d/debug.list && ` +
			`apt-get update && apt-get install haproxy-dbgsym`,
		update: "apt-get update && apt-cache policy haproxy", elsewhere: "https://haproxy.debian.net",
	},
	{
		name: "Alpine", marks: []string{"-r0", "-r1", "-r2", "-r3"}, systems: []string{"alpine"},
		debug: "haproxy-dbg", install: "apk add haproxy-dbg musl-dbg", update: "apk update && apk policy haproxy",
	},
	{
		name: "Fedora", marks: []string{".fc"}, systems: []string{"fedora"},
		debug: "haproxy-debuginfo", install: "dnf debuginfo-install haproxy", update: "dnf info haproxy", server: "https://debuginfod.fedoraproject.org/",
	},
	{
		name: "CentOS Stream", systems: []string{"centos"},
		debug: "haproxy-debuginfo", install: "dnf debuginfo-install haproxy", update: "dnf info haproxy", server: "https://debuginfod.centos.org/",
	},
	{
		name: "RHEL", marks: []string{".el7", ".el8", ".el9", ".el1"}, systems: []string{"red hat", "rhel", "rocky", "almalinux", "oracle linux"},
		debug: "haproxy-debuginfo", install: "dnf debuginfo-install haproxy", update: "dnf info haproxy",
	},
	{
		name: "Amazon Linux", marks: []string{".amzn"}, systems: []string{"amazon linux"},
		debug: "haproxy-debuginfo", install: "dnf debuginfo-install haproxy", update: "dnf info haproxy",
	},
	{
		name: "openSUSE", marks: []string{".lp15", ".lp16"}, systems: []string{"suse"},
		debug: "haproxy-debuginfo", install: "zypper install haproxy-debuginfo", update: "zypper info haproxy", server: "https://debuginfod.opensuse.org/",
	},
	{name: "Arch Linux", systems: []string{"arch linux"}, server: "https://debuginfod.archlinux.org", update: "pacman -Syi haproxy"},
}

// DebugPackage is the package with HAProxy's debug data of a distribution, as its os-release
// names it, and the command that installs it; "" where there is none.
func DebugPackage(system string) (name, install string) {
	if d := bySystem(strings.ToLower(system)); d != nil {
		return d.debug, d.install
	}
	return "", ""
}

// distribution is that of the build, by the version of its package, else by what the core
// or the text tells of its system, else by the machine at hand if that has the program.
func (s *situation) distribution(here string) {
	d := byMark(s.version.Suffix)
	if d == nil {
		d = bySystem(s.systems(here))
	}
	if d == nil {
		return
	}
	s.values.ours("distribution", d.name)
	s.values.ours("debug_package", d.debug)
	s.values.ours("install", d.install)
	s.values.ours("server", d.server)
	s.values.ours("update", d.update)
	s.values.ours("elsewhere", d.elsewhere)
}

// systems are what tells of the system of the process.
func (s *situation) systems(here string) string {
	c := s.crash
	text := ""
	if c.Process != nil {
		text = c.Process.System
	}
	if c.PostMortem != nil && c.PostMortem.Platform != nil {
		text += " " + c.PostMortem.Platform.Distribution
	}
	for i := range c.Modules {
		if m := &c.Modules[i]; m.Main && m.Status == "ok" {
			text += " " + here
		}
	}
	return strings.ToLower(text)
}

func byMark(suffix string) *distribution {
	return find(func(d *distribution) []string { return d.marks }, suffix)
}

func bySystem(text string) *distribution {
	return find(func(d *distribution) []string { return d.systems }, text)
}

func find(words func(*distribution) []string, in string) *distribution {
	for i := range distributions {
		for _, w := range words(&distributions[i]) {
			if strings.Contains(in, w) {
				return &distributions[i]
			}
		}
	}
	return nil
}
