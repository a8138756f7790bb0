package haproxy

import (
	"slices"
	"strings"
	"testing"
)

func family(t *testing.T, name string) *Family {
	t.Helper()
	f, ok := FlagFamily(name)
	if !ok {
		t.Fatalf("no family %s", name)
	}
	return f
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		family  string
		value   uint64
		version string // "" when it is not known
		want    string
		sure    bool
	}{
		// The spin of the CLI, 3.2-dev5.
		{"strm", 0xc4a, "3.2-dev5", "SF_HTX | SF_REDIRECTABLE | SF_CURR_SESS | SF_BE_ASSIGNED | SF_ASSIGNED", true},
		{"sc", 0x482, "3.2-dev5", "SC_FL_RCV_ONCE | SC_FL_WONT_READ | SC_FL_EOI", true},
		// Numbers within the word.
		{"strm", 0x34002, "2.6.12", "SF_FINST_H | SF_ERR_SRVTO | SF_ASSIGNED", true},
		{"strm", 0xf000, "2.6.12", "0xf000", false},
		{"txn", 0x201000, "2.0.0", "TX_CON_WANT_SCL | TX_CACHEABLE", true},
		{"txn", 0x308000, "2.0.0", "TX_CON_WANT_CLO | 0x8000", false},
		{"strm", 0x10000000, "3.5-dev5", "SF_TXN_HTTP", true},
		{"strm", 0x30000000, "3.5-dev5", "0x30000000", false},
		// Names for several flags are not printed.
		{"sd", 0x300, "3.2.0", "SE_FL_SHRR | SE_FL_SHRD", true},
		{"chn", 0, "3.2.0", "0", true},
		{"sc.state", 0, "3.2.0", "SC_ST_INI", true},
		{"sc.state", 200, "3.2.0", "0xc8", false},
		{"ana", 0x1000000, "3.2.0", "AN_RES_HTTP_PROCESS_BE | AN_RES_HTTP_PROCESS_FE", true},
		// No version: what never moved is sure.
		{"ana", 0x48000, "", "AN_REQ_FLT_END | AN_REQ_HTTP_XFER_BODY", true},
		{"chn", 0x80000002, "", "CF_ISRESP | CF_READ_PARTIAL?", false},
		{"stet", 0x8, "", "STRM_ET_CONN_TO", true},
		// Builds with and without QUIC number objects differently.
		{"obj", 12, "3.5-dev5", "OBJ_TYPE_HATERM?", false},
		{"obj", 8, "3.5-dev5", "OBJ_TYPE_SC", true},
		// A mistake of that version gave two flags one bit.
		{"sc", 0x1000, "2.8-dev7", "SC_FL_SND_EXP_MORE? | SC_FL_SND_NEVERWAIT?", false},
		// A family that the version does not have.
		{"si", 0x11, "3.2.0", "0x11", false},
		// Older and newer than the tables.
		{"chn", 0x80000000, "1.9.4", "CF_ISRESP?", false},
		{"chn", 0x80000000, "9.0.0", "CF_ISRESP?", false},
	} {
		var v Version
		if c.version != "" {
			v = mustParse(t, c.version)
		}
		d := family(t, c.family).Decode(c.value, v)
		if got := d.String(); got != c.want || d.Sure != c.sure {
			t.Errorf("%s %#x in %q: got %s, %v; want %s, %v", c.family, c.value, c.version, got, d.Sure, c.want, c.sure)
		}
	}
}

// Which versions a version is taken to be like.
func TestDecodeLike(t *testing.T) {
	f := family(t, "txn")
	versions := flags().versions
	newest := versions[len(versions)-1]
	for _, c := range []struct {
		version, like string
		exact         bool
	}{
		{"3.2-dev5", "3.2-dev5", true},
		{"3.2-dev5-37e8467", "3.2-dev5", true},
		{"3.2-dev5-37e8467-12", "", false}, // that tag or the next
		{"3.2.0", "3.2.0", true},
		{"3.2.7", "3.2.0", false}, // not read
		{"2.8.13-86e043a", "2.8.13", true},
		{"2.8.9", "2.8.8", true}, // read, and the same
		{"2.8.99", "2.8.14", false},
		{"2.8", "", false},
		{"2.6.12-1+deb12u2", "2.6.10", true},
		{"99.0-dev1", newest.String(), false},
		{newest.String() + "-37e8467-12", newest.String(), false},
		{"1.8.0", "2.0-dev0", false},
	} {
		d := f.Decode(0x1000, mustParse(t, c.version))
		like := d.Like.String()
		if d.Like == (Version{}) {
			like = ""
		}
		if like != c.like || d.Exact != c.exact {
			t.Errorf("%s: like %q, %v; want %q, %v", c.version, like, d.Exact, c.like, c.exact)
		}
	}
}

