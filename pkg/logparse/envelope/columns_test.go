package envelope

import "testing"

func TestColumns(t *testing.T) {
	runCases(t, []envelopeCase{
		{"Jul 28 08:01:05\tkernel\t\tpid 90994 (haproxy), jid 0, uid 80: exited on signal 11", `1 columns 0000-07-28T08:01:05 noyear nozone host= ident=kernel pid=0 "pid 90994 (haproxy), jid 0, uid 80: exited on signal 11"`},
		{"Jul 28 07:52:33\tphp-cgi\t79672\thaproxy: started new pid:90994", `1 columns 0000-07-28T07:52:33 noyear nozone host= ident=php-cgi pid=79672 "haproxy: started new pid:90994"`},
		{"2025-07-28 08:01:05\tkernel\t\tpid 1 (haproxy): x", `1 columns 2025-07-28T08:01:05 nozone host= ident=kernel pid=0 "pid 1 (haproxy): x"`},
		// Without the tabs only the kernel's line on a process is believed.
		{"Jul 28 08:01:05kernelpid 90994 (haproxy), uid 80: exited", `1 columns 0000-07-28T08:01:05 noyear nozone host= ident=kernel pid=0 "pid 90994 (haproxy), uid 80: exited"`},
		{"Jul 28 08:01:05 kernel pid 90994 (haproxy), uid 80: exited", `1 columns 0000-07-28T08:01:05 noyear nozone host= ident=kernel pid=0 "pid 90994 (haproxy), uid 80: exited"`},
		{"Jul 28 08:01:05 kernel: pid 90994 (haproxy), uid 80: exited", `1 rfc3164 0000-07-28T08:01:05 noyear nozone host= ident=kernel pid=0 "pid 90994 (haproxy), uid 80: exited"`},
		// OpenWrt.
		{"Thu Aug 11 22:52:54 2022 kern.info kernel: [   37.498052] x", `1 logread 2022-08-11T22:52:54 nozone up=37.498052 host= ident=kernel pid=0 "x"`},
		{"Thu Aug 11 22:52:54 2022 daemon.info procd: Instance haproxy::instance1 s in a crash loop", `1 logread 2022-08-11T22:52:54 nozone host= ident=procd pid=0 "Instance haproxy::instance1 s in a crash loop"`},
		{"Thu Aug 11 22:52:54 2022 [1660258374.123] local0.notice haproxy[77]: x", `1 logread 2022-08-11T22:52:54 nozone host= ident=haproxy pid=77 "x"`},
		// coredumpctl list.
		{"Wed 2021-08-04 03:22:51 UTC 2470780 188 188 SIGSEGV present  /usr/sbin/haproxy 4.3M", `1 coredumpctl 2021-08-04T03:22:51 host= ident= pid=0 "2470780 188 188 SIGSEGV present  /usr/sbin/haproxy 4.3M"`},
		{"Wed 2021-08-04 03:22:51 CEST  2470780   188   188  11 * /usr/sbin/haproxy", `1 coredumpctl 2021-08-04T03:22:51 nozone host= ident= pid=0 "2470780   188   188  11 * /usr/sbin/haproxy"`},
		{"Wed 2021-08-04 03:22:51 UTC lb1 haproxy[1]: x", `1 journal-full 2021-08-04T03:22:51 host=lb1 ident=haproxy pid=1 "x"`},
	})
}

func FuzzColumns(f *testing.F) {
	f.Add([]byte("Jul 28 08:01:05\tkernel\t\tpid 90994 (haproxy), jid 0, uid 80: exited on signal 11\nJul 28 07:52:33\tphp-cgi\t79672\tx"))
	f.Add([]byte("Jul 28 08:01:05kernelpid 90994 (haproxy), uid 80: exited"))
	f.Add([]byte("Thu Aug 11 22:52:54 2022 [1660258374.123] kern.info kernel: [   37.498052] x"))
	f.Add([]byte("Wed 2021-08-04 03:22:51 CEST  2470780   188   188  11 * /usr/sbin/haproxy"))
	f.Fuzz(checkInput)
}
