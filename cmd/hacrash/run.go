package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/fault"
)

// program is one run of the command line.
type program struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	code   int
}

// Run runs the command line and returns the exit status.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr}
	root := p.root()
	root.SetArgs(countBack(root, args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := fault.Catch(func() error { return root.ExecuteContext(ctx) })
	switch {
	case err == nil:
		return p.code
	case errors.Is(err, context.Canceled):
		complain(stderr, errors.New("interrupted"))
		return exitFailed
	case errors.As(err, new(usageError)):
		complain(stderr, err)
		return exitUsage
	}
	complain(stderr, err)
	return exitFailed
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "hacrash",
		Short: "Say why HAProxy crashed, and what to do",
		Long: `hacrash reads what a crashed HAProxy leaves behind, log lines and ELF cores,
and says what happened, whether the bug is known, whether the version at hand
has the fix, and what to do. hacrash analyze is the command for that; the others
look at what it rests on: objects in a core, flags, known bugs and fixes.

Results go to stdout, all else to stderr. No server is asked unless one is named,
and what was read is shown without secrets unless an option asks for them.

Exit status: 0 a crash was analysed, 1 failed, 2 usage, 3 no crash found.
Environment: DEBUGINFOD_URLS, NO_COLOR; HACRASH_DEBUG=1 adds to an internal error
where it was.`,
		Example: `  hacrash analyze core.1234
  journalctl -u haproxy -o json | hacrash analyze
  hacrash flags sc 0x60002 --haproxy-version 3.2-dev5
  hacrash bugs affects 2.8.3`,
		Version: versionString(),
		Args:    commandsOnly,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError{errors.New("no command given; hacrash analyze FILE is the main one")}
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(meant)
	root.SetVersionTemplate("hacrash {{.Version}}\n")
	root.AddCommand(p.analyze(), p.bugReport(), p.doctor(), p.list(), p.watch(), p.inspect(), p.trim(), p.flags(), p.bugs(), p.version())
	wrapArgs(root)
	return root
}

// wrapArgs makes a wrong number of arguments a usage error everywhere.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}
