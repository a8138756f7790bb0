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
	stacks
	jsonText
	header      bool // its line was read
	name, path  string
	time        string
	pid         int
	signal      *crash.Signal
	address     *crash.Addr
	crashed     *stack
	faulty      int
	images      []ipsImage
	image       map[*stack][]int // of each frame
	row         int64
	application string
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

func (b *ips) line(text string, number int64) verdict {
	if b.row == 0 {
		b.row = number
	}
	if !b.header {
		b.header = true
		b.application, b.time, _ = ipsHeader(strings.TrimSpace(text))
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

func (b *ips) read() {
	b.faulty = -1
	b.image = map[*stack][]int{}
	var at *stack
	var f *crash.Frame
	image := 0
	put := func() {
		if at != nil && f != nil {
			if before := len(at.frames); before < maxFrames {
				if b.append(at, *f); len(at.frames) > before {
					b.image[at] = append(b.image[at], image)
				}
			}
		}
		f, image = nil, 0
	}
	b.walk(func(p jsonPath) {
		switch {
		case p.is("threads", "[]"):
			put()
			at = b.add(&stack{number: len(b.all), listed: true})
		case p.is("threads", "[]", "frames", "[]"):
			put()
			f = &crash.Frame{Trust: crash.TrustPrinted, Where: lex.Where(b.row)}
		case p.is("usedImages", "[]"):
			if len(b.images) < maxImages {
				b.images = append(b.images, ipsImage{})
			}
		}
	}, func(p jsonPath, v any) {
		switch {
		case len(p) == 5 && f != nil && p[:4].is("threads", "[]", "frames", "[]"):
			switch p[4] {
			case "imageIndex":
				image = int(jsonInt(v))
			default:
				ipsFrame(f, p[4], v)
			}
		case len(p) == 3 && at != nil && p[:2].is("threads", "[]"):
			if is, _ := v.(bool); p[2] == "triggered" && is && b.crashed == nil {
				b.crashed = at
			} else if p[2] == "name" {
				at.name = lex.Clip(jsonString(v), 64)
			}
		case len(p) == 3 && len(b.images) > 0 && p[:2].is("usedImages", "[]"):
			last := &b.images[len(b.images)-1]
			if p[2] == "name" {
				last.name = jsonString(v)
			} else if p[2] == "base" {
				last.base = uint64(jsonInt(v))
			}
		default:
			b.fact(p, v)
		}
	})
	put()
}

func ipsFrame(f *crash.Frame, key string, v any) {
	switch key {
	case "imageOffset":
		f.ModuleOffset = crash.Addr(jsonInt(v))
	case "symbolLocation":
		f.Offset = uint64(max(jsonInt(v), 0))
	case "sourceFile":
		f.File = jsonString(v)
	case "sourceLine":
		f.Line = int(min(max(jsonInt(v), 0), 1<<31-1))
	case "symbol":
		if name := jsonString(v); lex.Identifier(name) > 0 {
			f.Symbol, f.Function = name, name
			f.Signal = name == "_sigtramp"
		}
	}
}

func (b *ips) fact(p jsonPath, v any) {
	switch {
	case p.is("pid"):
		b.pid = int(min(max(jsonInt(v), 0), 1<<31-1))
	case p.is("procName"):
		b.name = jsonString(v)
	case p.is("procPath"):
		b.path = jsonString(v)
	case p.is("captureTime"):
		b.time = lex.Clip(jsonString(v), 64)
	case p.is("faultingThread"):
		b.faulty = int(jsonInt(v))
	case p.is("exception", "signal"):
		if n := signals.Number(jsonString(v)); n != 0 {
			b.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
		}
	case p.is("exception", "type"):
		if n := machException(jsonString(v), ""); n != 0 && b.signal == nil {
			b.signal = &crash.Signal{Number: n, Name: signals.Name(n)}
		}
	case p.is("exception", "subtype"):
		if _, at, ok := strings.Cut(jsonString(v), " at 0x"); ok {
			if a, _, ok := lex.Addr("0x" + at); ok {
				b.address = &a
			}
		}
	}
}

func (b *ips) programs() ([]string, bool) { return []string{b.name, b.application, b.path}, true }

func (b *ips) finish(r *Result) {
	b.read()
	r.PID, r.Comm, r.Time = b.pid, b.name, b.time
	if strings.HasPrefix(b.path, "/") {
		r.Executable = b.path
	}
	if r.Signal = b.signal; r.Signal != nil && r.Signal.Number != 6 {
		r.Signal.Address = b.address
	}
	for s, images := range b.image {
		for i, n := range images {
			if n >= 0 && n < len(b.images) && i < len(s.frames) {
				s.frames[i].Module = b.images[n].name
				s.frames[i].Address = crash.Addr(b.images[n].base) + s.frames[i].ModuleOffset
			}
		}
	}
	faulty := b.crashed
	if faulty == nil && b.faulty >= 0 && b.faulty < len(b.all) {
		faulty = b.all[b.faulty]
	}
	if faulty != nil && len(faulty.frames) == 0 {
		faulty = nil
	}
	r.Threads = b.threads(faulty)
	judge(r, faulty, b.all)
}
