package postmortem

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/elfcore"
)

// Object is the post_mortem object of a core.
type Object struct {
	crash.PostMortem
	// Node is the machine's name in the network; PID that of the process when it filled
	// the object.
	Node string
	PID  int
	// Arguments are those that the process was started with; nil if one of them cannot
	// be read.
	Arguments []string
	// Pointers lead to HAProxy's central variables.
	Pointers []Pointer
}

// Pointer is a variable of HAProxy's that the object leads to: thread_ctx, proxies, …
type Pointer struct {
	Name    string
	Address uint64 // runtime
}

const (
	maxComponents = 64
	componentSize = 96 // char name[32], version[32]; char *toolchain, *opts, *settings, *path
	maxArgument   = 4 << 10
)

// What tells where the members of an object lie.
const (
	byLayout = "known layout"
	byTypes  = "debug data"
)

// objectReader reads an object by its layout.
type objectReader struct {
	c  *elfcore.Core
	r  reader
	at uint64
	b  []byte
	l  layout
}

// readObject reads the object at an address: with the layout l, which by says what told,
// or without one with the first known one that makes sense. nil if it is none.
func readObject(c *elfcore.Core, at uint64, l layout, by string) *Object {
	size := objectSize
	for _, at := range l {
		size = max(size, at+pmField)
	}
	o := objectReader{c: c, r: reader{c: c}, at: at, b: make([]byte, size), l: l}
	n, _ := c.ReadMemory(o.b, at)
	o.b = o.b[:n]
	if l != nil {
		return o.object(by)
	}
	all := members()
	for _, b := range builds() {
		if o.l = layoutOf(b, all); o.fits() {
			return o.object(byLayout)
		}
	}
	return nil
}

// bytes of a member; nil if the version has none, or memory ends before it.
func (o *objectReader) bytes(name string, size int) []byte {
	at, ok := o.l[name]
	if !ok || at < 0 || at > len(o.b)-size {
		return nil
	}
	return o.b[at : at+size]
}

func (o *objectReader) text(name string, size int) string {
	b := o.bytes(name, size)
	if b == nil {
		return ""
	}
	return field(b)
}

