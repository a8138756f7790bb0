package host

import (
	"cmp"
	"io"
	"syscall"

	"github.com/hacrash/hacrash/pkg/advice"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// Schema names the form of Result in JSON: docs/schema/doctor.schema.json.
const Schema = "hacrash.doctor/1"

// State is what a finding comes to.
type State string

// States of a finding.
const (
	OK      State = "ok"
	Problem State = "problem"
	Unknown State = "unknown"
)

// Finding is one thing that decides what a crash leaves.
type Finding struct {
	ID    string `json:"id"`
	State State  `json:"state"`
	// Says is what was found; of Unknown, why it cannot be told.
	Says string `json:"says"`
	// Command mends it, and Costs is what that costs.
	Command string `json:"command,omitempty"`
	Costs   string `json:"costs,omitempty"`
}

// Result is what hacrash doctor prints as JSON. Fields are added and never renamed.
type Result struct {
	Schema string `json:"schema"`
	// System is how the machine calls its distribution, PID the HAProxy that was looked at.
	System   string    `json:"system,omitempty"`
	PID      int       `json:"pid,omitempty"`
	Problems int       `json:"problems"`
	Findings []Finding `json:"findings"`
	// Version is that of the executable, empty if it does not tell.
	Version haproxy.Version `json:"-"`
	// Configs are the files of the configuration that were looked at.
	Configs []string `json:"-"`
}

// Add appends a finding.
func (r *Result) Add(f Finding) {
	r.Findings = append(r.Findings, f)
	if f.State == Problem {
		r.Problems++
	}
}

// Options say where to look.
type Options struct {
	Root string // "" is this machine's
	// PID is the HAProxy to look at; 0 looks for one.
	PID int
	// Configs are files of its configuration, named as for haconf.Read.
	Configs []string
	Stdin   io.Reader

	free func(path string) (uint64, error) // for tests: room on a disk
}

// host is what was gathered of a machine.
type host struct {
	tree
	system   string
	pattern  pattern
	process  *process // nil if there is none
	absent   string   // why
	settings *haconf.Settings
	unread   string // why the configuration was not read
	configs  []string
	unit     ini
	free     func(path string) (uint64, error)
}

// Examine looks at a machine. It fails only if a file that was named cannot be read.
func Examine(o Options) (*Result, error) {
	h, err := gather(o)
	if err != nil {
		return nil, err
	}
	out := &Result{Schema: Schema, System: h.system, Findings: []Finding{}, Configs: h.configs, Version: h.version()}
	if h.process != nil {
		out.PID = h.process.pid
	}
	for _, check := range checks {
		for _, f := range check.look(h) {
			f.ID = cmp.Or(f.ID, check.id)
			out.Add(f)
		}
	}
	return out, nil
}

func gather(o Options) (*host, error) {
	h := &host{tree: tree(cmp.Or(o.Root, "/")), free: o.free, system: advice.System(o.Root)}
	if h.free == nil {
		h.free = room
	}
	h.pattern = h.readPattern()
	if err := h.findProcess(o.PID); err != nil {
		return nil, err
	}
	h.unit = h.settingsOf("Service", "systemd/system", "haproxy.service")
	return h, h.configure(o)
}

// usualConfig is where packages have it.
const usualConfig = "etc/haproxy/haproxy.cfg"

func (h *host) configure(o Options) (err error) {
	names := o.Configs
	if len(names) == 0 {
		names = []string{h.path(usualConfig)}
	}
	h.configs = names
	h.settings, err = haconf.ReadSettings(names, o.Stdin)
	if err != nil && len(o.Configs) > 0 {
		return err
	}
	if err != nil {
		h.settings, h.unread = nil, "the configuration was not read: "+err.Error()
	}
	return nil
}

// room is what a user other than root may still write.
func room(path string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(path, &st); err != nil {
		return 0, err
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil // the first is signed on FreeBSD
}

func ok(says string) []Finding      { return []Finding{{State: OK, Says: says}} }
func unknown(says string) []Finding { return []Finding{{State: Unknown, Says: says}} }

func problem(says, command, costs string) []Finding {
	return []Finding{{State: Problem, Says: says, Command: command, Costs: costs}}
}
