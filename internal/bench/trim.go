package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// sizes are what a small core, packed by zstd -19, and a bundle may take, in bytes; 0 is no limit.
type sizes struct{ core, bundle int64 }

// trimmed measures how long it takes to make a small core, and a bundle, and how large they are.
func (t *table) trimmed(title string, c crashed, want sizes) {
	if t.err != nil {
		return
	}
	core, bundle := filepath.Join(t.o.dir, "small.core"), filepath.Join(t.o.dir, "small.tar.zst")
	defer os.Remove(core)
	defer os.Remove(bundle)
	trim := func(more ...string) []string {
		argv := []string{t.o.program, "trim", "--force"}
		if c.exe != "" {
			argv = append(argv, "--exe", c.exe)
		}
		return append(append(argv, more...), c.core)
	}
	t.measure(title+", trim", budget{megabyte: 64}, []command{
		{nameTrim, trim("-o", core)},
		{nameTrim + " --bundle", trim("--bundle", bundle)},
	})
	t.size(title+", small core", core+".zst", want.core, "zstd", "-q", "-19", "-f", core)
	t.size(title+", bundle", bundle, want.bundle)
}

// size notes how large a file is that a command makes, or that is there.
func (t *table) size(title, path string, most int64, argv ...string) {
	if t.err != nil {
		return
	}
	if len(argv) > 0 {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.note(title, fmt.Errorf("%s: %v %s", argv[0], err, out))
			return
		}
		defer os.Remove(path)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.err = err
		return
	}
	line := fmt.Sprintf("%-40s %d bytes", title, st.Size())
	if most > 0 {
		line += fmt.Sprintf(", at most %d: %s", most, okay(st.Size() <= most))
	}
	t.verdicts = append(t.verdicts, line)
}

func okay(yes bool) string {
	if yes {
		return "ok"
	}
	return "TOO LARGE"
}
