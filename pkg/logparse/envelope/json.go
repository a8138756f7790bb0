package envelope

import "strings"

// record is what is of interest in a line that is a JSON object.
type record struct {
	journal *entry
	isEntry bool

	log, stream, time, tag string
	hasLog, other          bool

	message string
	rank    int // of the name that message had
	host    string
	program string // or container
	image   string // of the container
	tagged  string
	traffic bool // it tells of a request
	aliases int  // members that have the names of HAProxy's log variables
	library bool // a program's own logging library made it
}

// json reads a line that is a JSON object: a journal entry (journalctl -o json), a line
// of docker's json-file driver, or a record of some log shipper that has the
// text in a field with a usual name.
func (d *Decoder) json(s string, l Line, depth int, out []Line) ([]Line, bool) {
	r := record{journal: newEntry(JournalJSON, l.Number)}
	if !object(s, r.member) {
		return out, false
	}
	if r.isEntry {
		in := &r.journal.line
		if in.outer = l.outer; l.Ident != "" {
			in.outer = append(in.outer[:len(in.outer):len(in.outer)], l.Ident)
		}
		if r.program != "" || r.tagged != "" {
			in.outer = append(in.outer[:len(in.outer):len(in.outer)], r.program, r.tagged)
		}
		in.traffic, in.Part = l.traffic || r.traffic, l.Part
		// The stamp of an envelope outside is one of transport: not kept.
		r.journal.line.setTime(l.Time)
		return r.journal.lines(out), true
	}
	if !r.hasLog && r.rank == 0 {
		return out, false // somebody's log format: text
	}
	r.judge()
	if st, n, _, ok := isoStamp(r.time); ok && n == len(r.time) {
		l.setTime(st)
	}
	if r.host != "" {
		l.Host = r.host
	}
	if r.program != "" {
		l.named(r.program, 0)
	}
	if r.tagged != "" {
		l.outer = append(l.outer, r.tagged)
	}
	l.traffic = l.traffic || r.traffic
	if r.hasLog {
		return d.docker(r, l, depth, out), true
	}
	l.Format = JSON
	for line := range strings.SplitSeq(strings.TrimSuffix(r.message, "\n"), "\n") {
		out = d.unwrap(clean(line), l, depth+1, out)
		l.Part = Further
	}
	return out, true
}

// judge draws conclusions from all of the members.
//
// Folklore: pino, bunyan, zap, logback and the like put the name of the logger, the place in
// the source or a level as a number beside the message. HAProxy writes no JSON but by
// a log-format, and those who read its stderr know no loggers: it is a program's own.
func (r *record) judge() {
	if r.image != "" {
		if image := imageName(r.image); SenderOf(image) == HAProxy || r.program == "" {
			r.program = image
		}
	}
	r.traffic = r.traffic || r.aliases >= 2 || r.library && SenderOf(r.program) != HAProxy
}

// member takes a member of the object. The journal's names are upper case, and
// no other's are.
func (r *record) member(name string, v value) {
	if name == "" {
		return
	}
	if logVariable(name) {
		r.aliases++
	}
	if rest := name[1:]; name[0] == '_' && rest != "" && rest[0] >= 'a' && rest[0] <= 'z' && !strings.Contains(rest, ".") {
		if rest == "tag" {
			r.tagged = short(v.text())
		}
		r.usual(rest, v) // GELF's additional fields
		return
	}
	if c := name[0]; c >= 'A' && c <= 'Z' || c == '_' {
		if fieldName(name) != len(name) {
			return
		}
		r.isEntry = r.isEntry || name == "MESSAGE" || name == "__REALTIME_TIMESTAMP" || name == "__CURSOR"
		switch {
		case name == "MESSAGE": // perhaps several
			for _, text := range v.texts {
				r.journal.set(name, text, r.journal.line.Number, 0)
			}
		case len(v.texts) > 0 || v.literal != "":
			r.journal.set(name, v.text(), r.journal.line.Number, 0)
		}
		return
	}
	switch name {
	case "log":
		r.log, r.hasLog = v.text(), len(v.texts) > 0
	case "stream":
		r.stream = v.text()
	case "time":
		r.time = v.text()
	case "logtag":
		r.tag = v.text()
	case "attrs":
	case "attrs.tag", "attrs.name": // by a template of the engine's: no good name, but it tells strangers
		r.tagged = short(v.text())
	default:
		r.other = true
		r.usual(name, v)
	}
}

// usual knows the names that log shippers give to things: Elastic's (message,
// @timestamp), Google's (textPayload), Loki's (line), and others.
func (r *record) usual(name string, v value) {
	rank := 0
	switch name {
	case "message", "short_message":
		rank = 3
	case "textPayload", "msg", "body", "result._raw", "attributes.message", "_source.message", "jsonPayload.message":
		rank = 2
	case "line", "text", "event", "_raw":
		rank = 1
	case "@timestamp", "timestamp", "ts":
		if r.time == "" {
			r.time = v.text()
		}
	case "host", "hostname":
		r.host = short(v.text())
	case "container_name", "kubernetes.container_name", "kubernetes.container.name", "container.name", "container", "resource.labels.container_name":
		r.program = short(v.text()) // the container's own name says more than any other
	case "image_name", "container_image", "kubernetes.container_image", "kubernetes.container.image", "container.image.name":
		r.image = short(v.text())
	case "logger", "logger_name", "log.logger", "caller", "log.origin.file.name", "thread_name", "process.thread.name":
		r.library = true
	case "level":
		r.library = r.library || len(v.texts) == 0 && len(v.literal) == 2 && v.literal[1] == '0' // 30; syslog's end with 7
	case "program", "ident", "appname", "app_name", "syslog_identifier", "process.name", "service", "service.name", "log.syslog.appname", "syslog.appname", "_comm":
		if r.program == "" {
			r.program = short(v.text())
		}
	case "status":
		r.traffic = r.traffic || len(v.text()) == 3 && v.text()[0] >= '1' && v.text()[0] <= '5'
	case "method", "uri", "url", "request", "http_user_agent", "user_agent", "useragent", "ua", "referer", "http_referer", "remote_addr", "client_ip", "remote_ip",
		"client", "client_port", "src_ip", "src_port", "frontend", "frontend_name", "backend", "backend_name", "bytes_read", "bytes_uploaded", "status_code",
		"http_method", "http_status", "http_version", "sni", "ssl_sni", "ssl_version", "termination_state", "captured_request_headers", "request_headers", "headers",
		"http.request.method", "http.response.status_code", "url.path", "url.original", "user_agent.original", "request.method", "request.uri", "request.headers":
		r.traffic = true
	}
	if rank > r.rank && len(v.texts) > 0 {
		r.rank, r.message = rank, v.texts[0]
	}
}

// logVariable knows the names that HAProxy's own manual gives to what a log-format shows, of
// which logs in JSON make their members.
func logVariable(name string) bool {
	switch name {
	case "ci", "cp", "bi", "bp", "fi", "fp", "si", "sp", "ft", "fc", "bc", "sc", "rc", "sq", "bq", "ac", "ST", "HM", "HP", "HPO", "HQ", "HU", "HV", "CC", "CS", "hr", "hs",
		"Ta", "Tc", "Td", "Th", "Ti", "Tq", "TR", "Tr", "Ts", "Tt", "Tu", "Tw", "sslc", "sslv", "tsc", "trg", "trl":
		return true
	}
	return false
}
