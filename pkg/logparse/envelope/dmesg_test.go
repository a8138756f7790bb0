package envelope

import "testing"

func TestDmesg(t *testing.T) {
	const text = "traps: haproxy[1234] trap invalid opcode ip:55 sp:7f error:0 in haproxy[55+1]"
	runCases(t, []envelopeCase{
		{"[  123.456789] " + text, `1 dmesg up=123.456789 host= ident=kernel pid=0 "` + text + `"`},
		{"[  123.456789][ T1234] " + text, `1 dmesg up=123.456789 host= ident=kernel pid=0 "` + text + `"`},
		{"[Tue May  6 01:08:21 2025] haproxy[1]: segfault at 1", `1 dmesg 2025-05-06T01:08:21 nozone host= ident=kernel pid=0 "haproxy[1]: segfault at 1"`},
		{"kern  :info  : [  123.456789] " + text, `1 dmesg up=123.456789 host= ident=kernel pid=0 "` + text + `"`},
		{"[  123.456789] haproxy[1]: segfault at 1", `1 dmesg up=123.456789 host= ident=kernel pid=0 "haproxy[1]: segfault at 1"`},
		{"[  123.456789] usb 1-1: new device", `1 dmesg up=123.456789 host= ident=kernel pid=0 "usb 1-1: new device"`},
		{"[  123.456789] Out of memory: Killed process 1234 (haproxy)", `1 dmesg up=123.456789 host= ident=kernel pid=0 "Out of memory: Killed process 1234 (haproxy)"`},
		// All printed by dmesg of util-linux 2.38, but for the text.
		{"[    0.000000 <    0.000000>] BIOS-provided", `1 dmesg up=0 host= ident=kernel pid=0 "BIOS-provided"`},
		{"[Sun Nov 22 21:00:11 2026 <    0.000000>] BIOS-provided", `1 dmesg 2026-11-22T21:00:11 nozone host= ident=kernel pid=0 "BIOS-provided"`},
		{"[<    0.000000>] BIOS-provided", `1 dmesg host= ident=kernel pid=0 "BIOS-provided"`},
		{"[  +0.000000] BIOS-provided", `1 dmesg host= ident=kernel pid=0 "BIOS-provided"`},
		{"[Nov22 21:00] BIOS-provided", `1 dmesg host= ident=kernel pid=0 "BIOS-provided"`},
		{"2026-11-22T21:00:11,000000+00:00 haproxy[1]: segfault at 1", `1 dmesg 2026-11-22T21:00:11 host= ident=kernel pid=0 "haproxy[1]: segfault at 1"`},
		{"kern  :info  : \x1b[32m[Sun Nov 22 21:00:11 2026] \x1b[0mBIOS-provided", `1 dmesg 2026-11-22T21:00:11 nozone host= ident=kernel pid=0 "BIOS-provided"`},
		{"<6>[    0.000000] BIOS-provided", `1 dmesg up=0 host= ident=kernel pid=0 "BIOS-provided"`},
		{"[  +x.000000] text", `1 plain host= ident= pid=0 "[  +x.000000] text"`},
		{"[Nov22 2a:00] text", `1 plain host= ident= pid=0 "[Nov22 2a:00] text"`},
		{"[<1.0] text", `1 plain host= ident= pid=0 "[<1.0] text"`},
		{"\x1b[32m[  123.456789] \x1b[0m" + text, `1 dmesg up=123.456789 host= ident=kernel pid=0 "` + text + `"`},
	})
}
