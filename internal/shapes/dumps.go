package shapes

import (
	"fmt"
	"strings"
)

// Dumps are crash texts of HAProxy, by name, as lines that nothing stands before.
func Dumps() map[string][]string {
	lines := func(s string) []string { return strings.Split(strings.Trim(s, "\n"), "\n") }
	return map[string][]string{"spin": lines(spin), "bug": lines(bug), "pool": lines(pool), "stream": lines(stream), "panic": lines(panic64())}
}

const spin = `
[ALERT]    (4250) : A bogus APPCTX [0x55b100] is spinning at 7000067 calls per second and refuses to die, aborting now! Please report this error to developers [strm=0x55aa00,c4a src=unix fe=GLOBAL be=GLOBAL dst=<CLI> txn=(nil),0 txn.req=-,0 txn.rsp=-,0 rqf=c08202 rqa=0 rpf=80048202 rpa=0 scf=0x55c300,EST,482 scb=0x55c700,EST,411 af=(nil),0 sab=0x55b100,4 cof=0x55c500,300:PASS(0x55c300)/RAW((nil))/unix_stream(20) cob=(nil),0:NONE((nil))/NONE((nil))/NONE(-1) filters={} applet=0x5566e0(main+0x2c7870) handler=0x556700(cli_io_handler+0)]
  call trace(5):
  | 0x55d2f1a3b060 [0f 0b 66 0f 1f 44 00 00]: stream_dump_and_crash+0x3e0/0x3f1
  | 0x55d2f1ae888a [48 85 c0 0f 84 a0 00 00]: task_run_applet+0x4ca/0x674
  | 0x55d2f1ab16a5 [48 89 c2 eb 16 66 0f 1f]: run_tasks_from_lists+0x395/0x892
  | 0x55d2f1ab1f53 [8b 74 24 10 4c 8b 54 24]: process_runnable_tasks+0x3a3/0x8ea
  | 0x55d2f1a82e5c [83 3d e9 2a 18 00 01 0f]: run_poll_loop+0x11c/0x3d1
[NOTICE]   (4242) : haproxy version is 2.8.3-86e043a
[NOTICE]   (4242) : path to executable is /usr/sbin/haproxy
[ALERT]    (4242) : Current worker (4250) exited with code 132 (Illegal instruction)
[WARNING]  (4242) : All workers exited. Exiting... (132)
`

const bug = `
FATAL: bug condition "strcmp(a, \"x\") == 0 && b->area < c" matched at src/mux_h1.c:1123
  call trace(5):
  | 0x5641946319b6 [c6 04 25 01 00 00 00 00]: main-0x19ea
  | 0x5641947ede88 [8b 55 04 48 8b 45 28 f6]: h1_process+0x148/0x674 > h1_send
  | 0x5641947b16a5 [48 89 c2 eb 16 66 0f 1f]: run_tasks_from_lists+0x395/0x892
  | 0x5641947b1f53 [8b 74 24 10 4c 8b 54 24]: process_runnable_tasks+0x3a3/0x8ea
  | 0x564194782e5c [83 3d e9 2a 18 00 01 0f]: run_poll_loop+0x11c/0x3d1
`

const pool = `
FATAL: pool inconsistency detected in thread 4: tag mismatch on free().
  caller: 0x4a1c20 (stksess_free+0x40/0x90)
  item: 0x19f0400
  pool: 0x17c0200 ('h2s', size 200, real 208, users 2)
Tag does not match (0x4a0f00). Tag does not match any other pool.
Resolving the tag as a pool_free() location: h2s_destroy+0x30/0x210
Contents around address 0x19f0400+200=0x19f04c8:
  0x19f04a8 [00 00 00 00 00 00 00 00] [........]
  0x19f04b0 [00 02 7c 01 00 00 00 00] [..|.....] [pool:h2s]
  0x19f04c8 [00 0f 4a 00 00 00 00 00] [..J.....] [h2s_destroy+0x30/0x210]
  call trace(2):
  | 0x55d2f1a3b060 [0f 0b 66 0f 1f 44 00 00]: __pool_free+0x1e0/0x3f1
  | 0x55d2f1ae888a [48 85 c0 0f 84 a0 00 00]: stksess_free+0x40/0x90
`

