package backtrace

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// genuine are all samples, in the order of their names.
func genuine(t testing.TB) []string {
	files, err := filepath.Glob("testdata/*.txt")
	more, err2 := filepath.Glob("../testdata/samples/*.txt")
	if err != nil || err2 != nil || len(files) < 20 {
		t.Fatal(len(files), err, err2)
	}
	slices.Sort(files)
	var all []string
	for _, name := range append(files, more...) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(data))
	}
	return all
}

// mutate changes a text as pastes are damaged: lines that are missing, twice, in another
// order, cut, joined, of another session. Each three bytes of plan are one change.
func mutate(text, other string, plan []byte) string {
	lines, others := strings.Split(text, "\n"), strings.Split(other, "\n")
	for ; len(plan) >= 3 && len(lines) > 1 && len(lines) < 4096; plan = plan[3:] {
		at, n := int(plan[1])*len(lines)/256, int(plan[2])
		i := min(at+1, len(lines)-1)
		switch line := lines[at]; plan[0] % 12 {
		case 0:
			lines = slices.Delete(lines, at, min(at+1+n%8, len(lines)-1))
		case 1:
			lines = slices.Insert(lines, at, lines[at:min(at+1+n%8, len(lines))]...)
		case 2:
			lines[at], lines[i] = lines[i], line
		case 3:
			lines[at] = line[:len(line)*n/256]
		case 4:
			lines[at] = line[len(line)*n/256:]
		case 5:
			lines[at] = line + " " + lines[i]
			lines = slices.Delete(lines, i, i+1)
		case 6:
			lines = slices.Insert(lines, at, others[len(others)*n/256:]...)
		case 7:
			cut := len(line) * n / 256
			lines[at] = line[:cut]
			lines = slices.Insert(lines, i, line[cut:])
		case 8:
			lines[at] = strings.ReplaceAll(line, "0x", "0x"+strings.Repeat("f", n%24))
		case 9:
			lines[at] = strings.NewReplacer("(", "((", "\"", "", "{", "{{").Replace(line)
		case 10:
			lines = lines[:max(at, 1)]
		case 11:
			lines = lines[at:]
		}
	}
	return strings.Join(lines, "\n")
}

// FuzzSessions damages genuine sessions.
func FuzzSessions(f *testing.F) {
	all := genuine(f)
	for i := range all {
		f.Add(byte(i), byte(i+1), []byte{byte(i), 100, 3, byte(i + 5), 30, 200, byte(i + 7), 180, 77})
	}
	f.Fuzz(func(t *testing.T, one, two byte, plan []byte) {
		text := mutate(all[int(one)%len(all)], all[int(two)%len(all)], plan)
		if len(text) <= 1<<18 {
			check(t, text)
		}
	})
}
