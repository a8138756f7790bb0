package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/bundle"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/module"
	"github.com/hacrash/hacrash/pkg/outfile"
	"github.com/hacrash/hacrash/pkg/report"
	"github.com/hacrash/hacrash/pkg/trim"
)

// trimming are the options of hacrash trim.
type trimming struct {
	output, bundle, tempDir string
	force                   bool
	files                   fileFlags
}

func (p *program) trim() *cobra.Command {
	var o trimming
	cmd := &cobra.Command{
		Use:   "trim CORE (-o SMALL | --bundle FILE.tar.zst)",
		Short: "Make a small core that can be handed over",
		Long: `Writes a core that debuggers open as they do the original, with the same threads,
frames and modules, and without what clients sent, keys and configuration. Of memory
only pointers, small numbers and arguments of the calls on the stacks are kept; other
words become 0xbdbdbdbdbdbdbdbd. Vector registers are dropped. The report of the
original goes into it, without secrets. Names of files stay.

With --bundle the core goes into an archive with reports, and with slim copies of the
files on the stacks, for those who have no such HAProxy. hacrash analyze opens both.

Run it where the core was made: the files of the process tell which bytes are needed.
The result is checked before it is written, mode 0600.

Exit status: 0 written, 1 failed, 2 usage.`,
		Example: `  hacrash trim core.1234 -o small.core
  hacrash trim core.1234 --bundle crash.tar.zst
  coredumpctl dump haproxy | hacrash trim - -o small.core`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.runTrim(cmd.Context(), args, &o) },
	}
	fl := cmd.Flags()
	fl.StringVarP(&o.output, "output", "o", "", "`FILE` to write")
	fl.StringVar(&o.bundle, "bundle", "", "write an archive, `FILE`.tar.zst")
	fl.BoolVar(&o.force, "force", false, "replace a file that is there")
	fl.StringVar(&o.tempDir, "temp-dir", "", "`DIRECTORY` for the temporary copy of a compressed core")
	o.files.add(fl)
	cmd.MarkFlagsMutuallyExclusive("output", "bundle")
	return cmd
}

// place opens the file to write.
func (o *trimming) place(p *program, names []string) (*outfile.File, error) {
	flag, name := "--output", o.output
	if name == "" {
		flag, name = "--bundle", o.bundle
	}
	if name == "" {
		return nil, usageError{errors.New("trim: name the file to write with -o or --bundle")}
	}
	out, err := p.openOutput(flag, name, o.files.exe, names)
	if err != nil {
		return nil, err
	}
	if st, err := os.Stat(name); err == nil && st.Mode().IsRegular() && !o.force {
		return nil, usageError{fmt.Errorf("%s %s: the file exists; name another one, or give --force", flag, name)}
	}
	return out, nil
}

func (p *program) runTrim(ctx context.Context, names []string, o *trimming) error {
	out, err := o.place(p, names)
	if err != nil {
		return err
	}
	modules, done, err := o.files.options(nil)
	if err != nil {
		return err
	}
	defer done()
	from := analyze.Options{Names: names, Stdin: p.stdin, TempDir: o.tempDir, Modules: modules}
	err = analyze.Trim(ctx, from, func(small trim.Result) error {
		problems := small.Problems
		var err error
		if o.bundle == "" {
			_, err = out.Write(small.Bytes)
		} else {
			var more []string
			more, err = p.writeBundle(ctx, out, &small, modules)
			problems = append(problems, more...)
		}
		for _, problem := range problems {
			complain(p.stderr, errors.New(problem))
		}
		return err
	})
	return errors.Join(err, out.Close(err == nil))
}

// writeBundle writes the archive, with reports as they will be of the small core.
func (p *program) writeBundle(ctx context.Context, w io.Writer, small *trim.Result, modules module.Options) (problems []string, err error) {
	db, err := p.knowledge(nil)
	if err != nil {
		return nil, err
	}
	const name = "core"
	core := analyze.Living{Name: name, ReaderAt: bytes.NewReader(small.Bytes), Size: int64(len(small.Bytes))}
	doc := crash.Report{Schema: crash.Schema, Tool: toolOf(db)}
	res, err := analyze.Run(ctx, analyze.Options{Living: []analyze.Living{core}, Modules: modules, Knowledge: db}, func(c *crash.Crash) error {
		doc.Crashes = append(doc.Crashes, *c)
		return nil
	})
	if err = errors.Join(append(res.Failed, err)...); err != nil {
		return nil, err
	}
	doc.Inputs = res.Inputs
	content := bundle.Content{Core: small.Bytes, Frames: small.Frames, Tool: versionString(), Time: time.Now().Truncate(time.Second)}
	for _, as := range [...]struct{ format, file string }{{"markdown", "report.md"}, {"html", "report.html"}, {"json", "report.json"}} {
		var b bytes.Buffer
		if err := report.Write(&b, as.format, &doc, report.Options{}); err != nil {
			return nil, err
		}
		text := b.Bytes()
		if as.format == "json" { // in one line, as it stands in the core: so it packs better
			var line bytes.Buffer
			if err := json.Compact(&line, text); err != nil {
				return nil, err
			}
			text = line.Bytes()
		}
		content.Reports = append(content.Reports, bundle.Report{Name: as.file, Text: text})
	}
	return bundle.Write(w, &content)
}
