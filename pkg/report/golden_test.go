package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hacrash/hacrash/internal/schematest"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// TestGolden prints every fixture in every format. Read the diff of a golden as
// a reader of the report would.
func TestGolden(t *testing.T) {
	for _, f := range fixtures() {
		for _, format := range Formats() {
			levels := map[string]Level{"": Normal}
			if format == "text" {
				levels = map[string]Level{"-brief": Brief, "": Normal, "-full": Full}
			}
			for suffix, level := range levels {
				name := f.name + "." + format + suffix
				t.Run(name, func(t *testing.T) {
					var b bytes.Buffer
					if err := Write(&b, format, f.report(), Options{Level: level}); err != nil {
						t.Fatal(err)
					}
					switch format {
					case "json":
						schematest.Validate(t, b.Bytes())
					case "jsonl":
						schematest.ValidateLines(t, b.Bytes())
					}
					golden(t, name+".golden", b.Bytes())
				})
			}
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); rewrite with -update:\n%s", name, diff)
	}
}