func (o *objectReader) pointer(name string) uint64 {
	b := o.bytes(name, 8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (o *objectReader) number(name string) (uint32, bool) {
	b := o.bytes(name, 4)
	if b == nil {
		return 0, false
	}
	return binary.LittleEndian.Uint32(b), true
}

// fits says whether the members make sense where the layout has them: nine pointers
// into the executable in a row are no accident.
func (o *objectReader) fits() bool {
	m := o.c.MainModule()
	if m == nil {
		return false
	}
	for _, name := range pointers() {
		if p := o.pointer(name); p < m.Start || p >= m.End {
			return false
		}
	}
	argv, argc := o.pointer("process.argv"), o.bytes("process.argc", 1)
	if argc == nil || argc[0] == 0 || argv%8 != 0 || o.c.Segment(argv) == nil {
		return false
	}
	n, ok := o.number("nb_components")
	components := o.pointer("components")
	return ok && n <= maxComponents && (n == 0 || components%8 == 0 && o.c.Segment(components) != nil)
}

// start reads the platform and the pid; nil if there is no platform.
func (o *objectReader) start() *Object {
	x := &Object{PostMortem: crash.PostMortem{Address: crash.Addr(o.at), Platform: o.platform()}}
	if x.Platform.OS == "" || x.Platform.Release == "" || x.Platform.Machine == "" {
		return nil
	}
	if x.Node = o.text("platform.utsname.nodename", utsField); x.Node == "(none)" {
		x.Node = ""
	}
	pid, _ := o.number("process.pid")
	x.PID = int(int32(pid))
	return x
}

func (o *objectReader) object(by string) *Object {
	x := o.start()
	if x == nil {
		return nil
	}
	x.By = by
	x.Boot = o.conditions("boot")
	x.Run = o.conditions("run")
	x.Arguments = o.arguments()
	why := ""
	if x.Components, why = o.components(); why != "" {
		x.Unavailable = append(x.Unavailable, why)
	}
	for _, name := range pointers() {
		if p := o.pointer(name); p != 0 {
			x.Pointers = append(x.Pointers, Pointer{name, p})
		}
	}
	return x
}

func (o *objectReader) platform() *crash.Platform {
	uts := func(name string) string { return o.text("platform.utsname."+name, utsField) }
	p := &crash.Platform{
		OS: uts("sysname"), Release: uts("release"), Build: uts("version"), Machine: uts("machine"),
		Distribution:   o.text("platform.distro", pmField),
		VirtualMachine: o.text("platform.virt_techno", pmTechno),
		Container:      o.text("platform.cont_techno", pmTechno),
	}
	into := [...]*string{&p.HardwareVendor, &p.HardwareFamily, &p.HardwareModel, &p.BoardVendor, &p.BoardModel, &p.SoCVendor, &p.SoCModel, &p.CPU}
	for i, name := range hardware() {
		*into[i] = o.text(name, pmField)
	}
	return p
}

// conditions are those of the time of boot or run; nil if the version keeps none.
func (o *objectReader) conditions(when string) *crash.Conditions {
	c := &crash.Conditions{
		UID:          o.id("process." + when + "_uid"),
		GID:          o.id("process." + when + "_gid"),
		Files:        o.limit("process." + when + "_lim_fd"),
		Memory:       o.limit("process." + when + "_lim_ram"),
		Capabilities: o.capabilities(when),
	}
	if c.Files == nil { // then its user and group are not filled in either
		return nil
	}
	return c
}

func (o *objectReader) id(name string) *int64 {
	v, ok := o.number(name)
	if !ok {
		return nil
	}
	n := int64(v)
	return &n
}

// limit reads a struct rlimit of a Linux of 64 bits.
//
// Folklore: those of run time are all zero in a process that never came to serve.
func (o *objectReader) limit(name string) *crash.Limit {
	b := o.bytes(name, 16)
	if b == nil {
		return nil
	}
	soft, hard := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if soft == 0 && hard == 0 {
		return nil
	}
	return &crash.Limit{Soft: limitText(soft), Hard: limitText(hard)}
}

func limitText(n uint64) string {
	if n == 1<<64-1 { // RLIM_INFINITY
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}

// capabilities reads two struct __user_cap_data_struct, the low words first
// (include/uapi/linux/capability.h).
func (o *objectReader) capabilities(when string) *crash.Capabilities {
	b := o.bytes("process.caps."+when, 24)
	failed, ok := o.number("process.caps.err_" + when)
	if b == nil || !ok {
		return nil
	}
	set := func(i int) crash.Addr {
		return crash.Addr(binary.LittleEndian.Uint32(b[4*i:])) | crash.Addr(binary.LittleEndian.Uint32(b[12+4*i:]))<<32
	}
	return &crash.Capabilities{Effective: set(0), Permitted: set(1), Inheritable: set(2), Error: int(int32(failed))}
}

func (o *objectReader) arguments() []string {
	argc, argv := o.bytes("process.argc", 1), o.pointer("process.argv")
	if argc == nil || argv == 0 {
		return nil
	}
	list := make([]byte, 8*int(argc[0]))
	if n, _ := o.c.ReadMemory(list, argv); n < len(list) {
		return nil
	}
	var out []string
	for ; len(list) > 0; list = list[8:] {
		text, ok := o.string(binary.LittleEndian.Uint64(list), maxArgument)
		if !ok {
			return nil
		}
		out = append(out, text)
	}
	return out
}

// string reads a text that a pointer leads to; false if it is not whole.
func (o *objectReader) string(p uint64, limit int) (string, bool) {
	if p == 0 {
		return "", false
	}
	text := o.r.from(p, limit)
	end := o.r.read(p+uint64(len(text)), 1)
	return text, len(end) == 1 && end[0] == 0
}

// components reads the list of what the process is made of; why says where it ended
// early.
func (o *objectReader) components() (out []crash.Component, why string) {
	n, _ := o.number("nb_components")
	p := o.pointer("components")
	if n > maxComponents || p == 0 {
		return nil, ""
	}
	b := make([]byte, componentSize)
	for i := range uint64(n) {
		if _, err := o.c.ReadMemory(b, p+i*componentSize); err != nil {
			return out, "components: " + reason(err)
		}
		x := crash.Component{Name: field(b[:32]), Version: field(b[32:64])}
		if x.Name == "" {
			return out, "components: overwritten"
		}
		for k, into := range [...]*string{&x.Compiler, &x.CompilerFlags, &x.Build, &x.Path} {
			text, _ := o.string(binary.LittleEndian.Uint64(b[64+8*k:]), maxArgument)
			*into = strings.TrimSpace(text)
		}
		out = append(out, x)
	}
	return out, ""
}
