package envelope

import "strings"

// role is what the name of a member of a log record says of its value.
type role uint8

const (
	noRole   role = iota
	textRole      // what was said

	hostRole // the first of the names
	podRole
	containerRole
	programRole
	taggedRole // by a template of the engine's: no good name, but it tells strangers
	imageRole  // of a container; the last of the names

	sourceRole  // of a message: in Graylog, the host
	graylogRole // Graylog's own
	unitRole    // of a group of programs, if of one: a job, a stream of logs
	pidRole
	timeRole
	requestRole // it tells of a request: each string of the record is a client's
	linkRole    // of a request where it stands in the record of one; answers of services have it too
	statusRole
	libraryRole  // a program's own logging library wrote it
	levelRole    // some libraries write it as a number of theirs
	variableRole // what HAProxy's log-format shows has names like that
	labelsRole   // "name:value" in strings
	columnsRole
)

// meaning is a role, and how far the name is to be believed beside others of that role.
type meaning struct {
	role role
	rank int
}

// meanings are names without case, signs between words, and what stands before them. They are
// of Elastic's schema, GELF, Google's, Loki's, OpenTelemetry's, Splunk's, and of loggers.
var meanings = map[string]meaning{
	"fullmessage": {textRole, 4}, // GELF: all of which short_message is the beginning
	"message":     {textRole, 3}, "shortmessage": {textRole, 3}, "messagekeyword": {textRole, 3},
	"textpayload": {textRole, 2}, "msg": {textRole, 2}, "body": {textRole, 2}, "log": {textRole, 2}, "rawlog": {textRole, 2}, "rawmessage": {textRole, 2}, "eventmessage": {textRole, 2},
	"line": {textRole, 1}, "text": {textRole, 1}, "event": {textRole, 1}, "raw": {textRole, 1}, "content": {textRole, 1}, "eventoriginal": {textRole, 1}, "original": {textRole, 1},
	"payload": {textRole, 1}, "stdout": {textRole, 1}, "stderr": {textRole, 1}, "lines": {textRole, 1}, "logs": {textRole, 1}, "messages": {textRole, 1}, "entries": {textRole, 1},
	"values": {textRole, 1}, "rows": {textRole, 1}, "result": {textRole, 1}, "results": {textRole, 1}, "events": {textRole, 1},
	"host": {hostRole, 2}, "hostname": {hostRole, 2}, "nodename": {hostRole, 1}, "node": {hostRole, 1}, "computer": {hostRole, 1}, "instance": {hostRole, 1}, "machine": {hostRole, 1},
	"sourcehost": {hostRole, 1}, "logsource": {hostRole, 1}, "source": {sourceRole, 1}, "gl2sourceinput": {graylogRole, 1},
	"pod": {podRole, 1}, "podname": {podRole, 1},
	"container": {containerRole, 1}, "containername": {containerRole, 1},
	"program": {programRole, 3}, "ident": {programRole, 3}, "identifier": {programRole, 3}, "syslogidentifier": {programRole, 3}, "processname": {programRole, 3}, "comm": {programRole, 3},
	"appname": {programRole, 2}, "app": {programRole, 2}, "application": {programRole, 2}, "applicationname": {programRole, 2}, "service": {programRole, 2}, "servicename": {programRole, 2}, "kubernetesname": {programRole, 2},
	"unit": {programRole, 1}, "systemdunit": {programRole, 1}, "facility": {unitRole, 1},
	"job": {unitRole, 1}, "logstreamname": {unitRole, 1}, "logstream": {unitRole, 1},
	"attrstag": {taggedRole, 1}, "attrsname": {taggedRole, 1},
	"pid": {pidRole, 1}, "processpid": {pidRole, 1}, "procid": {pidRole, 1}, "processid": {pidRole, 1},
	"timestamp": {timeRole, 2}, "time": {timeRole, 2}, "timeunixnano": {timeRole, 2}, "ts": {timeRole, 2}, "datetime": {timeRole, 1}, "date": {timeRole, 1}, "eventtime": {timeRole, 1}, "observedtimeunixnano": {timeRole, 1},
	"method": {requestRole, 1}, "httpuseragent": {requestRole, 1}, "useragent": {requestRole, 1}, "ua": {requestRole, 1}, "referer": {requestRole, 1}, "httpreferer": {requestRole, 1}, "referrer": {requestRole, 1},
	"remoteaddr": {requestRole, 1}, "clientip": {requestRole, 1}, "remoteip": {requestRole, 1}, "useragentoriginal": {requestRole, 1}, "headers": {linkRole, 1}, "statuscode": {linkRole, 1}, "requestmethod": {requestRole, 1}, "requesturl": {requestRole, 1},
	"httprequest": {requestRole, 1}, "requesturi": {requestRole, 1}, "urloriginal": {requestRole, 1}, "urlpath": {requestRole, 1}, "cookie": {requestRole, 1}, "cookies": {requestRole, 1}, "xforwardedfor": {requestRole, 1},
	"client": {requestRole, 1}, "clientport": {requestRole, 1}, "srcip": {requestRole, 1}, "srcport": {requestRole, 1}, "frontend": {requestRole, 1}, "frontendname": {requestRole, 1},
	"backend": {requestRole, 1}, "backendname": {requestRole, 1}, "bytesread": {requestRole, 1}, "bytesuploaded": {requestRole, 1}, "httpmethod": {requestRole, 1}, "httpstatus": {requestRole, 1},
	"httpversion": {requestRole, 1}, "sni": {requestRole, 1}, "sslsni": {requestRole, 1}, "sslversion": {requestRole, 1}, "terminationstate": {requestRole, 1},
	"imagename": {imageRole, 1}, "containerimage": {imageRole, 1}, "containerimagename": {imageRole, 1},
	"logger": {libraryRole, 1}, "loggername": {libraryRole, 1}, "caller": {libraryRole, 1}, "originfilename": {libraryRole, 1}, "threadname": {libraryRole, 1}, "level": {levelRole, 1},
	"uri": {linkRole, 1}, "url": {linkRole, 1}, "request": {linkRole, 1}, "status": {statusRole, 1},
	"tags": {labelsRole, 1}, "ddtags": {labelsRole, 1}, "columns": {columnsRole, 1}, "fields": {columnsRole, 1},
}

