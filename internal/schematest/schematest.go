// Package schematest checks reports against docs/schema/report.schema.json. It
// alone knows where the schema lies, so that the tests of every package that
// emits a report can hold it to its promise.
package schematest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const id = "https://github.com/hacrash/hacrash/docs/schema/report.schema.json"

// path is the path of the schema file, found from the directory of the test upwards.
func path(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "docs", "schema", "report.schema.json")
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test: the schema is looked for beside it")
		}
		dir = up
	}
}

// Validate fails the test unless doc is a valid report.
func Validate(t testing.TB, doc []byte) {
	t.Helper()
	check(t, doc, id)
}

// ValidateLines fails the test unless every line of doc is a valid line of
// --format jsonl. An empty doc is valid.
func ValidateLines(t testing.TB, doc []byte) {
	t.Helper()
	lines(t, doc, "crashLine")
}

// ValidateGroupLines is ValidateLines for --group.
func ValidateGroupLines(t testing.TB, doc []byte) {
	t.Helper()
	lines(t, doc, "groupLine")
}

func lines(t testing.TB, doc []byte, of string) {
	t.Helper()
	for line := range bytes.Lines(doc) {
		check(t, line, id+"#/$defs/"+of)
	}
}

func check(t testing.TB, doc []byte, location string) {
	t.Helper()
	if err := validate(t, doc, location); err != nil {
		t.Errorf("not valid by %s: %v\n%s", location, err, clip(doc))
	}
}

func validate(t testing.TB, doc []byte, location string) error {
	t.Helper()
	file, err := os.Open(path(t))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	schema, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(id, schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(location)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		return err
	}
	return compiled.Validate(v)
}

func clip(doc []byte) []byte {
	const most = 2000
	if len(doc) > most {
		return doc[:most]
	}
	return doc
}
