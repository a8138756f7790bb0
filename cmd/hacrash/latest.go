package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hacrash/hacrash/pkg/host"
)

// latestWord is the newest crash of this host; -1 is the same, -2 the one before.
const latestWord = "latest"

var minus = regexp.MustCompile(`^-[1-9][0-9]{0,4}$`)

// countBack writes -2 of hacrash analyze as latest~1: pflag would take it for an option.
func countBack(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args[:min(len(args), 1)])
	if err != nil || cmd.Name() != "analyze" {
		return args
	}
	out := []string{args[0]}
	for i, a := range args[1:] {
		if a == "--" {
			return append(out, args[1+i:]...)
		}
		if minus.MatchString(a) && !wantsValue(cmd.Flags(), args[i]) {
			n, _ := strconv.Atoi(a[1:])
			a = fmt.Sprintf("%s~%d", latestWord, n-1)
		}
		out = append(out, a)
	}
	return out
}

// wantsValue says that an argument is an option whose value is the next one.
func wantsValue(fl *pflag.FlagSet, arg string) bool {
	var f *pflag.Flag
	if name, is := strings.CutPrefix(arg, "--"); is {
		f = fl.Lookup(name)
	} else if len(arg) == 2 && arg[0] == '-' {
		f = fl.ShorthandLookup(arg[1:])
	}
	return f != nil && f.NoOptDefVal == ""
}

// back reads latest and latest~N; a file of that name goes first.
func back(name string) (n int, is bool) {
	if _, err := os.Lstat(name); err == nil {
		return 0, false
	}
	if name == latestWord {
		return 0, true
	}
	if len(name) <= len(latestWord) || name[:len(latestWord)+1] != latestWord+"~" {
		return 0, false
	}
	n, err := strconv.Atoi(name[len(latestWord)+1:])
	return n, err == nil && n >= 0
}

// latest puts the paths of cores where crashes of this host are counted back, or a process that
// has died is asked for.
func (p *program) latest(ctx context.Context, names []string, f *analyzeFlags) ([]string, error) {
	var out []string
	var found []host.Leaving
	looked := false
	look := func() (err error) {
		if !looked {
			found, err = p.kept(ctx, f)
		}
		looked = true
		return err
	}
	for _, name := range names {
		n, is := back(name)
		if !is {
			out = append(out, name)
			continue
		}
		if err := look(); err != nil {
			return nil, err
		}
		path, err := nth(ctx, found, n)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(p.stderr, "hacrash: %s is %s\n", name, path)
		out = append(out, path)
	}
	if !p.living(names, f) {
		return out, nil
	}
	pid := f.choose.pids[0]
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); !os.IsNotExist(err) {
		return out, nil
	}
	if err := look(); err != nil {
		return nil, err
	}
	return ofProcess(ctx, found, pid), nil
}

// maxNameless bounds the cores that are read because their names do not tell whose they are.
const maxNameless = 20

// ofProcess is the core of a process, or those of which only the content tells: from them --pid
// chooses. None leaves it to the process to fail.
func ofProcess(ctx context.Context, found []host.Leaving, pid int) []string {
	var nameless []string
	for i := range found {
		l := &found[i]
		if l.Path == "" || l.PID != pid && (l.PID != 0 || len(nameless) == maxNameless) || !l.Check(ctx) || l.Presence != host.Present {
			continue
		}
		if l.PID == pid {
			return []string{l.Path}
		}
		nameless = append(nameless, l.Path)
	}
	return nameless
}

func (p *program) kept(ctx context.Context, f *analyzeFlags) ([]host.Leaving, error) {
	configs := f.setup.configs
	if f.setup.stdin() {
		configs = nil
	}
	return p.leavings(ctx, host.CoreOptions{Options: host.Options{Root: f.files.sysroot, Configs: configs}})
}

// nth is the core of the nth crash from the newest.
func nth(ctx context.Context, found []host.Leaving, n int) (string, error) {
	for i := range found {
		l := &found[i]
		if l.Path != "" && !l.Check(ctx) {
			continue
		}
		if n > 0 {
			n--
			continue
		}
		switch l.Presence {
		case host.Present:
			return l.Path, nil
		case host.Unreadable:
			return "", fmt.Errorf("%s: permission denied; run as root", l.Path)
		default:
			return "", fmt.Errorf("the core of process %d is gone; its lines are in the journal", l.PID)
		}
	}
	return "", errors.New("no such crash on this host; hacrash list shows what there is, hacrash doctor why there is none")
}