// bare are names that say nothing without the one of what holds them.
var bare = map[string]bool{"name": true, "id": true, "pid": true, "original": true, "keyword": true, "method": true, "path": true, "tag": true}

// clients are words of names of what a client sends, whatever else the name says.
var clients = map[string]bool{
	"request": true, "req": true, "response": true, "http": true, "query": true, "user": true, "client": true, "header": true, "cookie": true, "agent": true, "uri": true, "url": true,
	"path": true, "referer": true, "commit": true, "mail": true, "email": true, "chat": true, "subject": true, "title": true, "status": true, "search": true, "name": true,
}

// meaningOf reads a name, and the one of the object that holds it.
func meaningOf(holder, name string) meaning {
	if len(name) > 128 {
		return meaning{}
	}
	switch {
	case logVariable(name):
		return meaning{variableRole, 1}
	case name == "_tag": // an additional field of GELF
		return meaning{taggedRole, 1}
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		holder, name = name[:i], name[i+1:]
		holder = holder[strings.LastIndexByte(holder, '.')+1:]
	}
	n := squeezed(name)
	if bare[n] {
		if m, ok := meanings[squeezed(holder)+n]; ok {
			return m
		}
	}
	if m, ok := meanings[n]; ok {
		if m.role == textRole && clientWord(words(holder)) {
			return meaning{} // request.body
		}
		return m
	}
	for _, suffix := range [...]string{"containername", "podname", "useragent"} {
		if strings.HasSuffix(n, suffix) {
			return meanings[suffix] // kubernetes_container_name
		}
	}
	all := words(name)
	if len(all) == 0 || clientWord(all) {
		return meaning{}
	}
	switch all[len(all)-1] {
	case "message", "msg", "log", "line", "lines", "text", "raw", "messages":
		return meaning{textRole, 1}
	}
	return meaning{}
}

func clientWord(all []string) bool {
	for _, w := range all {
		if clients[w] || clients[strings.TrimSuffix(w, "s")] {
			return true
		}
	}
	return false
}

// ofClient says that all in an object, or a list, of this name is what a client sent.
func ofClient(name string) bool {
	for _, w := range words(name) {
		switch strings.TrimSuffix(w, "s") {
		case "request", "req", "header", "cookie":
			return true
		}
	}
	return false
}

// squeezed is a name in lower case, of letters and digits alone.
func squeezed(s string) string {
	b := make([]byte, 0, 32)
	for i := 0; i < len(s) && len(b) < 64; i++ {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			b = append(b, c)
		} else if s[i] >= '0' && s[i] <= '9' || s[i] >= 0x80 {
			b = append(b, s[i])
		}
	}
	return string(b)
}

// words takes a name apart: log_message, rawLog, Log-Line.
func words(s string) (all []string) {
	from := 0
	cut := func(at int) {
		if at > from {
			all = append(all, strings.ToLower(s[from:at]))
		}
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z':
			if i > 0 && s[i-1] >= 'a' && s[i-1] <= 'z' {
				cut(i)
				from = i
			}
		case (c < 'a' || c > 'z') && (c < '0' || c > '9') && c < 0x80:
			cut(i)
			from = i + 1
		}
	}
	cut(len(s))
	return all
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
