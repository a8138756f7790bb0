package oracle

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Thread is a thread and its stack.
type Thread struct {
	// LWP is the kernel's thread id.
	LWP int `json:"lwp"`
	// Frames begin with the innermost.
	Frames []Frame `json:"frames"`
	// Stop is why there are no more, in gdb's words; empty is the regular end.
	Stop string `json:"stop"`
}

// Frame is one line of a backtrace.
type Frame struct {
	Number int `json:"number"`
	// PC is the runtime address: for a caller, the one it returns to. Frames
	// without a place of their own on the stack have that of the frame they are
	// in; 0 is not known.
	PC uint64 `json:"pc"`
	// Function is empty if there is no name.
	Function string `json:"function"`
	// File is as the debug data have it, Line 0 if not known.
	File string `json:"file"`
	Line int    `json:"line"`
	Args []Arg  `json:"args"`
	// Locals are variables, those of the innermost block first.
	Locals []Arg `json:"locals"`
	// Signal is a frame that the kernel made to call a handler.
	Signal bool `json:"signal"`
	// Inline is a function inlined in the next one.
	Inline bool `json:"inline"`
	// TailCall is a function that ended with a jump to the previous one, told by
	// call sites alone.
	TailCall bool `json:"tailcall"`
	// Object is the file of the library or executable; empty if not known.
	Object string `json:"object"`
	// Text is how the oracle printed it; of ours, anything.
	Text string `json:"text"`
}

// Arg is an argument of a function. Values are as gdb prints them, but an enum is
// "-7 (BLUE)", a pointer has no symbol behind it, and what cannot be told is in
// angle brackets: "<optimized out>".
type Arg struct {
	Name string `json:"name"`
	// Value is what it is now.
	Value string `json:"value"`
	// Entry is what it was when the function was called; empty if not known.
	Entry string `json:"entry"`
}

// String gives the frame as a line of a backtrace.
func (f Frame) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#%d %#x ", f.Number, f.PC)
	for _, mark := range []struct {
		set  bool
		text string
	}{{f.Signal, "<signal> "}, {f.Inline, "[inline] "}, {f.TailCall, "[tail call] "}} {
		if mark.set {
			b.WriteString(mark.text)
		}
	}
	b.WriteString(f.Function + "(")
	for i, a := range f.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.Name + "=" + a.Value)
		if a.Entry != "" {
			b.WriteString(", " + a.Name + "@entry=" + a.Entry)
		}
	}
	b.WriteString(")")
	if f.Line > 0 {
		fmt.Fprintf(&b, " at %s:%d", filepath.Base(f.File), f.Line)
	}
	return b.String()
}

// Physical returns the frames that have a place of their own on the stack.
func Physical(frames []Frame) []Frame {
	var physical []Frame
	for _, f := range frames {
		if !f.Inline && !f.TailCall {
			physical = append(physical, f)
		}
	}
	return physical
}

// Find returns the thread with an LWP; a thread without frames if there is none.
func Find(threads []Thread, lwp int) Thread {
	for _, t := range threads {
		if t.LWP == lwp {
			return t
		}
	}
	return Thread{LWP: lwp}
}