// 2.6.18 has a backport that moved two flags of a transaction.
func TestDecodeMovedInABranch(t *testing.T) {
	f := family(t, "txn")
	for version, want := range map[string]string{"2.6.17": "TX_L7_RETRY", "2.6.18": "0x800000", "2.6": "TX_L7_RETRY?"} {
		if got := f.Decode(0x800000, mustParse(t, version)).String(); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

func TestDecodeAmong(t *testing.T) {
	f := family(t, "chn")
	old := func(v Version) bool { return v.Major == 2 && v.Minor < 5 }
	if d := f.DecodeAmong(0x2, old); d.String() != "CF_READ_PARTIAL" || !d.Sure {
		t.Errorf("before 2.5: %s", d)
	}
	if d := f.DecodeAmong(0x2, func(Version) bool { return false }); d.Unknown != 2 || len(d.Flags) > 0 {
		t.Errorf("among none: %s", d)
	}
}

func TestFamilyNames(t *testing.T) {
	// Those of dev/flags of every version, and old ones.
	for _, name := range strings.Fields("ana chn conn sc stet strm task txn sd hsl htx hmsg fd h2c h2s h1c h1s fconn fstrm peers peer qc " +
		"spopc spops qcc qcs appctx si siet cs se endp cosep cf co") {
		f := family(t, name)
		if name != f.Name && !slices.Contains(f.Aliases, name) {
			t.Errorf("%s is %s", name, f.Name)
		}
	}
	if _, ok := FlagFamily("nope"); ok {
		t.Error("a family that is none")
	}
	if cs := family(t, "cs"); !cs.In(mustParse(t, "2.4.0")) || cs.In(mustParse(t, "3.2.0")) || !cs.In(Version{}) {
		t.Error("where conn-streams were")
	}
	seen := map[string]bool{}
	for _, f := range FlagFamilies() {
		for _, n := range append([]string{f.Name}, f.Aliases...) {
			if seen[n] {
				t.Errorf("two families %s", n)
			}
			seen[n] = true
		}
		if f.Title == "" || len(f.meanings) == 0 {
			t.Errorf("%s: no title, or empty", f.Name)
		}
	}
}

func TestFieldFamily(t *testing.T) {
	for _, c := range []struct{ field, version, want string }{
		{"rqf", "2.4.0", "chn"}, {"rqa", "", "ana"}, {"sif.flags", "2.0.0", "si"}, {"csf.flags", "2.4.0", "cs"},
		{"scf.flags", "3.2-dev5", "sc"}, {"scf.endp.flags", "3.2-dev5", "sd"}, {"strm.flags", "", "strm"}, {"stream.flags", "3.0.0", "strm"},
		{"txn.req.f", "3.0.0", "hmsg"}, {"req.f", "3.0.0", "chn"}, {"res.an", "3.0.0", "ana"}, {"res.htx.flags", "3.0.0", "htx"},
		{"cof.flags", "2.0.0", "conn"}, {"co0.flags", "3.0.0", "conn"}, {"co1.fd.state", "3.0.0", "fd"}, {"task.state", "2.0.0", "task"},
		{"h1s.flg", "3.2.0", "h1s"}, {"co1.h1s.sd.flg", "3.2.0", "sd"}, {"h2s.sc.flg", "3.2.0", "sc"}, {"scf.iobuf.flags", "3.0.0", "iobuf"},
		{"conn_et", "3.2.0", "stet"}, {"si[0].et", "2.4.0", "siet"}, {"fconn.st0", "3.2.0", "fconn.state"},
		{"scf.flags", "2.0.0", ""}, // that version has none
		{"fe", "", ""}, {"", "", ""}, {"...", "", ""}, {"app0.st0", "", ""},
	} {
		var v Version
		if c.version != "" {
			v = mustParse(t, c.version)
		}
		if got, ok := FieldFamily(c.field, v); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s in %q: %q %v, want %q", c.field, c.version, got, ok, c.want)
		}
	}
	for field, name := range fieldFamilies {
		if _, ok := FlagFamily(name); !ok {
			t.Errorf("%s: no family %s", field, name)
		}
	}
	for _, applet := range []string{"CLI", "MCLI", "STATS", "PEER", "SPOE"} {
		name, _ := AppletStates(applet)
		if f := family(t, name); !f.Enum {
			t.Errorf("%s: %s is no enum", applet, name)
		}
	}
	if _, ok := AppletStates("PROMEX"); ok {
		t.Error("states of an applet that has none of its own")
	}
}

// The data reads whole: every line of it is in the table.
func TestFlagData(t *testing.T) {
	table, err := parseFlags(flagData)
	if err != nil {
		t.Fatal(err)
	}
	meanings := 0
	for _, f := range table.families {
		meanings += len(f.meanings)
		for _, m := range f.meanings {
			if m.mask != 0 && m.value&^m.mask != 0 {
				t.Errorf("%s: %s has bits outside of its mask", f.Name, m.name)
			}
		}
	}
	if want := strings.Count(flagData, "@"); meanings != want {
		t.Errorf("%d meanings, the data has %d", meanings, want)
	}
	if want := strings.Count(flagData, "\nfamily "); len(table.families) != want {
		t.Errorf("%d families, the data has %d", len(table.families), want)
	}
	if !slices.IsSortedFunc(table.versions, Version.Compare) {
		t.Error("versions are not in order")
	}
	if first, last := table.versions[0], table.versions[len(table.versions)-1]; first.String() != "2.0-dev0" || last.Compare(mustParse(t, "3.5-dev5")) < 0 {
		t.Errorf("versions %s to %s", first, last)
	}
}

func TestFlagDataRefuses(t *testing.T) {
	const head = "versions 2.0.0 2.2.0\nfamily a flags - title\n"
	for _, data := range []string{
		"versions x\n", "family a\n", "X 1@0\n", head + "X 1\n", head + "X z@0\n", head + "X 1/z@0\n", head + "X 1@z\n", head + "X 1@0-z\n",
		head + "X 1@2\n", head + "X 1@1-1\n", head + "X 1@-1\n", head + "X 1@0-3\n",
	} {
		if _, err := parseFlags(data); err == nil {
			t.Errorf("%q: no error", data)
		}
	}
	if _, err := parseFlags(head + "X 1@0 2@1\n"); err != nil {
		t.Error(err)
	}
}

func BenchmarkParseFlags(b *testing.B) {
	for b.Loop() {
		if _, err := parseFlags(flagData); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	f, _ := FlagFamily("sc")
	v, _ := ParseVersion("3.2-dev5")
	for b.Loop() {
		f.Decode(0x1482, v)
	}
}
