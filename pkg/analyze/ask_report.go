package analyze

import (
	"errors"
	"strconv"

	"github.com/hacrash/hacrash/pkg/crash"
)

// askReport shows what the report of the core has, as objects.
func askReport(pick func(*crash.Crash) []crash.Object) func(*asking, []string) error {
	return func(i *asking, args []string) error {
		if len(args) > 0 {
			return queryErrorf("%s: no argument is taken", args[0])
		}
		var all []crash.Object
		res, err := Run(i.ctx, i.options, func(c *crash.Crash) error {
			all = append(all, pick(c)...)
			return nil
		})
		if err := errors.Join(append(res.Failed, err)...); err != nil {
			return err
		}
		for _, o := range all {
			if !i.give(o) {
				break
			}
		}
		return nil
	}
}

// counterObjects are the checks in HAProxy's code that counted something.
func counterObjects(c *crash.Crash) []crash.Object {
	var all []crash.Object
	for _, n := range c.Counters {
		o := crash.Object{Role: "counter", Type: "counter", Address: n.Address}
		all = append(all, with(o, "count", strconv.FormatInt(n.Count, 10), "type", n.Type, "place", place(n.File, n.Line),
			"function", n.Function, "condition", n.Condition, "message", n.Message))
	}
	return all
}

func place(file string, line int) string {
	if file == "" {
		return ""
	}
	return file + ":" + strconv.Itoa(line)
}

// ringObjects are its buffers of messages.
func ringObjects(c *crash.Crash) []crash.Object {
	var all []crash.Object
	for _, r := range c.Rings {
		o := crash.Object{Role: "ring", Type: "ring", Address: r.Address}
		o = with(o, "name", r.Name, "description", r.Description, "size", strconv.FormatUint(r.Size, 10), "used", strconv.FormatUint(r.Used, 10))
		if r.Unavailable != "" {
			o.Fields = append(o.Fields, crash.Field{Name: "content", Unavailable: r.Unavailable})
		}
		all = append(all, o)
	}
	return all
}

// postMortemObjects are what HAProxy keeps for whoever reads its core.
func postMortemObjects(c *crash.Crash) []crash.Object {
	p := c.PostMortem
	if p == nil {
		return nil
	}
	all := []crash.Object{with(crash.Object{Role: "post_mortem", Type: "post_mortem", Address: p.Address}, "known_by", p.By)}
	if m := p.Platform; m != nil {
		all = append(all, with(crash.Object{Role: "platform", Type: "platform"}, "os", m.OS, "release", m.Release, "build", m.Build, "machine", m.Machine,
			"distribution", m.Distribution, "hardware_vendor", m.HardwareVendor, "hardware_family", m.HardwareFamily, "hardware_model", m.HardwareModel,
			"board_vendor", m.BoardVendor, "board_model", m.BoardModel, "soc_vendor", m.SoCVendor, "soc_model", m.SoCModel,
			"cpu", m.CPU, "virtual_machine", m.VirtualMachine, "container", m.Container))
	}
	if p.Boot != nil {
		all = append(all, conditionsObject("boot", p.Boot))
	}
	if p.Run != nil {
		all = append(all, conditionsObject("run", p.Run))
	}
	for _, k := range p.Components {
		all = append(all, with(crash.Object{Role: "component", Type: "component"}, "name", k.Name, "version", k.Version, "compiler", k.Compiler,
			"compiler_flags", k.CompilerFlags, "build", k.Build, "path", k.Path))
	}
	for _, why := range p.Unavailable {
		all = append(all, crash.Object{Role: "post_mortem", Type: "post_mortem", Fields: []crash.Field{{Name: "part", Unavailable: why}}})
	}
	return all
}

// conditionsObject is what a process was, or is, and may.
func conditionsObject(name string, s *crash.Conditions) crash.Object {
	o := crash.Object{Role: name, Type: "process"}
	o = with(o, "at", name)
	for _, id := range []struct {
		name string
		n    *int64
	}{{"uid", s.UID}, {"gid", s.GID}} {
		if id.n != nil {
			o = with(o, id.name, strconv.FormatInt(*id.n, 10))
		}
	}
	for _, l := range []struct {
		name  string
		limit *crash.Limit
	}{{"files", s.Files}, {"memory", s.Memory}} {
		if l.limit != nil {
			o = with(o, l.name, l.limit.Soft+"/"+l.limit.Hard)
		}
	}
	if k := s.Capabilities; k != nil {
		o = with(o, "capabilities", k.Effective.String()+"/"+k.Permitted.String()+"/"+k.Inheritable.String())
	}
	return o
}

// with adds fields, name and value in turn, but for those without a value.
func with(o crash.Object, pairs ...string) crash.Object {
	for k := 0; k+1 < len(pairs); k += 2 {
		if pairs[k+1] != "" {
			o.Fields = append(o.Fields, crash.Field{Name: pairs[k], Value: pairs[k+1]})
		}
	}
	return o
}
