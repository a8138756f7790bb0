package report

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/golden"
	"github.com/hacrash/hacrash/internal/schematest"
	"github.com/hacrash/hacrash/pkg/affects"
	"github.com/hacrash/hacrash/pkg/fixes"
	"github.com/hacrash/hacrash/pkg/fixes/sentences"
	"github.com/hacrash/hacrash/pkg/haconf"
	"github.com/hacrash/hacrash/pkg/haproxy"
)

// TestAffectsOfConfigurations: what of 2.8.3 matters to configurations of five kinds.
func TestAffectsOfConfigurations(t *testing.T) {
	x, err := fixes.Load()
	if err != nil {
		t.Fatal(err)
	}
	asked, err := haproxy.ParseVersion("2.8.3")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("../../testdata/configs/*.cfg")
	if err != nil || len(names) != 5 {
		t.Fatalf("%q, %v", names, err)
	}
	for _, name := range names {
		config, err := haconf.Read([]string{name}, nil, sentences.Words())
		if err != nil {
			t.Fatal(err)
		}
		if config.Broken+config.Unknown > 0 {
			t.Errorf("%s: not understood: %q", name, config.Where)
		}
		d, err := affects.Find(x, affects.Query{Asked: asked, Setup: haconf.Setup{Config: config}})
		if err != nil {
			t.Fatal(err)
		}
		for format, check := range map[string]func(testing.TB, []byte){"json": schematest.ValidateAffects, "sarif": schematest.ValidateSARIF} {
			var b bytes.Buffer
			if err := WriteAffects(&b, format, "1.2.3", d); err != nil {
				t.Fatal(err)
			}
			check(t, b.Bytes())
		}
		var b bytes.Buffer
		if err := WriteAffects(&b, "text", "", d); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, filepath.Join("testdata", "affects-"+strings.TrimSuffix(filepath.Base(name), ".cfg")+".golden"), b.Bytes())
	}
}
