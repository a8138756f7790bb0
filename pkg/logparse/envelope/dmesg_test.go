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
		{"\x1b[32m[  123.456789] \x1b[0m" + text, `1 dmesg up=123.456789 host= ident=kernel pid=0 "` + text + `"`},
	})
}
