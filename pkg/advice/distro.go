package advice

import "strings"

// distribution is how one makes debug data of HAProxy to be had.
type distribution struct {
	name string
	// marks are in the versions of its packages, systems in the names that it gives itself.
	marks, systems []string
	// debug is the package with the debug data, install the command that installs it, and
	// server that of its debuginfod; empty if there is none.
	debug, install, server string
}

// distributions, those whose marks tell more first: Ubuntu's packages have Debian's too.
var distributions = []distribution{
	{
		name: "Ubuntu", marks: []string{"ubuntu", "~noble", "~jammy", "~focal", "~bionic"}, systems: []string{"ubuntu"},
		debug: "haproxy-dbgsym", install: "apt-get install haproxy-dbgsym", server: "https://debuginfod.ubuntu.com",
	},
	{
		name: "Debian", marks: []string{"+deb", "~bpo", "deb1"}, systems: []string{"debian"},
		debug: "haproxy-dbgsym", install: "apt-get install haproxy-dbgsym", server: "https://debuginfod.debian.net",
	},
	{
		name: "Alpine", marks: []string{"-r0", "-r1", "-r2", "-r3"}, systems: []string{"alpine"},
		debug: "haproxy-dbg", install: "apk add haproxy-dbg musl-dbg",
	},
	{
		name: "Fedora", marks: []string{".fc"}, systems: []string{"fedora"},
		debug: "haproxy-debuginfo", install: "dnf debuginfo-install haproxy", server: "https://debuginfod.fedoraproject.org/",
	},
	{
		name: "CentOS Stream", systems: []string{"centos"},
		debug: "haproxy-debuginfo", install: "dnf debuginfo-install haproxy", server: "https://debuginfod.centos.org/",
	},
	{
		name: "RHEL", marks: []string{".el7", ".el8", ".el9", ".el1"}, systems: []string{"red hat", "rhel", "rocky", "almalinux", "oracle linux"},
		debug: "haproxy-debuginfo", install: "dnf debuginfo-install haproxy",
	},
	{
		name: "Amazon Linux", marks: []string{".amzn"}, systems: []string{"amazon linux"},
		debug: "haproxy-debuginfo", install: "dnf debuginfo-install haproxy",
	},
	{
		name: "openSUSE", marks: []string{".lp15", ".lp16"}, systems: []string{"suse"},
		debug: "haproxy-debuginfo", install: "zypper install haproxy-debuginfo", server: "https://debuginfod.opensuse.org/",
	},
	{name: "Arch Linux", systems: []string{"arch linux"}, server: "https://debuginfod.archlinux.org"},
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
