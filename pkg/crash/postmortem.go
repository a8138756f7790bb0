package crash

// PostMortem is what HAProxy keeps in its memory for whoever reads its core: the
// post_mortem object (src/debug.c, since 3.1 and by backport in 3.0).
type PostMortem struct {
	Address Addr `json:"address,omitzero"`
	// By says what told where its members lie: "debug data", or the "known layout" of a
	// version; empty when only the platform could be told.
	By       string    `json:"by,omitempty"`
	Platform *Platform `json:"platform,omitempty"`
	// Boot is how the process was started, Run what it made of that before it served.
	// 3.0 has the former only.
	Boot *Conditions `json:"boot,omitempty"`
	Run  *Conditions `json:"run,omitempty"`
	// Components are HAProxy itself and what it was linked with that told of itself.
	Components []Component `json:"components,omitempty"`
	// Unavailable says what could not be read, and why.
	Unavailable []string `json:"unavailable,omitempty"`
}

// Platform is the machine and its system. The name of the machine is left out.
type Platform struct {
	OS             string `json:"os,omitempty"`
	Release        string `json:"release,omitempty"`
	Build          string `json:"build,omitempty"`
	Machine        string `json:"machine,omitempty"`
	Distribution   string `json:"distribution,omitempty"`
	HardwareVendor string `json:"hardware_vendor,omitempty"`
	HardwareFamily string `json:"hardware_family,omitempty"`
	HardwareModel  string `json:"hardware_model,omitempty"`
	BoardVendor    string `json:"board_vendor,omitempty"`
	BoardModel     string `json:"board_model,omitempty"`
	SoCVendor      string `json:"soc_vendor,omitempty"`
	SoCModel       string `json:"soc_model,omitempty"`
	CPU            string `json:"cpu,omitempty"`
	VirtualMachine string `json:"virtual_machine,omitempty"` // its technology, "yes" or "no"
	Container      string `json:"container,omitempty"`       // as VirtualMachine
}

// Conditions are what a process is and may.
type Conditions struct {
	UID    *int64 `json:"uid,omitempty"`
	GID    *int64 `json:"gid,omitempty"`
	Files  *Limit `json:"files,omitempty"`  // RLIMIT_NOFILE
	Memory *Limit `json:"memory,omitempty"` // RLIMIT_DATA, in bytes
	// Capabilities is nil for a build without USE_LINUX_CAP.
	Capabilities *Capabilities `json:"capabilities,omitempty"`
}

// Limit is a resource limit: numbers, or "unlimited".
type Limit struct {
	Soft string `json:"soft"`
	Hard string `json:"hard"`
}

// Capabilities are sets of capability(7), bit 0 first.
type Capabilities struct {
	Effective   Addr `json:"effective"`
	Permitted   Addr `json:"permitted"`
	Inheritable Addr `json:"inheritable"`
	// Error is the errno of capget(2); there are no sets then.
	Error int `json:"error,omitempty"`
}

// Component is a piece of software within the process.
type Component struct {
	Name          string `json:"name"`
	Version       string `json:"version,omitempty"`
	Compiler      string `json:"compiler,omitempty"`
	CompilerFlags string `json:"compiler_flags,omitempty"`
	Build         string `json:"build,omitempty"` // its settings: TARGET=… USE_…
	Path          string `json:"path,omitempty"`
}

// Counter is a place in HAProxy's code that counts how often it was reached, and was
// (since 3.1 and by backport in 3.0).
type Counter struct {
	// Type is BUG_ON, WARN_ON, CHECK_IF, COUNT_IF, GLITCH or ABORT_NOW. WARN_ON is of its own since 3.5
	// only: before that it counts as BUG_ON.
	Type     string `json:"type"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Function string `json:"function,omitempty"`
	// Condition is empty for a GLITCH, which has none.
	Condition string `json:"condition,omitempty"`
	Message   string `json:"message,omitempty"`
	Count     int64  `json:"count"`
	// Address is that of the counter.
	Address Addr `json:"address,omitzero"`
}

// Ring is a buffer of messages: traces, logs, what was said while starting.
type Ring struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Address     Addr   `json:"address,omitzero"`
	// Size and Used in bytes.
	Size uint64 `json:"size,omitempty"`
	Used uint64 `json:"used,omitempty"`
	// Unavailable is why no more is known of it.
	Unavailable string `json:"unavailable,omitempty"`
}
