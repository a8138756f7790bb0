package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hacrash/hacrash/pkg/analyze"
	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/haproxy"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/value"
)

// inspecting are the options of hacrash inspect.
type inspecting struct {
	format, version, tempDir              string
	flag, frontend, backend, applet, name string
	limit                                 int
	noRedact                              bool
	files                                 fileFlags
}

// inspections are what may be asked for.
func inspections() []inspection {
	return []inspection{
		{"threads", "", "the context of every thread", inspectWalk((*objects.Process).Threads)},
		{"streams", "", "all streams; --flag, --frontend, --backend and --applet choose", inspectWalk((*objects.Process).Streams)},
		{"stream", "ADDRESS", "one stream and all that hangs on it", inspectOne((*objects.Process).Stream)},
		{"applet", "ADDRESS", "one applet and the stream that it serves", inspectOne((*objects.Process).Applet)},
		{"tasks", "", "tasks and tasklets that wait for a time or for their turn", inspectWalk((*objects.Process).Tasks)},
		{"task", "ADDRESS", "one task", inspectOne((*objects.Process).Task)},
		{"proxies", "", "all proxies", inspectWalk((*objects.Process).Proxies)},
		{"servers", "[PROXY]", "the servers of a proxy, or of all", inspectServers},
		{"fds", "", "file descriptors that have an owner", inspectWalk((*objects.Process).FDs)},
		{"pools", "", "memory pools and how much of each is in use", inspectWalk((*objects.Process).Pools)},
		{"memprof", "", "what memory profiling counted", inspectWalk((*objects.Process).Memprof)},
		{"list", "ADDRESS", "the links of a list, from its head", inspectLinks(value.Links, "list")},
		{"tree", "ADDRESS", "the leaves of a tree, from its root", inspectLinks(value.Leaves, "tree")},
		{"counters", "", "checks in HAProxy's code that counted something: failed assertions, glitches", inspectReport(counterObjects)},
		{"rings", "", "buffers of messages", inspectReport(ringObjects)},
		{"postmortem", "", "what HAProxy keeps for whoever reads its core: platform, limits, components", inspectReport(postMortemObjects)},
		{"modules", "", "the executable and the libraries", inspectModules},
		{"memory", "ADDRESS LENGTH", "bytes of memory; text in it is hidden unless --no-redact is given", inspectMemory},
	}
}

type inspection struct {
	what, argument, says string
	run                  func(*inspector, []string) error
}

func (p *program) inspect() *cobra.Command {
	var o inspecting
	var list strings.Builder
	for _, i := range inspections() {
		fmt.Fprintf(&list, "  %-24s %s\n", strings.TrimSpace(i.what+" "+i.argument), i.says)
	}
	cmd := &cobra.Command{
		Use:   "inspect CORE WHAT [ARGUMENT…]",
		Short: "Look at HAProxy's objects in a core",
		Long: `Shows what the debugger's scripts of HAProxy show, for any version and without a
debugger. Structures are read by the debug data of the executable; lists that
are broken are walked as far as they hold together, and it is said where they end.

WHAT is one of
` + list.String(),
		Example: `  hacrash inspect core.1234 streams --applet CLI
  hacrash inspect --exe ./haproxy core.1234 stream 0x55d0a1b2c3d0
  hacrash inspect core.1234 fds --format jsonl | jq .fields`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runInspect(cmd.Context(), args[0], args[1], args[2:], o)
		},
	}
	fl := cmd.Flags()
	fl.StringVarP(&o.format, "format", "f", "text", "output form: text, json, jsonl")
	fl.StringVar(&o.version, "haproxy-version", "", "HAProxy's `VERSION`, when the core does not say")
	fl.StringVar(&o.tempDir, "temp-dir", "", "`DIRECTORY` for the temporary copy of a compressed core")
	fl.StringVar(&o.flag, "flag", "", "only objects that have the flag `NAME` in any of their words")
	fl.StringVar(&o.frontend, "frontend", "", "only those of the frontend `NAME`")
	fl.StringVar(&o.backend, "backend", "", "only those of the backend `NAME`")
	fl.StringVar(&o.applet, "applet", "", "only streams with the applet `NAME` at one end")
	fl.StringVar(&o.name, "name", "", "only objects called `NAME`")
	fl.IntVar(&o.limit, "limit", 0, "at most `N` objects")
	fl.BoolVar(&o.noRedact, "no-redact", false, "show text in memory; it may hold secrets")
	o.files.add(fl)
	return cmd
}

// inspector answers one question.
type inspector struct {
	*analyze.Inspection
	ctx context.Context
	o   inspecting
	out *objectWriter
	n   int
	// analyze are the options of a whole report.
	analyze analyze.Options
}

