// Package schematest checks what hacrash emits against the schemas in docs/schema, and
// against that of SARIF. It alone knows where the schemas lie, so that the tests of every
// package that emits a report can hold it to its promise.
//
// testdata/sarif-schema-2.1.0.json is OASIS's schema of SARIF 2.1.0, errata 01, as the Go
// module github.com/securego/gosec v2.30.0 (Apache License 2.0) ships it for its tests.
package schematest

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schemas: where each lies in the tree, and what it calls itself.
const (
	id        = "https://github.com/hacrash/hacrash/docs/schema/report.schema.json"
	affectsID = "https://github.com/hacrash/hacrash/docs/schema/affects.schema.json"
	doctorID  = "https://github.com/hacrash/hacrash/docs/schema/doctor.schema.json"
	sarifID   = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

// path is the path of the file of a schema, found from the directory of the test upwards.
func path(t testing.TB, location string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			if location == sarifID {
				return filepath.Join(dir, "internal", "schematest", "testdata", "sarif-schema-2.1.0.json")
			}
			return filepath.Join(dir, "docs", "schema", filepath.Base(location))
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

// ValidateAffects fails the test unless doc is a valid answer of hacrash bugs affects.
func ValidateAffects(t testing.TB, doc []byte) {
	t.Helper()
	check(t, doc, affectsID)
}

// ValidateDoctor fails the test unless doc is a valid answer of hacrash doctor.
func ValidateDoctor(t testing.TB, doc []byte) {
	t.Helper()
	check(t, doc, doctorID)
}

// ValidateSARIF fails the test unless doc is a valid log of SARIF 2.1.0.
func ValidateSARIF(t testing.TB, doc []byte) {
	t.Helper()
	check(t, doc, sarifID)
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
	base, _, _ := strings.Cut(location, "#")
	file, err := os.Open(path(t, base))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	schema, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(base, schema); err != nil {
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
