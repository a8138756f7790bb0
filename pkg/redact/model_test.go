package redact

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/pkg/crash"
)

// texts are the fields of the model that may hold what a client or an operator sent, or
// sentences about it. A field of the model is here or in marks.
const texts = `
	Argument.Value Conflict.Fact ConflictValue.Value Crash.Provoked Crash.StartupLog Crash.Text Assertion.Message
	Counter.Message Difference.Core Difference.Dump Evidence.Fact Evidence.Text Field.Unavailable Group.What Input.Problems
	Memory.Error Memory.Place NamedStack.Role Missing.Effect Missing.Remedy Missing.What Match.Because Observation.Text
	Platform.BoardModel Platform.BoardVendor Platform.Build Platform.CPU Platform.Container Platform.Distribution
	Platform.HardwareFamily Platform.HardwareModel Platform.HardwareVendor Platform.Machine Platform.OS Platform.Release
	Platform.SoCModel Platform.SoCVendor Platform.VirtualMachine
	Pool.Error Pool.Origin PostMortem.Unavailable Process.Arguments Process.System
	Ring.Description Ring.Unavailable Suspect.Because Thread.Broken Verdict.Advice Verdict.Why`

// stringFields lists all fields of the model that are strings or lists of them.
func stringFields(t reflect.Type, seen map[reflect.Type]bool, add func(string)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		elem := f.Type
		for elem.Kind() == reflect.Pointer || elem.Kind() == reflect.Slice {
			elem = elem.Elem()
		}
		if elem.Kind() == reflect.String {
			add(t.Name() + "." + f.Name)
		}
		stringFields(f.Type, seen, add)
	}
}

// TestModel: somebody has said of every string of the model whether it may hold payload.
func TestModel(t *testing.T) {
	listed := strings.Fields(texts)
	var all []string
	stringFields(reflect.TypeFor[crash.Report](), map[reflect.Type]bool{}, func(name string) {
		all = append(all, name)
		_, marked := marks()[name]
		switch is := slices.Contains(listed, name); {
		case !is && !marked:
			t.Errorf("%s is new: give it a shape in fields.go if it cannot hold what a client or an operator sent, else add it to texts here", name)
		case is && marked:
			t.Errorf("%s is in both lists", name)
		}
	})
	for name := range marks() {
		listed = append(listed, name)
	}
	for _, name := range listed {
		if !slices.Contains(all, name) {
			t.Errorf("%s is no string of the model", name)
		}
	}
}

// fill sets every string that v leads to, and makes a list of one of every list.
func fill(v reflect.Value, s func(name string) string, name string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), s, name)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), s, name)
	case reflect.String:
		v.SetString(s(name))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), s, v.Type().Name()+"."+v.Type().Field(i).Name)
		}
	}
}

// planted are ways to write a secret where a field's value should be.
func planted() []string {
	return []string{"password=%", "token: %", "x\npassword: %", `0x55 "%"`, `{"secret":"%"}`, "http://u:%@h/", "/a?sid=%"}
}

// TestEveryField: a secret goes from every string of the model, of every type, also
// where a name or a version should stand.
func TestEveryField(t *testing.T) {
	const secret = "Zq7SecretWombat"
	for _, form := range planted() {
		var r crash.Report
		plant := strings.ReplaceAll(form, "%", secret)
		fill(reflect.ValueOf(&r).Elem(), func(string) string { return plant }, "")
		Report(&r, Options{})
		if out := marshal(t, &r); strings.Contains(out, secret) {
			at := strings.Index(out, secret)
			t.Errorf("%s is left: …%s", form, out[max(0, at-80):min(len(out), at+40)])
		}
		before := marshal(t, &r)
		Report(&r, Options{})
		if after := marshal(t, &r); after != before {
			t.Errorf("%s: a second time changes\n%s", form, cmp.Diff(before, after))
		}
	}
}

// TestRandomAnywhere: 64 bytes of chance go from every string, of whatever shape.
func TestRandomAnywhere(t *testing.T) {
	const secret = "qT4hVx0PzR8mKc2LwY6nBs9JdF3gAe7UiO5tHk1XvQpZrMlCyNbWjSfDaGuEoI28"
	for _, form := range []string{"%", "2.8.3-%", "h1_%", "/usr/lib/%/libx.so", "a b % c", "src/%.c", "0x%", "SIG%", "%:12", "lb-%", "12:%"} {
		var r crash.Report
		fill(reflect.ValueOf(&r).Elem(), func(string) string { return strings.ReplaceAll(form, "%", secret) }, "")
		Report(&r, Options{})
		if out := marshal(t, &r); leftOf(out, secret) != "" {
			at := strings.Index(out, leftOf(out, secret))
			t.Errorf("%s is left: …%s", form, out[max(0, at-80):min(len(out), at+40)])
		}
	}
}

// leftOf is a part of 8 bytes of a secret that an output has.
func leftOf(out, secret string) string {
	for i := 0; i+8 <= len(secret); i++ {
		if strings.Contains(out, secret[i:i+8]) {
			return secret[i : i+8]
		}
	}
	return ""
}

// TestWordsOfText: numbers whose bytes are text go, wherever they stand; addresses stay.
func TestWordsOfText(t *testing.T) {
	const text, pie, poison = 0x64726f7773736170, 0x555555554040, 0x5050505050505050
	c := crash.Crash{
		Signal:  &crash.Signal{Address: addrOf(text)},
		Modules: []crash.Module{{Path: "/usr/sbin/haproxy", Start: 0x555555554000, End: 0x555555a00000}},
		Threads: []crash.Thread{{Task: &crash.Task{Address: pie, Context: poison},
			Frames:    []crash.Frame{{Address: text}, {Address: pie, Arguments: []crash.Argument{{Name: "n", Value: "0x64726f7773736170"}, {Name: "d", Value: "7237970109966541168"}, {Name: "p", Value: "0x555555554040"}}}},
			Registers: []crash.Register{{Name: "rax", Value: text}, {Name: "rbx", Value: 0x73736170}, {Name: "rcx", Value: pie}, {Name: "rdx", Value: poison}, {Name: "rsi", Value: 0x7161}}}}}
	h := Crash(&c, Options{})
	if !slices.Contains(h.Redacted, "numbers that are text") {
		t.Errorf("nobody is told: %+v", h)
	}
	thread := &c.Threads[0]
	if c.Signal.Address != nil || thread.Frames[0].Address != 0 {
		t.Errorf("addresses of text are left: %v %v", c.Signal.Address, thread.Frames[0].Address)
	}
	for i, want := range []bool{true, true, false, false, false} {
		if r := &thread.Registers[i]; r.Redacted != want || want && r.Value != 0 {
			t.Errorf("%s: %+v", r.Name, r)
		}
	}
	for i, want := range []string{HiddenWord, HiddenWord, "0x555555554040"} {
		if got := thread.Frames[1].Arguments[i].Value; got != want {
			t.Errorf("argument %d is %s", i, got)
		}
	}
	if thread.Task.Address != pie || thread.Task.Context != poison {
		t.Errorf("addresses are gone: %+v", thread.Task)
	}
}

func addrOf(a crash.Addr) *crash.Addr { return &a }