func (p *program) runInspect(ctx context.Context, core, what string, args []string, o inspecting) error {
	all := inspections()
	i := slices.IndexFunc(all, func(i inspection) bool { return i.what == what })
	if i < 0 {
		return usageError{fmt.Errorf("inspect %s: not known; hacrash help inspect lists what is", what)}
	}
	if o.version != "" {
		if _, err := haproxy.ParseVersion(o.version); err != nil {
			return usageError{fmt.Errorf("--haproxy-version %s: %w", o.version, err)}
		}
	}
	out, err := newObjectWriter(p.stdout, o.format, what, o.noRedact)
	if err != nil {
		return err
	}
	modules, closeModules, err := o.files.options(nil)
	if err != nil {
		return err
	}
	defer closeModules()
	options := analyze.Options{Names: []string{core}, Stdin: p.stdin, TempDir: o.tempDir, Version: o.version, Modules: modules}
	err = analyze.Inspect(ctx, options, func(in *analyze.Inspection) error {
		return all[i].run(&inspector{Inspection: in, ctx: ctx, o: o, out: out, analyze: options}, args)
	})
	return errors.Join(err, out.close())
}

// give prints an object if it is one that was asked for; false ends the walk.
func (i *inspector) give(o crash.Object) bool {
	i.NameFlags(&o)
	if !i.wanted(&o) {
		return true
	}
	i.redact(&o)
	i.n++
	return i.out.object(&o) == nil && (i.o.limit == 0 || i.n < i.o.limit)
}

// redact takes secrets out of an object. Whether it is wanted was asked before.
func (i *inspector) redact(o *crash.Object) { redact.Object(o, redact.Options{Off: i.o.noRedact}) }

func (i *inspector) wanted(o *crash.Object) bool {
	has := func(want string, names ...string) bool {
		return want == "" || slices.ContainsFunc(o.Fields, func(f crash.Field) bool {
			return slices.Contains(names, short(o, &f)) && (f.Value == want || f.Value == "<"+want+">")
		})
	}
	flagged := i.o.flag == "" || slices.ContainsFunc(o.Fields, func(f crash.Field) bool { return slices.Contains(f.Flags, i.o.flag) })
	return flagged && has(i.o.frontend, "frontend") && has(i.o.backend, "backend") && has(i.o.applet, "front", "back", "applet") &&
		has(i.o.name, "id", "name")
}

// short is the name of a field without that of the object.
func short(o *crash.Object, f *crash.Field) string { return strings.TrimPrefix(f.Name, o.Role+".") }

// inspectWalk shows many objects.
func inspectWalk(walk func(*objects.Process, context.Context, objects.Sink) ([]objects.Break, error)) func(*inspector, []string) error {
	return func(i *inspector, args []string) error {
		if len(args) > 0 {
			return usageError{fmt.Errorf("%s: no argument is taken", args[0])}
		}
		p, err := i.Process()
		if err != nil {
			return err
		}
		return i.broken(walk(p, i.ctx, i.give))
	}
}

// broken prints where lists do not hold together.
func (i *inspector) broken(breaks []objects.Break, err error) error {
	for _, b := range breaks {
		if e := i.out.broken(b); err == nil {
			err = e
		}
	}
	return err
}

// inspectLinks shows the addresses of what a list or a tree holds, whatever that is.
func inspectLinks(walk func(value.Memory, uint64, int, func(uint64) bool) error, what string) func(*inspector, []string) error {
	return func(i *inspector, args []string) error {
		if len(args) != 1 {
			return usageError{errors.New("its address is needed, such as 0x55d0a1b2c3d0")}
		}
		at, err := parseAddress(args[0])
		if err != nil {
			return err
		}
		err = walk(i.Core, at, math.MaxInt, func(at uint64) bool { return i.give(crash.Object{Type: what, Address: crash.Addr(at)}) })
		var broken *value.Broken
		if errors.As(err, &broken) {
			return i.out.broken(objects.Break{Of: fmt.Sprintf("%s at %#x", what, at), Err: err})
		}
		return err
	}
}

func inspectServers(i *inspector, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("%s: one proxy at a time", args[1])}
	}
	p, err := i.Process()
	if err != nil {
		return err
	}
	proxy := ""
	if len(args) == 1 {
		proxy = args[0]
	}
	return i.broken(p.Servers(i.ctx, proxy, i.give))
}

// inspectOne shows one object with what hangs on it.
func inspectOne(read func(*objects.Process, uint64) []crash.Object) func(*inspector, []string) error {
	return func(i *inspector, args []string) error {
		if len(args) != 1 {
			return usageError{errors.New("its address is needed, such as 0x55d0a1b2c3d0")}
		}
		addr, err := parseAddress(args[0])
		if err != nil {
			return err
		}
		p, err := i.Process()
		if err != nil {
			return err
		}
		all := read(p, addr)
		if len(all) == 0 || !readable(&all[0]) {
			return fmt.Errorf("%#x: nothing of that sort is there", addr)
		}
		for k := range all {
			i.NameFlags(&all[k])
			i.redact(&all[k])
			if err := i.out.object(&all[k]); err != nil {
				return err
			}
		}
		return nil
	}
}

// readable says that memory has anything of an object.
func readable(o *crash.Object) bool {
	return slices.ContainsFunc(o.Fields, func(f crash.Field) bool { return f.Unavailable == "" })
}

func parseAddress(s string) (uint64, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), 16, 64)
	if err != nil {
		return 0, usageError{fmt.Errorf("%s: not an address; give it in hexadecimal", s)}
	}
	return n, nil
}
