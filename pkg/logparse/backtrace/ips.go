package backtrace

import (
	"encoding/json"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
	"github.com/hacrash/hacrash/pkg/signals"
)

// ips reads a crash report of macOS since 12 as it lies in DiagnosticReports: a line of JSON
// that says what the report is, and an object in many lines.
//
//	{"app_name":"haproxy","timestamp":"2023-10-19 04:41:44.00 +0000","bug_type":"309","os_version":"macOS 14.0", …}
//	{
//	  "pid" : 25509,
//	  "procName" : "haproxy",
//	  "exception" : {"codes":"0x0000000000000001, 0x0000000000000018","type":"EXC_BAD_ACCESS","signal":"SIGSEGV","subtype":"KERN_INVALID_ADDRESS at 0x0000000000000018"},
//	  "threads" : [{"triggered":true,"id":1,"frames":[{"imageOffset":72492,"symbol":"process_stream","symbolLocation":1234,"imageIndex":0}]}],
//	  "usedImages" : [{"base":4295622656,"path":"\/opt\/homebrew\/*\/haproxy","name":"haproxy"}]
//	}
type ips struct {
	jsonReport
	machFault
	header bool // its line was read
	faulty int
	images []ipsImage
}

type ipsImage struct {
	name string
	base uint64
}

const maxImages = 4096

// ipsHeader reads the first line.
func ipsHeader(t string) (name, time string, ok bool) {
	if !jsonKey(t, "app_name") || !strings.Contains(t, `"bug_type"`) || len(t) > 8192 {
		return "", "", false
	}
	var h struct {
		Name string `json:"app_name"`
		Time string `json:"timestamp"`
	}
	if json.Unmarshal([]byte(t), &h) != nil {
		return "", "", false
	}
	return lex.Clip(h.Name, 255), lex.Clip(h.Time, 64), true
}

func opensIPS(t string) bool {
	_, _, ok := ipsHeader(t)
	return ok
}

func (b *ips) line(text string, _ int64) verdict {
	if !b.header {
		b.header = true
		var name string
		name, b.Time, _ = ipsHeader(strings.TrimSpace(text))
		b.names = []string{name}
		return member
	}
	if b.depth == 0 && b.text.Len() == 0 && !strings.HasPrefix(text, "{") {
		if text == "" {
			return blank
		}
		return over
	}
	if !b.jsonText.line(text) {
		return over
	}
	return member
}

func (b *ips) finish() *stack {
	b.faulty = -1
	b.walk(func(p jsonPath) {
		if p.is("usedImages", "[]") && len(b.images) < maxImages {
			b.images = append(b.images, ipsImage{})
		}
	}, b.fact)
	b.readThreads("threads", func(t *stack, key string, v any) {
		if is, _ := v.(bool); key == "triggered" && is && b.crashed == nil {
			b.crashed = t
		} else if key == "name" {
			t.name = lex.Clip(jsonString(v), 64)
		}
	}, b.frame)
	for i, t := range b.all {
		t.number = i
	}
	b.names, b.Heads = append(b.names, b.Comm, b.Executable), true
	if b.crashed == nil && b.faulty >= 0 && b.faulty < len(b.all) {
		b.crashed = b.all[b.faulty]
	}
	return b.end(&b.reading, b.crashed)
}

// frame reads a value of a frame; its image stands in the list of them.
func (b *ips) frame(f *crash.Frame, key string, v any) {
	switch key {
	case "imageOffset":
		f.ModuleOffset = crash.Addr(jsonInt(v))
		f.Address += f.ModuleOffset
	case "imageIndex":
		if n := jsonInt(v); n >= 0 && n < int64(len(b.images)) {
			f.Module = b.images[n].name
			f.Address += crash.Addr(b.images[n].base)
		}
	case "symbolLocation":
		f.Offset = uint64(max(jsonInt(v), 0))
	case "sourceFile":
		f.File = jsonString(v)
	case "sourceLine":
		f.Line = jsonCount(v)
	case "symbol":
		if name := jsonString(v); lex.Identifier(name) > 0 {
			setName(f, name)
		}
	}
}

func (b *ips) fact(p jsonPath, v any) {
	switch {
	case p.is("pid"):
		b.PID = jsonCount(v)
	case p.is("procName"):
		b.Comm = jsonString(v)
	case p.is("procPath"):
		b.Executable = jsonString(v)
	case p.is("captureTime"):
		b.Time = lex.Clip(jsonString(v), 64)
	case p.is("faultingThread"):
		b.faulty = int(jsonInt(v))
	case len(p) == 3 && p[0] == "asi":
		if forkChild(jsonString(v)) {
			b.Detail = objcFork
		}
	case len(p) == 2 && p[0] == "exception":
		b.exception(p[1], jsonString(v))
	case len(p) == 3 && len(b.images) > 0 && p[:2].is("usedImages", "[]"):
		last := &b.images[len(b.images)-1]
		if p[2] == "name" {
			last.name = jsonString(v)
		} else if p[2] == "base" {
			last.base = uint64(jsonInt(v))
		}
	}
}

func (b *ips) exception(key, v string) {
	switch n := 0; key {
	case "signal":
		if n = signals.Number(v); n != 0 {
			b.signal = n
		}
	case "type":
		if n = machException(v, ""); b.signal == 0 {
			b.signal = n
		}
	case "subtype":
		b.faultAt(v)
	}
}

// jsonCount reads a number of a process or a line.
func jsonCount(v any) int { return int(min(max(jsonInt(v), 0), 1<<31-1)) }
