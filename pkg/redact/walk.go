package redact

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/hacrash/hacrash/pkg/crash"
)

// walker visits every string and every address of a report. Nobody lists what it visits:
// a field that is added to the model is visited, and is text until somebody says that it
// cannot hold what a client sent.
type walker struct {
	o       Options
	reading reading
	held    map[string]bool
	secrets map[string]bool
}

func newWalker(o Options) *walker {
	return &walker{o: o, reading: reading{strings: o.Strings || o.Off}, held: map[string]bool{}, secrets: map[string]bool{}}
}

// plan is how the values of a type are visited.
type plan struct {
	elem   *plan // of a pointer or a list
	fields []planned
	kind   reflect.Kind
}

// planned is a field of a structure that holds strings or addresses.
type planned struct {
	index int
	shape *shape // of a string, or of those in a list; nil for text
	plan  *plan
}

// reportPlan is that of a report, with all that is in it.
var reportPlan = sync.OnceValue(func() map[reflect.Type]*plan {
	plans := map[reflect.Type]*plan{}
	planOf(reflect.TypeFor[crash.Report](), plans)
	return plans
})

// planOf makes the plan of a type, nil if there is nothing to visit.
func planOf(t reflect.Type, plans map[reflect.Type]*plan) *plan {
	if p, ok := plans[t]; ok {
		return p
	}
	p := &plan{kind: t.Kind()}
	switch t.Kind() {
	case reflect.String:
		return p
	case reflect.Uint64:
		if t == reflect.TypeFor[crash.Addr]() {
			return p
		}
		return nil
	case reflect.Pointer, reflect.Slice:
		if p.elem = planOf(t.Elem(), plans); p.elem == nil {
			return nil
		}
		return p
	case reflect.Struct:
	case reflect.Map, reflect.Interface, reflect.Array, reflect.Func, reflect.Chan:
		panic(fmt.Sprintf("redact: a %v cannot be walked; keep the model to structures, lists and strings", t))
	default:
		return nil
	}
	plans[t] = p
	for i := range t.NumField() {
		f := t.Field(i)
		next := planOf(f.Type, plans)
		if next == nil {
			continue
		}
		p.fields = append(p.fields, planned{index: i, shape: marks()[t.Name()+"."+f.Name], plan: next})
	}
	return p
}

// walk visits what v, a pointer to a structure of the model, leads to.
func (w *walker) walk(v any) {
	value := reflect.ValueOf(v).Elem()
	w.visit(value, reportPlan()[value.Type()], nil)
}

func (w *walker) visit(v reflect.Value, p *plan, s *shape) {
	switch p.kind {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if p.elem.kind == reflect.Uint64 {
			if w.isText(v.Elem().Uint()) {
				v.SetZero()
			}
			return
		}
		w.visit(v.Elem(), p.elem, s)
	case reflect.Slice:
		for i := range v.Len() {
			w.visit(v.Index(i), p.elem, s)
		}
	case reflect.Uint64:
		if w.isText(v.Uint()) {
			v.SetZero()
		}
	case reflect.String:
		if v.Len() == 0 {
			return
		}
		before := v.String()
		if after := w.shaped(before, s); after != before {
			v.SetString(after)
		}
	case reflect.Struct:
		if w.special(v.Addr().Interface()) {
			return
		}
		for _, f := range p.fields {
			w.visit(v.Field(f.index), f.plan, f.shape)
		}
	}
}

// isText reports whether an address is text, notes it, and whether it goes.
func (w *walker) isText(n uint64) bool {
	if !isText(n, textAddress, w.reading.near) {
		return false
	}
	w.secrets[secretWord] = true
	return !w.o.Off
}

// shaped is a string of a field as it may be shown. What does not have the shape of its
// field is text like any other.
func (w *walker) shaped(s string, is *shape) string {
	if is == nil {
		return w.text(s, reading{})
	}
	if is == handled {
		return s
	}
	// A mark has the shape of many a name; it is counted where text is read.
	if is.fits != nil && !strings.Contains(s, markOpen) {
		switch is.fits(s) {
		case fine:
			return s
		case chance:
			return w.secret(s, secretToken)
		}
	}
	return w.text(s, is.how)
}

// text is a string as it may be shown, read as its field asks for.
func (w *walker) text(s string, how reading) string { return w.rest(s, s, how) }

// rest is text for a string of which something was hidden already. What counts is what is
// left in the end: a mark may be hidden by another one.
func (w *walker) rest(before, s string, how reading) string {
	if s == before && isInert(s) {
		return s
	}
	how.strings, how.near = w.reading.strings, w.reading.near
	how.debugger = how.debugger || isDebugger(s)
	next := how.text(s, func(kind string) { w.secrets[kind] = true })
	if w.o.Off {
		next = before
	}
	w.holdsIn(next)
	return next
}

// secret replaces all of s.
func (w *walker) secret(s, kind string) string {
	if s == "" {
		return s
	}
	if n, k := leadingMark(s); n == len(s) {
		w.secrets[k] = true
		return s
	}
	w.secrets[kind] = true
	if w.o.Off {
		return s
	}
	return mark(kind)
}
