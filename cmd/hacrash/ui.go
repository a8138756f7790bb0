package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/hacrash/hacrash/pkg/fault"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/report"
)

// What the user sees, and where:
//
//   - Results go to stdout, everything else to stderr.
//   - An error is one line, "hacrash: name: what is wrong; what to do", lower
//     case, without a final period, and never a stack trace. A bug of ours is
//     such an error, too: HACRASH_DEBUG in the environment adds where it was.
//   - Exit status: see the constants below. docs/manual.md has the same table.
//   - A progress line is drawn on stderr only when it is a terminal and the
//     work takes over a second; nothing of it is left behind.

// Exit statuses.
const (
	exitOK      = 0 // at least one crash was analysed
	exitFailed  = 1 // unreadable, not ours, internal; with --strict also: something was missing
	exitUsage   = 2 // wrong options or arguments
	exitNoCrash = 3 // the input holds no crash
)

// usageError is an error in how the program was called.
type usageError struct{ error }

// complain prints an error as the rules above ask. It may be a joined one. Errors quote
// what they were given, secrets too.
func complain(w io.Writer, err error) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			complain(w, e)
		}
		return
	}
	if in := fault.Of(err); in != nil && os.Getenv("HACRASH_DEBUG") != "" {
		defer fmt.Fprintf(w, "%s\n", in.Stack)
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	fmt.Fprintf(w, "hacrash: %s\n", report.Escape(redact.Message(text)))
	if errors.As(err, new(usageError)) {
		fmt.Fprintln(w, "hacrash: see hacrash --help")
	}
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// width is the terminal's, or 80.
func width(w any) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n >= 40 {
			return n
		}
	}
	return 80
}
