package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/outfile"
)

// trimming are the options of hacrash trim.
type trimming struct {
	output, tempDir string
	force           bool
	files           fileFlags
}

func (p *program) trim() *cobra.Command {
	var o trimming
	cmd := &cobra.Command{
		Use:   "trim CORE -o SMALL",
		Short: "Make a small core that can be handed over",
		Long: `Writes a core that debuggers open as they do the original, with the same threads,
frames and modules, and without what clients sent, keys and configuration. Of memory
only pointers, small numbers and arguments of the calls on the stacks are kept; other
words become 0xbdbdbdbdbdbdbdbd. Vector registers are dropped. Names of files stay.

Run it where the core was made: the files of the process tell which bytes are needed.
The result is checked before it is written, mode 0600.

Exit status: 0 written, 1 failed, 2 usage.`,
		Example: `  hacrash trim core.1234 -o small.core
  coredumpctl dump haproxy | hacrash trim - -o small.core`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runTrim(cmd.Context(), args, &o) },
	}
	fl := cmd.Flags()
	fl.StringVarP(&o.output, "output", "o", "", "`FILE` to write")
	fl.BoolVar(&o.force, "force", false, "replace a file that is there")
	fl.StringVar(&o.tempDir, "temp-dir", "", "`DIRECTORY` for the temporary copy of a compressed core")
	o.files.add(fl)
	return cmd
}

func (p *program) runTrim(ctx context.Context, names []string, o *trimming) error {
	if o.output == "" {
		return usageError{errors.New("trim: name the file to write with -o")}
	}
	inputs := names
	if o.files.exe != "" {
		inputs = append([]string{o.files.exe}, names...)
	}
	out, err := outfile.Open(o.output, outfile.Streams{Stdin: p.stdin, Stdout: p.stdout, Inputs: inputs})
	if err != nil {
		err = fmt.Errorf("--output %w", err)
		if errors.As(err, new(*outfile.PlaceError)) {
			err = usageError{err}
		}
		return err
	}
	if st, err := os.Stat(o.output); err == nil && st.Mode().IsRegular() && !o.force {
		return usageError{fmt.Errorf("--output %s: the file exists; name another one, or give --force", o.output)}
	}
	modules, done, err := o.files.options(nil)
	if err != nil {
		return err
	}
	defer done()
	small, err := analyze.Trim(ctx, analyze.Options{Names: names, Stdin: p.stdin, TempDir: o.tempDir, Modules: modules})
	if err != nil {
		return err
	}
	for _, problem := range small.Problems {
		fmt.Fprintln(p.stderr, "hacrash: "+problem)
	}
	_, err = out.Write(small.Bytes)
	return errors.Join(err, out.Close(err == nil))
}
