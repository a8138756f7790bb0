package watch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestUnits: systemd finds nothing wrong with the units.
func TestUnits(t *testing.T) {
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no systemd-analyze")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "hacrash")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hacrash-watch.service", "hacrash-once.service"} {
		text, err := os.ReadFile(filepath.Join("../../packaging/systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		unit := filepath.Join(dir, name)
		if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(text), "/usr/bin/hacrash", program)), 0o644); err != nil {
			t.Fatal(err)
		}
		// Manuals of a package that is not installed are not there.
		out, err := exec.Command(verify, "verify", "--man=no", unit).CombinedOutput()
		if err != nil || strings.Contains(string(out), name) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestManifests: the manifests are YAML, and their arguments are options of the command.
func TestManifests(t *testing.T) {
	command, err := os.ReadFile("../../cmd/hacrash/watch.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../packaging/kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := yaml.Unmarshal(text, &doc); err != nil || doc["kind"] == nil {
			t.Errorf("%s: %v", name, err)
		}
		for line := range strings.Lines(string(text)) {
			option, ok := strings.CutPrefix(strings.TrimSpace(line), "- --")
			if !ok {
				continue
			}
			option, _, _ = strings.Cut(option, "=")
			if !strings.Contains(string(command), `"`+option+`"`) {
				t.Errorf("%s: hacrash watch has no --%s", name, option)
			}
		}
	}
}