const stream = `
[ALERT]    (4250) : A bogus STREAM [0x55aa00] is spinning at 712345 calls per second and refuses to die, aborting now! Please report this error to developers:
  0x55aa00: [22/Nov/2026:19:06:36.000979] id=7 proto=tcpv4 source=192.0.2.9:48758
   flags=0xc4a, conn_retries=0, conn_exp=<NEVER> conn_et=0x000 srv_conn=0x55c000, pend_pos=(nil) waiting=0 epoch=0
   p_con=2 p_stc=1 p_req=1 p_res=1 p_prp=1
   frontend=fe1 (id=2 mode=http), listener=? (id=1) addr=192.0.2.1:443
   backend=be1 (id=3 mode=http) addr=192.0.2.1:55548
   server=s1 (id=1) addr=198.51.100.7:8080
   task=0x55c100 (state=0x01 nice=0 calls=2 rate=100123 exp=4s tid=0(1/0), running age=3s)
   txn=0x55c200 flags=0x3000 meth=1 status=-1 req.st=MSG_DONE rsp.st=MSG_RPBEFORE req.f=0x4c rsp.f=0x00
   scf=0x55c300 flags=0x00000482 ioto=30s state=EST endp=CONN,0x55c400,0x50404001 sub=1 in=39 out=0 rex=<NEVER> wex=29s rto=26s wto=<NEVER>
     iobuf.flags=0x00000000 .pipe=0 .buf=0@(nil)+0/0
       co0=0x55c500 ctrl=tcpv4 xprt=SSL mux=H2 data=STRM target=LISTENER:0x55c600
       flags=0x00000300 fd=18 fd.state=20 updt=0 fd.tmask=0x1
   scb=0x55c700 flags=0x00001411 ioto=0s state=EST endp=APPCTX,0x55c800,0x50000002 sub=0 in=0 out=0 rex=<NEVER> wex=<NEVER> rto=<NEVER> wto=<NEVER>
       app1=0x55c800 st0=1 st1=0 applet=<STATS> tid=0 nice=0 calls=1 rate=0
   filters={0x55ae00="compression filter" [1], 0x55ae80="spoe engine (a=b)" [2]}
   req=0x55aa28 (f=0x21840000 an=0x48000 tofwd=0)
       an_exp=<NEVER> buf=0x55aa30 data=(nil) o=0 p=0 i=0 size=0
   res=0x55aa70 (f=0x80000000 an=0x0 tofwd=0)
       an_exp=<NEVER> buf=0x55aa78 data=0x55f000 o=12 p=12 i=0 size=16384
   current_rule="set-var" [/etc/haproxy/h.cfg:42] (YIELDING)
  call trace(2):
  | 0x55d2f1a3b060 <8b 05 44 33 22 11 0f 0b]: stream_dump_and_crash+0x3e0/0x3f1 > ha_backtrace_to_stderr
  | 0x55d2f1ae888a <48 85 c0 e8 84 a0 00 00]: task_process_applet+0x4ca/0x674 > stream_dump_and_crash+0
Hint: when reporting this bug to developers, please check if a core file was
      produced, open it with 'gdb', issue 'bt' to produce a backtrace for the
      current thread only, then join it with the bug report.
`

// panic64 is a panic of 64 threads, of which 37 is stuck.
func panic64() string {
	var b strings.Builder
	b.WriteString("PANIC! Thread 37 is about to kill the process (pid 4250).\n")
	for i := 1; i <= 64; i++ {
		sign, stuck := "  ", 0
		if i == 37 {
			sign, stuck = "*>", 1
		}
		fmt.Fprintf(&b, "%sThread %-2d: id=0x7f00%08x act=1 glob=0 wq=1 rq=0 tl=0 tlsz=0 rqsz=0\n", sign, i, i<<12|0x700)
		fmt.Fprintf(&b, "      1/%-2d   stuck=%d prof=0 harmless=%d isolated=0\n", i, stuck, 1-stuck)
		fmt.Fprintf(&b, "             cpu_ns: poll=8092201 now=%d diff=%d\n", 1258110398+i, 1250018197*stuck+i)
		if stuck == 0 {
			b.WriteString("             curr_task=0\n")
			continue
		}
		b.WriteString(`             curr_task=0x55aa10 (task) calls=2 last=0
               fct=0x556610(process_stream) ctx=0x55aa50
             call trace(4):
             | 0x559a8b0d5488 [48 8b 3f e8 11 22 33 44]: pat_match_str+0x300/0x1200
             | 0x559a8b0d6488 [48 8b 3f e8 11 22 33 44]: process_stream+0x100/0x600
             | 0x559a8b0d7488 [48 8b 3f e8 11 22 33 44]: run_tasks_from_lists+0x395/0x892
             | 0x559a8b0d8488 [48 8b 3f e8 11 22 33 44]: run_poll_loop+0x11c/0x3d1
`)
	}
	return b.String()
}
