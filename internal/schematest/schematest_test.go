package schematest

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/affects"
	"github.com/hacrash/hacrash/pkg/crash"
)

// TestValidate: the schema refuses what it should.
func TestValidate(t *testing.T) {
	tests := []struct {
		name, doc string
		line, ok  bool
	}{
		{"smallest", `{"schema":"hacrash.report/1","crashes":[]}`, false, true},
		{"no schema", `{"crashes":[]}`, false, false},
		{"other schema", `{"schema":"hacrash.report/9","crashes":[]}`, false, false},
		{"unknown kind is for readers to accept", `{"schema":"hacrash.report/1","crashes":[{"kind":"new"}]}`, false, true},
		{"kind of another type", `{"schema":"hacrash.report/1","crashes":[{"kind":7}]}`, false, false},
		{"new field", `{"schema":"hacrash.report/1","crashes":[{"fatal":true,"later":1}]}`, false, true},
		{"address as number", `{"schema":"hacrash.report/1","crashes":[{"spin":{"address":7}}]}`, false, false},
		{"address in upper case", `{"schema":"hacrash.report/1","crashes":[{"spin":{"address":"0xFF"}}]}`, false, false},
		{"address", `{"schema":"hacrash.report/1","crashes":[{"spin":{"address":"0xff"}}]}`, false, true},
		{"line", `{"schema":"hacrash.report/1","input":["a"],"kind":"spinning","fatal":true}`, true, true},
		{"line without schema", `{"kind":"spinning","fatal":true}`, true, false},
		{"line with a bad crash", `{"schema":"hacrash.report/1","fatal":"yes"}`, true, false},
	}
	for _, tt := range tests {
		location := id
		if tt.line {
			location += "#/$defs/crashLine"
		}
		if err := validate(t, []byte(tt.doc), location); (err == nil) != tt.ok {
			t.Errorf("%s: error %v, want ok %v", tt.name, err, tt.ok)
		}
	}
}

// TestFieldsAgree: every field of the model is in the schema with its JSON
// type, and the schema has no field that the model lacks.
func TestFieldsAgree(t *testing.T) {
	for location, typ := range map[string]reflect.Type{id: reflect.TypeFor[crash.Report](), affectsID: reflect.TypeFor[affects.Result]()} {
		doc, err := os.ReadFile(path(t, location))
		if err != nil {
			t.Fatal(err)
		}
		var schema node
		if err := json.Unmarshal(doc, &schema); err != nil {
			t.Fatal(err)
		}
		w := walk{t: t, defs: schema.Defs, seen: map[string]bool{}}
		w.object(typ.String(), typ, schema.Properties)
		// Definitions that stand for words or for the framing of lines, not for a struct.
		for _, name := range []string{"address", "crashLine", "groupLine", "kind", "status", "versionStatus", "trust", "rank"} {
			w.seen[name] = true
		}
		for name := range schema.Defs {
			if !w.seen[name] {
				t.Errorf("$defs/%s is used by no field of %s", name, typ)
			}
		}
	}
}

// TestValidateSARIF: the schema of SARIF refuses what it should.
func TestValidateSARIF(t *testing.T) {
	for doc, ok := range map[string]bool{
		`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}}}]}`:                             true,
		`{"version":"2.0.0","runs":[]}`:                                                             false,
		`{"version":"2.1.0","runs":[{"tool":{"driver":{}}}]}`:                                       false,
		`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"level":"bad"}]}]}`: false,
	} {
		if err := validate(t, []byte(doc), sarifID); (err == nil) != ok {
			t.Errorf("%s: error %v, want ok %v", doc, err, ok)
		}
	}
}

// node is the part of JSON Schema that the schema uses.
type node struct {
	Ref        string          `json:"$ref"`
	Type       string          `json:"type"`
	Const      string          `json:"const"`
	Items      *node           `json:"items"`
	Properties map[string]node `json:"properties"`
	Defs       map[string]node `json:"$defs"`
}

type walk struct {
	t    *testing.T
	defs map[string]node
	seen map[string]bool
}

func (w *walk) object(name string, typ reflect.Type, props map[string]node) {
	known := map[string]bool{}
	for f := range typ.Fields() {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "" || tag == "-" {
			continue
		}
		known[tag] = true
		n, ok := props[tag]
		if !ok {
			w.t.Errorf("%s.%s is in the model but not in the schema", name, tag)
			continue
		}
		w.value(name+"."+tag, f.Type, n)
	}
	for p := range props {
		if !known[p] {
			w.t.Errorf("%s.%s is in the schema but not in the model", name, p)
		}
	}
}

func (w *walk) value(name string, typ reflect.Type, n node) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	want := ""
	switch typ.Kind() {
	case reflect.Struct:
		def := strings.TrimPrefix(n.Ref, "#/$defs/")
		d, ok := w.defs[def]
		if !ok || n.Ref == "" {
			w.t.Errorf("%s: no $ref to a definition of %s", name, typ)
			return
		}
		if !w.seen[def] {
			w.seen[def] = true
			w.object(def, typ, d.Properties)
		}
		return
	case reflect.Slice:
		if n.Type != "array" || n.Items == nil {
			w.t.Errorf("%s: want an array in the schema", name)
			return
		}
		w.value(name+"[]", typ.Elem(), *n.Items)
		return
	case reflect.String:
		want = "string"
	case reflect.Bool:
		want = "boolean"
	case reflect.Float64:
		want = "number"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		want = "integer"
	default:
		w.t.Fatalf("%s: the test does not know %s", name, typ)
	}
	switch typ {
	case reflect.TypeFor[crash.Addr]():
		want = "#/$defs/address"
	case reflect.TypeFor[crash.Kind]():
		want = "#/$defs/kind"
	case reflect.TypeFor[crash.Status]():
		want = "#/$defs/status"
	case reflect.TypeFor[crash.VersionStatus]():
		want = "#/$defs/versionStatus"
	case reflect.TypeFor[crash.Trust]():
		want = "#/$defs/trust"
	case reflect.TypeFor[crash.Rank]():
		want = "#/$defs/rank"
	}
	if n.Type != want && n.Ref != want && n.Const == "" {
		w.t.Errorf("%s: the schema says %q %q, the model %s", name, n.Type, n.Ref, want)
	}
}
