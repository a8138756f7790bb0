package haproxy

import (
	"slices"
	"testing"
)

func TestFlagTypes(t *testing.T) {
	types, rest := FlagTypes([]string{"sc", "rqf", "cli.state", "0x10", "sc"})
	if len(types) != 3 || !slices.Equal(rest, []string{"0x10", "sc"}) {
		t.Fatalf("%v, %v", types, rest)
	}
	if types[0].Dumped || !types[1].Dumped || types[1].Family.Name != "chn" || types[1].Word != "rqf" || types[2].Dumped {
		t.Errorf("%+v", types)
	}
	if types, rest := FlagTypes(nil); types != nil || rest != nil {
		t.Errorf("%v, %v", types, rest)
	}
}

func TestDevFlagTypes(t *testing.T) {
	has := func(v, name string) bool {
		version, err := ParseVersion(v)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(DevFlagTypes(version), func(x FlagType) bool { return x.Word == name && !x.Dumped })
	}
	if !has("3.2.0", "sc") || has("3.2.0", "si") || has("2.4.0", "sc") || !has("2.4.0", "si") || has("3.2.0", "cli.state") {
		t.Error("the types are not those of the version")
	}
}

func TestNumber(t *testing.T) {
	plain := FlagType{Family: family(t, "sc")}
	dumped := FlagType{Family: family(t, "chn"), Dumped: true}
	enum := FlagType{Family: family(t, "cli.state"), Dumped: true}
	for _, tt := range []struct {
		as   FlagType
		word string
		hex  bool
		want uint64
	}{
		{plain, "0x10", false, 16}, {plain, "0X1f", false, 31}, {plain, "16", false, 16}, {plain, "020", false, 16}, {plain, " +7 ", false, 7},
		{plain, "10", true, 16}, {plain, "0", false, 0}, {plain, "-1", false, 0xffffffff}, {plain, "18446744073709551615", false, 1<<64 - 1},
		{dumped, "808000", false, 0x808000}, {dumped, "0x10", false, 16}, {enum, "10", false, 10},
	} {
		if got, err := tt.as.Number(tt.word, tt.hex); err != nil || got != tt.want {
			t.Errorf("%q: %#x, %v; want %#x", tt.word, got, err, tt.want)
		}
	}
	for word, says := range map[string]string{
		"c4a":                  "c4a: not a decimal number; write 0xc4a, or pass --hex",
		"09":                   "09: not a decimal number; write 0x09, or pass --hex",
		"nonsense":             "nonsense: neither a type nor a number; hacrash flags list prints the types",
		"18446744073709551616": "18446744073709551616: neither a type nor a number; hacrash flags list prints the types",
		"":                     ": neither a type nor a number; hacrash flags list prints the types",
	} {
		if n, err := plain.Number(word, false); err == nil || word != "18446744073709551616" && err.Error() != says {
			t.Errorf("%q: %#x, %v; want %s", word, n, err, says)
		}
	}
}

func TestFlagColumn(t *testing.T) {
	got := FlagColumn("\t: 0x8001UL\r\n\n=0x400,;\n12\n")
	if !slices.Equal(got, []string{"0x8001", "0x400", "12"}) {
		t.Errorf("%q", got)
	}
}

// TestConstants: each constant that is listed is what Decode calls its value, and
// numbers of several bits are among them.
func TestConstants(t *testing.T) {
	v, err := ParseVersion("3.2.0")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range FlagFamilies() {
		list := f.Constants(v)
		if f.In(v) != (len(list) > 0) {
			t.Errorf("%s: %d constants", f.Name, len(list))
		}
		for i, c := range list {
			if !slices.Contains(f.Decode(c.Value, v).Flags, c) {
				t.Errorf("%s: %+v is not what its value is called", f.Name, c)
			}
			if slices.Contains(list[:i], c) {
				t.Errorf("%s: %s is there twice", f.Name, c.Name)
			}
		}
	}
	value := func(name string) uint64 {
		for _, f := range FlagFamilies() {
			for _, c := range f.Constants(v) {
				if c.Name == name {
					return c.Value
				}
			}
		}
		return 0
	}
	for name, want := range map[string]uint64{"SF_ERR_CLICL": 0x3000, "PR_O2_EXT_CHK": 0xa0000000, "CLI_ST_END": 1, "SC_FL_SHUT_DONE": 0x20000} {
		if got := value(name); got != want {
			t.Errorf("%s is %#x, want %#x", name, got, want)
		}
	}
}
