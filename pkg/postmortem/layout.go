package postmortem

import "slices"

// layout is where the members of a structure lie, in bytes from its start. Members of
// inner structures have their names behind a dot.
type layout map[string]int

// member of struct post_mortem, as the compiler lays it out.
type member struct {
	name        string
	size, align int
	// only says in which builds it is there; nil means all.
	only func(build) bool
}

// build is what makes one struct post_mortem differ from the other.
type build struct {
	// distribution: 3.3 has the name of the distribution; 3.2 by backport.
	distribution bool
	// late: 3.1 keeps what the process is at run time as well.
	late bool
	// caps is USE_LINUX_CAP, libs HA_HAVE_DUMP_LIBS (USE_DL with glibc).
	caps, libs bool
}

func distribution(b build) bool { return b.distribution }
func late(b build) bool         { return b.late }
func caps(b build) bool         { return b.late && b.caps }
func libs(b build) bool         { return b.libs }

// members of struct post_mortem on 64 bits (src/debug.c, 3.0 with the backports of
// its stable branch to 3.5). utsField and the others are as in system.go.
func members() []member {
	list := []member{
		{"post_mortem_magic", pmUname, 1, nil},
		{"platform.utsname.sysname", utsField, 1, nil},
		{"platform.utsname.nodename", utsField, 1, nil},
		{"platform.utsname.release", utsField, 1, nil},
		{"platform.utsname.version", utsField, 1, nil},
		{"platform.utsname.machine", utsField, 1, nil},
		{"platform.utsname.domainname", utsField, 1, nil},
		{"platform.distro", pmField, 1, distribution},
	}
	for _, name := range hardware() {
		list = append(list, member{name, pmField, 1, nil})
	}
	list = append(list, []member{
		{"platform.virt_techno", pmTechno, 1, nil},
		{"platform.cont_techno", pmTechno, 1, nil},
		{"process.pid", 4, 8, nil}, // the alignment is that of process
		{"process.boot_uid", 4, 4, nil},
		{"process.boot_gid", 4, 4, nil},
		{"process.run_uid", 4, 4, late},
		{"process.run_gid", 4, 4, late},
		{"process.caps.boot", 24, 4, caps},
		{"process.caps.err_boot", 4, 4, caps},
		{"process.caps.run", 24, 4, caps},
		{"process.caps.err_run", 4, 4, caps},
		{"process.boot_lim_fd", 16, 8, nil},
		{"process.boot_lim_ram", 16, 8, nil},
		{"process.run_lim_fd", 16, 8, late},
		{"process.run_lim_ram", 16, 8, late},
		{"process.argv", 8, 8, nil},
		{"process.argc", 1, 1, nil},
		{"libs", 8, 8, libs},
	}...)
	for _, name := range pointers() {
		list = append(list, member{name, 8, 8, nil})
	}
	return append(list, member{"nb_components", 4, 4, nil}, member{"components", 8, 8, nil})
}

func hardware() []string {
	return []string{
		"platform.hw_vendor", "platform.hw_family", "platform.hw_model", "platform.brd_vendor", "platform.brd_model",
		"platform.soc_vendor", "platform.soc_model", "platform.cpu_model",
	}
}

// pointers lead to variables of the executable, one behind the other.
func pointers() []string {
	return []string{
		"tgroup_info", "thread_info", "tgroup_ctx", "thread_ctx", "pools", "proxies", "global", "fdtab", "activity",
	}
}

// objectSize holds every known struct post_mortem with a magic: that of 3.5 has 1288 bytes.
const objectSize = 1536

// builds are all that there are, the most likely first.
func builds() []build {
	return []build{
		{late: true, caps: true, libs: true},
		{late: true, caps: true, libs: true, distribution: true},
		{libs: true},
		{late: true, libs: true},
		{late: true, libs: true, distribution: true},
		{late: true, caps: true},
		{late: true, caps: true, distribution: true},
		{},
		{late: true},
		{late: true, distribution: true},
	}
}

// layoutOf lays out the members of a build as a compiler does.
func layoutOf(b build, members []member) layout {
	l, at := make(layout, len(members)), 0
	for _, m := range members {
		if m.only != nil && !m.only(b) {
			continue
		}
		at = (at + m.align - 1) &^ (m.align - 1)
		l[m.name] = at
		at += m.size
	}
	return l
}

// firstLayout is that of 2.9 and the first 3.0, which has no magic and no pointers. Its
// size, in bytes, depends on for how many threads it was built: two words for each lie
// before what is last.
func firstLayout(size int) layout {
	all := members()[1:]
	l := layoutOf(build{}, all[:slices.IndexFunc(all, func(m member) bool { return m.name == "process.argv" })])
	if size < l["process.boot_lim_ram"]+32 || size > maxObject {
		return nil
	}
	l["nb_components"], l["components"] = size-16, size-8
	return l
}
