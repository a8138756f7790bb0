package report

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/internal/schematest"
)

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
					golden.Check(t, filepath.Join("testdata", name+".golden"), withoutStyle(b.Bytes()))
				})
			}
		}
	}
}

// withoutStyle leaves the style out of a page, and its hash: both are html.css.
func withoutStyle(page []byte) []byte {
	page = bytes.Replace(page, []byte("<style>"+strings.TrimSuffix(htmlCSS, "\n")), []byte("<style>"), 1)
	return regexp.MustCompile(`sha256-.*?=&#39;`).ReplaceAll(page, []byte("sha256-…&#39;"))
}
