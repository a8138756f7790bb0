package signals

import "testing"

func TestNumber(t *testing.T) {
	for name, want := range map[string]int{
		"SEGV": 11, "SIGSEGV": 11, "sigsegv": 11, "Segmentation fault": 11,
		"Segmentation Fault": 11, " Aborted ": 6, "SIGIOT": 6, "Abort trap": 6,
		"SIGBUS": 7, "Illegal instruction": 4, "Floating point exception": 8,
		"KILL": 9, "Killed": 9, "SIGRTMIN": 34, "SIGRTMIN+2": 36, "SIGRTMAX-1": 63,
		"SIGRTMIN-2": 0, "SIGRTMIN+99": 0, "SIGRTMIN+": 0, "RTMIN++2": 0,
		"": 0, "SIG": 0, "11": 0, "SIGNAL": 0, "SEGVX": 0,
	} {
		if got := Number(name); got != want {
			t.Errorf("Number(%q) = %d, want %d", name, got, want)
		}
	}
}

func TestNameAndTextRoundTrip(t *testing.T) {
	for n := 1; n <= 64; n++ {
		if n == 32 || n == 33 {
			if Name(n) != "" {
				t.Errorf("Name(%d) = %q, want none", n, Name(n))
			}
			continue
		}
		if Name(n) == "" || Number(Name(n)) != n {
			t.Errorf("%d: name %q is number %d", n, Name(n), Number(Name(n)))
		}
		if text := table[min(n, len(table)-1)].text; n < len(table) && text != "" && Number(text) != n {
			t.Errorf("%d: text %q is number %d", n, text, Number(text))
		}
	}
	for _, n := range []int{-1, 0, 65, 1 << 30} {
		if Name(n) != "" {
			t.Errorf("%d is no signal but has a name", n)
		}
	}
}

func TestCodeName(t *testing.T) {
	for _, c := range []struct {
		signal, code int
		want         string
	}{
		{11, 1, "SEGV_MAPERR"}, {11, 2, "SEGV_ACCERR"}, {11, 10, "SEGV_CPERR"}, {11, 11, ""},
		{11, 128, "SI_KERNEL"}, {4, 2, "ILL_ILLOPN"}, {6, -6, "SI_TKILL"}, {7, 2, "BUS_ADRERR"},
		{8, 1, "FPE_INTDIV"}, {8, 14, "FPE_FLTUNK"}, {8, 9, ""}, {14, -2, "SI_TIMER"},
		{15, 0, "SI_USER"}, {11, -1000, ""}, {99, 1, ""},
	} {
		if got := CodeName(c.signal, c.code); got != c.want {
			t.Errorf("CodeName(%d, %d) = %q, want %q", c.signal, c.code, got, c.want)
		}
	}
}

func TestWhatSiginfoHolds(t *testing.T) {
	if HasAddress(11, 128) || HasAddress(6, -6) || HasAddress(11, 0) || !HasAddress(11, 1) || !HasAddress(4, 2) {
		t.Error("HasAddress is wrong")
	}
	if !HasSender(0) || !HasSender(-6) || HasSender(1) || HasSender(128) {
		t.Error("HasSender is wrong")
	}
}

func TestExitCode(t *testing.T) {
	for code, want := range map[int]int{139: 11, 134: 6, 132: 4, 137: 9, 0: 0, 1: 0, 128: 0, 160: 0, 255: 0} {
		if got := ExitCode(code); got != want {
			t.Errorf("ExitCode(%d) = %d, want %d", code, got, want)
		}
	}
}
