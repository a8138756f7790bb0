package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/hacrash/hacrash/pkg/logparse"
)

// input is one kind of log.
type input struct {
	name, title string
	pipe        bool
	line        func(r *rand.Rand, k int) string // nil: whole crashes and nothing else
	crashes     int                              // spread over the file
	runs        int                              // at most so many
	part        int64                            // of the size asked for, one over this
}

var inputs = []input{
	{name: "access", title: "access log, no crash", pipe: true, line: access, runs: 100, part: 1},
	{name: "crashes", title: "same, 10,000 crashes", line: access, crashes: 10000, runs: 3, part: 1},
	{name: "dense", title: "10,000 whole crashes, nothing else", crashes: 10000, runs: 3},
	{name: "forged", title: "crash lines that clients wrote, 1/8", line: forged, runs: 3, part: 8},
	{name: "hostile", title: "crash lines torn from any crash, 1/8", line: hostile, runs: 3, part: 8},
}

// benchLogs measures large logs against ripgrep with the same literals.
func benchLogs(o options, r *runner) error {
	lits := filepath.Join(o.dir, "literals")
	if err := os.WriteFile(lits, []byte(strings.Join(logparse.Literals(), "\n")+"\n"), 0o600); err != nil {
		return err
	}
	_, err := exec.LookPath("rg")
	rg := err == nil
	if !rg {
		fmt.Println("ripgrep is not installed: only our own figures are printed")
	}
	fmt.Printf("Logs: %d literals; medians of %d runs, the commands in turn, page cache warm\n\n", len(logparse.Literals()), o.logRuns)
	header()
	for _, in := range inputs {
		path := filepath.Join(o.dir, in.name+".log")
		if err := generate(path, o.logBytes, in); err != nil {
			return err
		}
		cmds := []command{{"hacrash FILE", []string{o.program, "analyze", "--format", "jsonl", path}}}
		if rg {
			cmds = append(cmds,
				command{"rg, same literals", []string{"rg", "-c", "-F", "-f", lits, path}},
				command{"rg, one literal", []string{"rg", "-c", "-F", "refuses to die", path}})
		}
		if in.pipe {
			cmds = append(cmds, shell("cat | hacrash", "cat "+path+" | "+o.program+" analyze --format jsonl -"))
			if rg {
				cmds = append(cmds, shell("cat | rg, same literals", "cat "+path+" | rg -c -F -f "+lits))
			}
			cmds = append(cmds, shell("cat | cat", "cat "+path+" | cat"))
		}
		figures, err := r.compare(cmds, min(o.logRuns, in.runs))
		if err != nil {
			return err
		}
		print(in.title, cmds, figures)
		if o.keep {
			continue
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// generate writes a log of about size bytes, or its part of them, to path.
func generate(path string, size int64, in input) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	if in.line == nil {
		for k := range in.crashes {
			if _, err := w.WriteString(wholeCrash(r, k)); err != nil {
				return err
			}
		}
		return w.Flush()
	}
	size /= in.part
	every := size + 1
	if in.crashes > 0 {
		every = size / int64(in.crashes)
	}
	next := every - every/2
	if in.crashes == 0 {
		next = every
	}
	for n, k := int64(0), 0; n < size; k++ {
		s := ""
		if n >= next {
			next += every
			s = spinText(r, k)
		} else {
			s = in.line(r, k)
		}
		m, err := w.WriteString(s)
		if err != nil {
			return err
		}
		n += int64(m)
	}
	return w.Flush()
}

var paths = []string{"/api/v2/orders/index.html", "/static/app.js", "/", "/img/logo.svg", "/login", "/cart/items"}

func access(r *rand.Rand, k int) string {
	return syslogPrefix(k, 1234) + fmt.Sprintf("192.0.2.%d:%d [06/May/2025:01:08:21.830] public be_auth/srv%d %d/0/0/%d/%d 200 %d - - ---- %d/230/117/51/0 0/0 {www.example.org|Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36} \"GET %s?id=%d&t=%08x HTTP/1.1\"\n",
		r.IntN(255), 1024+r.IntN(60000), r.IntN(20), r.IntN(40), r.IntN(900), r.IntN(2000), r.IntN(90000), r.IntN(999), paths[r.IntN(len(paths))], r.IntN(1e6), r.Uint32())
}
