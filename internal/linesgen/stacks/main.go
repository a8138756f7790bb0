// Command stacks makes call stacks as a debugger prints them, of programs with debug data
// and without running them: it goes from a line of a function to one of the places that
// call the function, and on from there. They are the test data of package lines, whose
// versions are certain.
//
//	go run ./internal/linesgen/stacks VERSION=FILE…
//
// A FILE is HAProxy, or objects of it linked with gcc -shared, built with -O2 -g.
package main

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"slices"
	"sort"
	"strings"
)

func main() {
	for _, arg := range os.Args[1:] {
		version, file, ok := strings.Cut(arg, "=")
		if !ok {
			fmt.Fprintf(os.Stderr, "stacks: %q: want VERSION=FILE\n", arg)
			os.Exit(2)
		}
		if err := sample(os.Stdout, version, file); err != nil {
			fmt.Fprintf(os.Stderr, "stacks: %s: %v\n", file, err)
			os.Exit(1)
		}
	}
}

// frame is one as a debugger prints it.
type frame struct {
	function, file string
	line           int
}

// call is a place that calls a function: the frames from the innermost on.
type call struct{ frames []frame }

// program is what the debug data say.
type program struct {
	data  *dwarf.Data
	names map[dwarf.Offset]string
	calls map[string][]call // by the function that is called
	tops  map[uint64]call   // places where something may go wrong, by address
}

// Sizes of the sample.
const (
	stacksEach = 40
	deepest    = 12
)

func sample(w io.Writer, version, file string) error {
	f, err := elf.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	p := &program{names: map[dwarf.Offset]string{}, calls: map[string][]call{}, tops: map[uint64]call{}}
	if p.data, err = f.DWARF(); err != nil {
		return err
	}
	if err := p.read(); err != nil {
		return err
	}
	at := slices.Sorted(maps.Keys(p.tops))
	rnd := rand.New(rand.NewPCG(1, 2))
	for n := range stacksEach {
		stack := p.tops[at[rnd.IntN(len(at))]].frames
		want := 1 + rnd.IntN(deepest)
		for len(stack) < want {
			up := p.calls[stack[len(stack)-1].function]
			if len(up) == 0 {
				break
			}
			stack = slices.Concat(stack, up[rnd.IntN(len(up))].frames)
		}
		fmt.Fprintf(w, "stack %s-%d %s\n", version, n+1, version)
		for _, f := range stack {
			fmt.Fprintln(w, f.function, f.file, f.line)
		}
	}
	return nil
}

// unit is a compilation unit with its rows of lines.
type unit struct {
	p     *program
	files []*dwarf.LineFile
	rows  []dwarf.LineEntry
	dir   string
}

func (p *program) read() error {
	r := p.data.Reader()
	for {
		e, err := r.Next()
		if err != nil {
			return err
		}
		if e == nil {
			break
		}
		if e.Tag == dwarf.TagSubprogram {
			if name, ok := e.Val(dwarf.AttrName).(string); ok {
				p.names[e.Offset] = name
			} else if o, ok := e.Val(dwarf.AttrSpecification).(dwarf.Offset); ok {
				p.names[e.Offset] = p.names[o]
			}
		}
	}
	r.Seek(0)
	for {
		e, err := r.Next()
		if err != nil || e == nil {
			return err
		}
		if e.Tag != dwarf.TagCompileUnit {
			r.SkipChildren()
			continue
		}
		u := unit{p: p}
		u.dir, _ = e.Val(dwarf.AttrCompDir).(string)
		if err := u.lines(e); err != nil {
			return err
		}
		if err := u.walk(r, e, nil); err != nil {
			return err
		}
	}
}

func (u *unit) lines(e *dwarf.Entry) error {
	lr, err := u.p.data.LineReader(e)
	if err != nil || lr == nil {
		return err
	}
	for {
		var row dwarf.LineEntry
		if err := lr.Next(&row); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		u.rows = append(u.rows, row)
	}
	u.files = lr.Files()
	sort.SliceStable(u.rows, func(i, j int) bool { return u.rows[i].Address < u.rows[j].Address })
	return nil
}

// at is the row of an address.
func (u *unit) at(pc uint64) *dwarf.LineEntry {
	i := sort.Search(len(u.rows), func(i int) bool { return u.rows[i].Address > pc })
	if i == 0 || u.rows[i-1].EndSequence {
		return nil
	}
	return &u.rows[i-1]
}

func (u *unit) name(file string) string {
	return path.Clean(strings.TrimPrefix(strings.TrimPrefix(file, u.dir), "/"))
}

// scope is a function, or one that was inlined, around what is read.
type scope struct {
	function string
	// file and line are where it was called, of one that was inlined.
	file string
	line int
}

// walk reads the children of an entry, within the scopes, the innermost last.
func (u *unit) walk(r *dwarf.Reader, e *dwarf.Entry, scopes []scope) error {
	if !e.Children {
		return nil
	}
	for {
		c, err := r.Next()
		if err != nil {
			return err
		}
		if c == nil || c.Tag == 0 {
			return nil
		}
		inner := scopes
		switch c.Tag {
		case dwarf.TagSubprogram:
			inner = nil
			if name := u.nameOf(c, dwarf.AttrAbstractOrigin); name != "" && c.Val(dwarf.AttrLowpc) != nil {
				inner = []scope{{function: name}}
				u.tops(c, inner)
			}
		case dwarf.TagInlinedSubroutine:
			if len(scopes) > 0 {
				n, _ := c.Val(dwarf.AttrCallFile).(int64)
				line, _ := c.Val(dwarf.AttrCallLine).(int64)
				if int(n) < len(u.files) && u.files[n] != nil {
					inner = append(slices.Clone(scopes), scope{u.nameOf(c, dwarf.AttrAbstractOrigin), u.name(u.files[n].Name), int(line)})
					u.tops(c, inner)
				}
			}
		case dwarf.TagCallSite:
			callee := u.nameOf(c, dwarf.AttrCallOrigin)
			if pc, ok := c.Val(dwarf.AttrCallReturnPC).(uint64); ok && callee != "" && len(scopes) > 0 {
				if frames := u.frames(pc-1, scopes); frames != nil {
					u.p.calls[callee] = append(u.p.calls[callee], call{frames})
				}
			}
		}
		if err := u.walk(r, c, inner); err != nil {
			return err
		}
	}
}

func (u *unit) nameOf(e *dwarf.Entry, origin dwarf.Attr) string {
	if name, ok := e.Val(dwarf.AttrName).(string); ok {
		return name
	}
	o, _ := e.Val(origin).(dwarf.Offset)
	return u.p.names[o]
}

// tops takes some of the instructions of a function as places where it may fail.
func (u *unit) tops(e *dwarf.Entry, scopes []scope) {
	ranges, err := u.p.data.Ranges(e)
	if err != nil {
		return
	}
	for _, r := range ranges {
		// The same addresses are tried for what is inlined here, which comes later and
		// is what a debugger shows.
		for pc := r[0] - r[0]%97 + 97; pc < r[1]; pc += 97 {
			if frames := u.frames(pc, scopes); frames != nil {
				u.p.tops[pc] = call{frames}
			}
		}
	}
}

// frames are those at an address, from the innermost scope on.
func (u *unit) frames(pc uint64, scopes []scope) []frame {
	row := u.at(pc)
	if row == nil || row.File == nil || row.Line == 0 {
		return nil
	}
	file, line := u.name(row.File.Name), row.Line
	var out []frame
	for _, s := range slices.Backward(scopes) {
		out = append(out, frame{s.function, file, line})
		file, line = s.file, s.line
	}
	return out
}
