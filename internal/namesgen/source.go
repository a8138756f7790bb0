package main

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"path"
	"strings"

	"github.com/hacrash/hacrash/pkg/symbols/matched"
)

// truth reads what the functions of an executable are really called, by the address at which
// they begin: the symbols, and the file in which the debug data says that they are written.
func truth(file string) (map[uint64]matched.Source, error) {
	f, err := elf.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[uint64]matched.Source{}
	symbols, err := f.Symbols()
	if err != nil {
		return nil, fmt.Errorf("%s: %w; names are learned from executables with symbols", file, err)
	}
	unit := ""
	for _, s := range symbols {
		switch elf.ST_TYPE(s.Info) {
		case elf.STT_FILE:
			unit = s.Name
		case elf.STT_FUNC:
			if s.Section != elf.SHN_UNDEF && s.Size > 0 {
				out[s.Value] = matched.Source{Name: plain(s.Name), Unit: unitName(unit)}
			}
		}
	}
	d, err := f.DWARF()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return out, places(d, out)
}

// plain is a name without what compilers add to it: foo.isra.0, foo.part.1, foo.lto_priv.0.
func plain(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return name
}

func unitName(file string) string { return strings.TrimSuffix(path.Base(file), ".c") }

// places says of functions in which file they are written.
func places(d *dwarf.Data, out map[uint64]matched.Source) error {
	declared := map[dwarf.Offset]string{} // files of declarations
	type copied struct {
		low uint64
		of  dwarf.Offset
	}
	var copies []copied
	var files []*dwarf.LineFile
	for r := d.Reader(); ; {
		e, err := r.Next()
		if err != nil {
			return err
		}
		if e == nil {
			break
		}
		switch e.Tag {
		case dwarf.TagCompileUnit:
			files = nil
			if lines, err := d.LineReader(e); err == nil && lines != nil {
				files = lines.Files()
			}
		case dwarf.TagSubprogram:
			low, hasCode := e.Val(dwarf.AttrLowpc).(uint64)
			if n, is := e.Val(dwarf.AttrDeclFile).(int64); is && n < int64(len(files)) && files[n] != nil {
				declared[e.Offset] = files[n].Name
				if hasCode {
					copies = append(copies, copied{low, e.Offset})
				}
			}
			if of, is := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset); is && hasCode {
				copies = append(copies, copied{low, of})
			}
			r.SkipChildren()
		}
	}
	for _, c := range copies {
		if s, is := out[c.low]; is && declared[c.of] != "" {
			s.Unit, s.Header = unitName(declared[c.of]), strings.HasSuffix(declared[c.of], ".h")
			out[c.low] = s
		}
	}
	return nil
}
