package envelope

import "strings"

// facts are what the members of a record say of its text.
type facts struct {
	names    [imageRole + 1]claim // by role
	pid      int
	time     Stamp
	timeRank int
	traffic  bool // it tells of a request
	linked   bool // or may
	library  bool // a program's own library wrote it
	source   string
	graylog  bool
	aliases  int // members with the names of HAProxy's log variables
}

// claim is a name, and how far to believe it.
type claim struct {
	name string
	rank int
}

func (c *claim) take(name string, rank int) {
	if name != "" && (c.name == "" || rank > c.rank) {
		*c = claim{name, rank}
	}
}

// add takes a member. Literal says that it is no string.
func (f *facts) add(m meaning, v string, literal bool) {
	if v == "" {
		return
	}
	switch m.role {
	case hostRole, podRole, containerRole, programRole, taggedRole, imageRole:
		if !literal {
			f.names[m.role].take(short(v), m.rank)
		}
	case sourceRole:
		f.source = short(v)
	case unitRole:
		f.names[programRole].take(unitName(short(v)), 0)
	case pidRole:
		if pid, ok := decimal(v); ok && len(v) <= 9 {
			f.pid = pid
		}
	case timeRole:
		if st, ok := anyStamp(v); ok && m.rank > f.timeRank {
			f.time, f.timeRank = st, m.rank
		}
	default:
		f.hint(m.role, v, literal)
	}
}

// hint takes what tells whether the record is of a request, or of a program's own.
func (f *facts) hint(r role, v string, literal bool) {
	switch r {
	case requestRole:
		f.traffic = true
	case linkRole:
		f.linked = true
	case statusRole:
		f.linked = f.linked || len(v) == 3 && v[0] >= '1' && v[0] <= '5' && v[1] >= '0' && v[1] <= '9'
	case graylogRole:
		f.graylog = true
	case libraryRole:
		f.library = true
	case levelRole:
		f.library = f.library || literal && len(v) == 2 && v[1] == '0' // 30; syslog's end with 7
	case variableRole:
		f.aliases++
	}
}

// unitName finds the program in the name of a job or of a stream of logs. What names no
// program is dropped: most such names are made up, of files or of nothing.
//
// Folklore: Amazon's ECS calls its streams prefix/container/task.
func unitName(v string) string {
	if all := strings.Split(v, "/"); len(all) == 3 {
		v = all[1]
	}
	v = v[strings.LastIndexByte(v, '/')+1:]
	switch s := SenderOf(v); {
	case s == HAProxy:
		return v
	case s == Stranger && !strings.ContainsAny(v, ".[$"):
		switch squeezed(v) {
		case "varlogs", "varlog", "systemdjournal", "journald", "containers", "containerlogs", "dockerlogs", "kubernetespods", "pods", "logs", "messages", "files", "local0", "local1", "local2", "daemon":
			return ""
		}
		return v
	}
	return ""
}

// under fills what f lacks with what an object around it says. The name of a group of programs
// gives way to that of a program.
func (f *facts) under(o *facts) {
	for role, outer := range o.names {
		if own := &f.names[role]; own.name == "" || own.rank == 0 {
			own.take(outer.name, outer.rank)
		}
	}
	if f.pid == 0 {
		f.pid = o.pid
	}
	if f.timeRank == 0 {
		f.time, f.timeRank = o.time, o.timeRank
	}
	f.traffic = f.traffic || o.traffic
	f.library = f.library || o.library
	f.graylog = f.graylog || o.graylog
	if f.source == "" {
		f.source = o.source
	}
	f.aliases += o.aliases
}

// judge draws conclusions from all of the members.
//
// Folklore: pino, bunyan, zap, logback and the like put the name of the logger, the place in
// the source or a level as a number beside the message. HAProxy writes no JSON but by
// a log-format, and those who read its stderr know no loggers: it is a program's own.
func (f *facts) judge() {
	container, program := &f.names[containerRole], f.names[programRole].name
	if image := imageName(f.names[imageRole].name); image != "" && (SenderOf(image) == HAProxy || container.name == "" && program == "") {
		container.name = image
	}
	if f.graylog {
		f.names[hostRole].take(f.source, 0)
	}
	name := container.name
	if name == "" {
		name = program
	}
	f.traffic = f.traffic || f.linked || f.aliases >= 2 || f.library && SenderOf(name) != HAProxy
}

// set writes the facts into a line.
func (f *facts) set(l *Line) {
	f.judge()
	if f.timeRank > 0 {
		l.setTime(f.time)
	}
	// Pods of one host are told apart, and a pod's name says its host's share.
	for _, role := range [...]role{podRole, hostRole} {
		if name := f.names[role].name; name != "" {
			l.Host = name
			break
		}
	}
	switch container, program := f.names[containerRole].name, f.names[programRole].name; {
	case container != "": // its own name says more than any other
		l.named(strings.TrimPrefix(container, "/"), f.pid)
	case program != "":
		l.named(program, f.pid)
	case f.pid != 0 && l.PID == 0:
		l.PID = f.pid
	}
	if tagged := f.names[taggedRole].name; tagged != "" {
		l.within(tagged)
	}
	l.traffic = l.traffic || f.traffic
}
