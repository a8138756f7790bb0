package signatures

import (
	"fmt"
	"strings"
	"testing"
)

// twoBugs writes two unique signatures. The bug of the first is in 3.2-dev12 up to
// 3.3-dev6 and 3.2.4, that of the second is older and lasts longer.
func twoBugs(a, b string) string {
	return fmt.Sprintf(`
- id: first-one
  title: t
  facts: f
  evidence: e
  fix: c6c2ef1f1189
  require: %s
  versions:
    introduced: {master: 3.2-dev12}
    fixed: {master: 3.3-dev7, "3.2": 3.2.5}
    backport: "3.2"
  unique: true
- id: second-one
  title: t
  facts: f
  evidence: e
  fix: 901de11157bf
  require: %s
  versions:
    introduced: {master: 3.2-dev11}
    fixed: {master: 3.3-dev8, "3.2": 3.2.5}
    backport: "3.2"
  unique: true
`, a, b)
}

const (
	inFirst  = "own.yaml:12:3: first-one unique: all that this one requires fits second-one too, and 3.2-dev12 has both bugs; ask for what tells them apart, or take unique out"
	inSecond = "own.yaml:23:3: second-one unique: all that this one requires fits first-one too, and 3.2-dev12 has both bugs; ask for what tells them apart, or take unique out"
)

func TestOverlap(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"the same", "{kind: bug_on, condition: 'a > b'}", "{kind: bug_on, condition: 'a>b'}", inFirst},
		{"more than the other", "{kind: bug_on, condition: x, role: master}", "{kind: bug_on, condition: x}", inFirst},
		{"less than the other", "{kind: bug_on, condition: x}", "{kind: bug_on, condition: x, role: master}", inSecond},
		{"each with a fact of its own", "{kind: bug_on, condition: x, role: master}", "{kind: bug_on, condition: x, top: f}", ""},
		{"another condition", "{kind: bug_on, condition: x}", "{kind: bug_on, condition: y}", ""},
		{"another kind", "{kind: bug_on, condition: x}", "{kind: warn_on, condition: x}", ""},
		{"one of a list", "{kind: [bug_on, warn_on], condition: [y, x]}", "{kind: [segfault, warn_on], condition: [x, z]}", inFirst},
		{"wildcard", "{kind: bug_on, function: h2_send, file: src/mux_h2.c}", "{kind: bug_on, function: 'h2_*', file: src/mux_h2.c}", inFirst},
		{"wildcard in wildcard", "{kind: bug_on, pool_caller: 'h2_s*'}", "{kind: bug_on, pool_caller: 'h2_*'}", inFirst},
		{"narrower wildcard", "{kind: bug_on, pool_caller: 'h1_*'}", "{kind: bug_on, pool_caller: 'h2_*'}", ""},
		{"part of a condition", "{kind: bug_on, condition: 'a->b > c'}", "{kind: bug_on, condition_part: 'a->b'}", inFirst},
		{"part of a part", "{kind: bug_on, condition_part: 'a->b > c'}", "{kind: bug_on, condition_part: 'a->b'}", inFirst},
		{"the whole is more than a part", "{kind: bug_on, condition_part: 'a->b'}", "{kind: bug_on, condition: 'a->b'}", inSecond},
		{"on top is on the stack", "{kind: segfault, top: f, address: 'null'}", "{kind: segfault, function: f, address: 'null'}", inFirst},
		{"on the stack is not on top", "{kind: segfault, function: f, address: 'null'}", "{kind: segfault, top: f}", ""},
		{"the handler of an applet", "{kind: spinning, applet: CLI}", "{kind: spinning, handler: cli_io_handler}", inFirst},
		{"one side of a stream", "{kind: spinning, front_mux: H2, filter: f}", "{kind: spinning, mux: H2, filter: f}", inFirst},
		{"forbidden by the other", "{kind: bug_on, condition: x, mux: FCGI}", "{kind: bug_on, condition: x}\n  forbid: {mux: FCGI}", ""},
		{"one value is not forbidden", "{kind: bug_on, condition: x, mux: [FCGI, H2]}", "{kind: bug_on, condition: x}\n  forbid: {mux: FCGI}", inFirst},
		{"a group", "{kind: bug_on, condition: x, any_of: [{role: master}, {top: f}]}", "{kind: bug_on, condition: x, any_of: [{top: g}, {top: f}]}", inFirst},
		{"other groups", "{kind: bug_on, condition: x, any_of: [{role: master}, {top: f}]}", "{kind: bug_on, condition: x, any_of: [{role: worker}, {top: g}]}", ""},
		{"a group that asks for more", "{kind: bug_on, condition: x, any_of: [{top: f}]}", "{kind: bug_on, condition: x, any_of: [{top: f, role: master}]}", inSecond},
		{"one value of a list, not two", "{kind: bug_on, condition: x, function: [f, g]}", "{kind: bug_on, condition: x, function: f, any_of: [{function: g}]}", inSecond},
	} {
		var got []string
		for _, f := range lint(t, nil, twoBugs(c.a, c.b)) {
			if !f.Note {
				got = append(got, f.String())
			}
		}
		if s := strings.Join(got, "\n"); s != c.want {
			t.Errorf("%s: %q\nwant %q", c.name, s, c.want)
		}
	}
}

// Bugs that no release has together may look the same.
func TestOverlapInNoRelease(t *testing.T) {
	yaml := twoBugs("{kind: bug_on, condition: x}", "{kind: bug_on, condition: x}")
	const last = "  fix: 901de11157bf"
	for _, c := range []struct{ old, new string }{
		{"  unique: true\n- id", "- id"}, // and one that is not unique says so
		// That of the CLI came when this one was fixed.
		{yaml[strings.Index(yaml, last):], `  fix: 972ce87676f4
  require: {kind: bug_on, condition: x}
  versions:
    introduced: {master: 3.2-dev5}
    fixed: {master: 3.2-dev6}
    backport: "3.1"
  unique: true
`},
	} {
		for _, f := range lint(t, nil, strings.Replace(yaml, c.old, c.new, 1)) {
			if !f.Note {
				t.Error(f)
			}
		}
	}
}

// Many alternatives do not make many crashes.
func TestShapesAreBounded(t *testing.T) {
	list := "[" + strings.TrimSuffix(strings.Repeat("a, b, c, d, ", 10), ", ") + "]"
	l := linter(t)
	l.Add([]byte(twoBugs("{kind: "+list+", top: "+list+", function: "+list+", file: "+list+"}", "{kind: bug_on, condition: x}")), "own.yaml")
	if n := len(shapes(&l.entries[0].Signature)); n != maxShapes {
		t.Errorf("%d crashes, want %d", n, maxShapes)
	}
}
