package coretest

import (
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// programs is each way to die of each program.
func programs() []Program {
	var all []Program
	for source, ways := range map[string][]string{
		"bare":       {""},
		"inlines":    {""},
		"threads":    {""},
		"busy":       {"4"},
		"layers":     {""},
		"noreturn":   {""},
		"vdso":       {""},
		"values":     {""},
		"postmortem": {"bug", "abort", "counter", "shared", "warn", "plain"},
		"objects":    {"", "broken"},
		"tailcalls":  {"chain", "library", "callback", "indirect", "jump", "ambiguous", "self"},
		"sig":        {"handler", "altstack", "nested", "first"},
		"nullcall":   {"null", "data", "unmapped"},
		"deep":       {"recursion", "overflow", "corrupt", "loop"},
	} {
		for _, way := range ways {
			all = append(all, Program{Source: source, Way: way})
		}
	}
	return all
}

func TestEachProgramLeavesCore(t *testing.T) {
	for _, p := range programs() {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			c := Crash(t, p)
			f, err := elf.Open(c.Core)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if f.Type != elf.ET_CORE {
				t.Errorf("%s is %v", c.Core, f.Type)
			}
			if again := Crash(t, p); again.Core != c.Core {
				t.Errorf("made twice: %s and %s", c.Core, again.Core)
			}
		})
	}
}

// TestEachSourceIsRun fails when a source was added that no test runs.
func TestEachSourceIsRun(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sources(t), "*.c"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		runs := func(p Program) bool { return p.Source+".c" == filepath.Base(file) }
		if filepath.Base(file) != "lib.c" && !slices.ContainsFunc(programs(), runs) {
			t.Errorf("%s is run by nothing", file)
		}
	}
}

// TestVariants looks for what each variant must have, and must not.
func TestVariants(t *testing.T) {
	for name, want := range map[string]struct{ has, lacks []string }{
		"plain":              {has: []string{".debug_info", ".debug_rnglists", ".symtab", ".eh_frame_hdr"}},
		"O0":                 {has: []string{".debug_info"}, lacks: []string{".debug_loclists"}},
		"dwarf4":             {has: []string{".debug_info", ".debug_ranges", ".debug_loc"}, lacks: []string{".debug_rnglists"}},
		"dwarf4-O0":          {has: []string{".debug_info"}, lacks: []string{".debug_loc"}},
		"zlib":               {has: []string{".debug_info"}},
		"zstd":               {has: []string{".debug_info"}},
		"stripped":           {lacks: []string{".debug_info", ".symtab", ".gnu_debuglink"}},
		"debuglink":          {has: []string{".gnu_debuglink"}, lacks: []string{".debug_info", ".symtab"}},
		"debuglink-subdir":   {has: []string{".gnu_debuglink"}, lacks: []string{".debug_info", ".symtab"}},
		"build-id-dir":       {lacks: []string{".debug_info", ".symtab", ".gnu_debuglink"}},
		"dwz":                {has: []string{".debug_info"}, lacks: []string{".gnu_debugaltlink"}},
		"dwz-dwarf4":         {has: []string{".debug_info"}, lacks: []string{".gnu_debugaltlink"}},
		"dwz-alt":            {lacks: []string{".debug_info"}},
		"dwz-alt-dwarf4":     {lacks: []string{".debug_info"}},
		"dwo":                {has: []string{".debug_info", ".debug_addr"}, lacks: []string{".debug_str_offsets"}},
		"dwo-dwarf4":         {has: []string{".debug_info", ".debug_addr"}, lacks: []string{".debug_loc"}},
		"dwp-dwarf4":         {has: []string{".debug_info", ".debug_addr"}, lacks: []string{".debug_loc"}},
		"minidebuginfo":      {has: []string{".gnu_debugdata"}, lacks: []string{".debug_info", ".symtab"}},
		"no-eh-frame-hdr":    {has: []string{".eh_frame"}, lacks: []string{".eh_frame_hdr"}},
		"debug-frame-only":   {has: []string{".debug_frame"}},
		"frame-pointer-only": {has: []string{".debug_info"}, lacks: []string{".debug_frame"}},
		"static":             {has: []string{".debug_info"}, lacks: []string{".interp"}},
		"no-pie":             {has: []string{".debug_info"}},
		"arm64":              {has: []string{".debug_info"}},
		"arm64-O0":           {has: []string{".debug_info"}},
		"arm64-static":       {has: []string{".debug_info"}, lacks: []string{".interp"}},
		"arm64-pac":          {has: []string{".debug_info"}},
		"arm64-pac-ignored":  {has: []string{".debug_info"}},
		"riscv64":            {has: []string{".debug_info", ".eh_frame_hdr"}},
		"riscv64-O0":         {has: []string{".debug_info"}},
		"riscv64-static":     {has: []string{".debug_info"}, lacks: []string{".interp"}},
		"riscv64-fp":         {has: []string{".debug_info"}, lacks: []string{".debug_frame"}},
	} {
		all := slices.Concat(Variants(), ARM64Variants(), RISCV64Variants())
		i := slices.IndexFunc(all, func(v Variant) bool { return v.Name == name })
		if i < 0 {
			t.Errorf("no variant %s", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := Crash(t, Program{Source: "inlines", Variant: all[i]})
			for _, s := range want.has {
				if section(t, c.Exe, s) == nil {
					t.Errorf("%s has no %s", c.Exe, s)
				}
			}
			for _, s := range want.lacks {
				if section(t, c.Exe, s) != nil {
					t.Errorf("%s has %s", c.Exe, s)
				}
			}
			if buildID(t, c.Exe) != buildID(t, c.Linked) {
				t.Error("the executable is not what was linked")
			}
			if c.DebugDir == "" {
				return
			}
			debug := c.buildIDFile(t, c.Exe)
			if section(t, debug, ".debug_info") == nil {
				t.Errorf("%s has no .debug_info", debug)
			}
			if c.Debug == DwzAlt && section(t, debug, ".gnu_debugaltlink") == nil {
				t.Errorf("%s has no .gnu_debugaltlink", debug)
			}
		})
	}
	if n := len(Variants()) + len(ARM64Variants()) + len(RISCV64Variants()); n != 32 {
		t.Errorf("%d variants, 32 are looked at", n)
	}
}

func TestCompressed(t *testing.T) {
	for debug, kind := range map[Debug]uint32{Zlib: uint32(elf.COMPRESS_ZLIB), Zstd: uint32(elf.COMPRESS_ZSTD)} {
		c := Build(t, Program{Source: "inlines", Variant: Variant{Debug: debug}})
		s := section(t, c.Exe, ".debug_info")
		if s == nil || s.Flags&elf.SHF_COMPRESSED == 0 {
			t.Fatalf("%s is not compressed: %+v", c.Exe, s)
		}
		// Elf64_Chdr begins with its ch_type.
		file, err := os.ReadFile(c.Exe)
		if err != nil {
			t.Fatal(err)
		}
		if got := uint32(file[s.Offset]); got != kind {
			t.Errorf("%s is compressed with %d, want %d", c.Exe, got, kind)
		}
	}
}

// section is a section's header; nil when there is none.
func section(t *testing.T, file, name string) *elf.SectionHeader {
	t.Helper()
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if s := f.Section(name); s != nil {
		return &s.SectionHeader
	}
	return nil
}
