package analyze

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/objects"
	"github.com/hacrash/hacrash/pkg/redact"
	"github.com/hacrash/hacrash/pkg/value"
)

// give hands on an object if it is one that was asked for; false ends the walk.
func (i *asking) give(o crash.Object) bool {
	i.NameFlags(&o)
	if !i.wanted(&o) {
		return true
	}
	redact.Object(&o, i.Redact)
	i.n++
	return i.out.Object(&o) == nil && (i.Limit == 0 || i.n < i.Limit)
}

func (i *asking) wanted(o *crash.Object) bool {
	has := func(want string, names ...string) bool {
		return want == "" || slices.ContainsFunc(o.Fields, func(f crash.Field) bool {
			return slices.Contains(names, f.Short(o.Role)) && (f.Value == want || f.Value == "<"+want+">")
		})
	}
	flagged := i.Flag == "" || slices.ContainsFunc(o.Fields, func(f crash.Field) bool { return slices.Contains(f.Flags, i.Flag) })
	return flagged && has(i.Frontend, "frontend") && has(i.Backend, "backend") && has(i.Applet, "front", "back", "applet") &&
		has(i.Name, "id", "name")
}

// askWalk shows many objects.
func askWalk(walk func(*objects.Process, context.Context, objects.Sink) ([]objects.Break, error)) func(*asking, []string) error {
	return func(i *asking, args []string) error {
		if len(args) > 0 {
			return queryErrorf("%s: no argument is taken", args[0])
		}
		p, err := i.Process()
		if err != nil {
			return err
		}
		return i.broken(walk(p, i.ctx, i.give))
	}
}

// broken hands on where lists do not hold together.
func (i *asking) broken(breaks []objects.Break, err error) error {
	for _, b := range breaks {
		if e := i.out.Broken(b.String()); err == nil {
			err = e
		}
	}
	return err
}

// askLinks shows the addresses of what a list or a tree holds, whatever that is.
func askLinks(walk func(value.Memory, uint64, int, func(uint64) bool) error, what string) func(*asking, []string) error {
	return func(i *asking, args []string) error {
		if len(args) != 1 {
			return queryErrorf("its address is needed, such as 0x55d0a1b2c3d0")
		}
		at, err := parseAddress(args[0])
		if err != nil {
			return err
		}
		err = walk(i.Core, at, math.MaxInt, func(at uint64) bool { return i.give(crash.Object{Type: what, Address: crash.Addr(at)}) })
		var broken *value.Broken
		if errors.As(err, &broken) {
			return i.out.Broken(fmt.Sprintf("%s at %#x: %v", what, at, err))
		}
		return err
	}
}

func askServers(i *asking, args []string) error {
	if len(args) > 1 {
		return queryErrorf("%s: one proxy at a time", args[1])
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

// askOne shows one object with what hangs on it.
func askOne(read func(*objects.Process, uint64) []crash.Object) func(*asking, []string) error {
	return func(i *asking, args []string) error {
		if len(args) != 1 {
			return queryErrorf("its address is needed, such as 0x55d0a1b2c3d0")
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
			redact.Object(&all[k], i.Redact)
			if err := i.out.Object(&all[k]); err != nil {
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
		return 0, queryErrorf("%s: not an address; give it in hexadecimal", s)
	}
	return n, nil
}
