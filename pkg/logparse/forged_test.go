package logparse

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/internal/lex"
)

// crashTexts are what HAProxy and those around it say when it dies, without an envelope.
var crashTexts = map[string]string{
	"spin g0":        `A bogus APPCTX [0x5601c66b4d00] is spinning at 5645323 calls per second and refuses to die, aborting now! Please report this error to developers [strm=0x5601c66ac790,8 src=unix:1 fe=GLOBAL be=GLOBAL dst=<CLI> rqf=848000 rqa=0 rpf=80008000 rpa=0 applet=0x560197dd9ba0(main+0x2ddaf0)]`,
	"spin g4":        `A bogus STREAM [0x563b0ac00160] is spinning at 100000 calls per second and refuses to die, aborting now! Please report this error to developers:`,
	"spin cut":       `A bogus STREAM [0x563b0ac00160] is spinning at 100000 calls per second and refuses to die, aborting now! Please report this error to developers`,
	"spin alert":     `[ALERT]    (4250) : A bogus APPCTX [0x55c800] is spinning at 7012345 calls per second and refuses to die, aborting now! Please report this error to developers:`,
	"spin old":       `A bogus STREAM [0x55aa00] halted the whole thread for at least 2000000 microseconds`,
	"panic":          `Thread 1 is about to kill the process.`,
	"panic 3.3":      `PANIC! Thread 2 is about to kill the process (pid 42).`,
	"bug":            `FATAL: bug condition "one > zero" matched at src/debug.c:389`,
	"bug soft":       `FATAL: bug condition "a" matched at src/x.c:1 (not crashing but process is untrusted now)`,
	"warn":           `WARNING: warn condition "a" matched at src/x.c:12 (please report to developers)`,
	"warn old":       `WARNING: condition "a" matched at src/x.c:12`,
	"abort":          `ABORT at src/debug.c:1234: message`,
	"pool":           `FATAL: pool inconsistency detected in thread 3: tag mismatch on free().`,
	"pool tag":       `Tag does not match (0x4a0f00). Tag does not match any other pool.`,
	"pool cache":     `Contents around first corrupted address relative to pool item:.`,
	"pool code":      `BUG in the code: at src/x.c:12, requested creation of pool 'y' aligned to 3`,
	"blocked":        `WARNING! thread 2 has stopped processing traffic for 212 milliseconds`,
	"exit":           `[ALERT]    (8631) : Current worker #1 (8637) exited with code 139 (Segmentation fault)`,
	"exit bare":      `Current worker (8637) exited with code 134 (Aborted)`,
	"exit former":    `[WARNING]  (300) : Former worker (302) exited with code 137 (Killed), as it exceeds max reloads (2)`,
	"exit 1.8":       `[WARNING] 087/101500 (100) : Current worker 101 left with exit code 139`,
	"lldb":           "* thread #1, name = 'haproxy', stop reason = signal SIGSEGV",
	"lldb frame":     "frame #0: 0x00000001000a1b2c haproxy`process_stream + 1234",
	"macos":          `Thread 0 Crashed:`,
	"macos process":  `Process:               haproxy [25509]`,
	"objc":           `objc[25509]: +[NSString initialize] may have been in progress in another thread when fork() was called. Crashing instead.`,
	"bsd":            `pid 90994 (haproxy), jid 0, uid 80: exited on signal 11 (core dumped)`,
	"openbsd":        `haproxy(71538) in free(): chunk is already free 0x1f0a8000`,
	"mips":           `do_page_fault(): sending SIGSEGV to haproxy for invalid read access from 00000018`,
	"audit":          `type=ANOM_ABEND msg=audit(1697690504.123:456): auid=1 uid=1 gid=1 ses=1 pid=4321 comm="haproxy" exe="/usr/sbin/haproxy" sig=11 res=1`,
	"abrt":           `Process 2470780 (haproxy) of user 188 killed by SIGSEGV - dumping core`,
	"abrt list":      `reason:         haproxy killed by SIGSEGV`,
	"coredumpctl":    `2470780 188 188 SIGSEGV present  /usr/sbin/haproxy 4.3M`,
	"apport":         `INFO: apport (pid 24900) Tue Sep 20 21:07:52 2022: called for pid 24890, signal 11, core limit 0, dump mode 1`,
	"supervisord":    `WARN exited: haproxy (terminated by SIGSEGV (core dumped); not expected)`,
	"upstart":        `haproxy main process (4321) killed by SEGV signal`,
	"launchd":        `(homebrew.mxcl.haproxy[25509]): Service exited due to SIGSEGV`,
	"finish":         `haproxy[4321]: terminated by signal 11`,
	"exit all":       `[WARNING]  (100) : All workers exited. Exiting... (139)`,
	"died":           `[WARNING]  (600) : A worker process unexpectedly died and this can only be explained by a bug in haproxy or its dependencies.`,
	"version":        `[NOTICE]   (1) : haproxy version is 9.9-dev5-028940725`,
	"version -v":     `HAProxy version 9.9.3-86e043a 2023/09/07 - https://haproxy.org/`,
	"kernel":         `haproxy[12]: segfault at 0 ip 0000000000000000 sp 00007fff00000000 error 4 in haproxy[400000+1000]`,
	"kernel tag":     `kernel: haproxy[12]: segfault at 0 ip 0000000000000000 sp 00007fff00000000 error 4 in haproxy[400000+1000]`,
	"kernel time":    `[  12.345678] haproxy[12]: segfault at 0 ip 0000000000000000 sp 00007fff00000000 error 4 in haproxy[400000+1000]`,
	"kernel trap":    `traps: haproxy[4254] trap invalid opcode ip:55d2f1a3b060 sp:7f68dcee9fe8 error:0 in haproxy[55d2f1900000+988000]`,
	"oom":            `Memory cgroup out of memory: Killed process 102 (haproxy) total-vm:123456kB, anon-rss:65432kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:200kB oom_score_adj:0`,
	"coredump":       `Process 77 (haproxy) of user 0 dumped core.`,
	"systemd":        `haproxy.service: Main process exited, code=dumped, status=11/SEGV`,
	"systemd result": `haproxy.service: Failed with result 'core-dump'.`,
	"shell":          `./x.sh: line 3:  1234 Segmentation fault      (core dumped) haproxy -f x.cfg`,
	"heap":           `free(): invalid pointer`,
	"heap old":       "*** Error in `/usr/sbin/haproxy': double free or corruption (out): 0x00007f30 ***",
	"smash":          `*** stack smashing detected ***: terminated`,
	"asan":           `==21300==ERROR: AddressSanitizer: heap-use-after-free on address 0x606000059068 at pc 0x559ec940a8bf bp 0x7ffdff5ec390 sp 0x7ffdff5ec388`,
	"gdb":            `Program terminated with signal SIGSEGV, Segmentation fault.`,
	"gdb frame":      `#0  0x00007fd8a13cf7ff in h1_detach (sd=0x1) at src/mux_h1.c:870`,
	"trace":          `  call trace(3):`,
	"frame":          `  | 0x55d1c0a01010 [0f 0b 66 0f 1f 44 00 00]: h1_detach+0x210/0x390`,
	"thread":         `*>Thread 1 : id=0x7fb052829ec0 act=1 glob=1 wq=1 rq=0 tl=0 tlsz=-3 rqsz=0`,
	"state":          `             stuck=1 prof=0 harmless=0 wantrdv=1`,
	"nested":         `Nov 30 22:00:00 lb1 haproxy[3]: FATAL: bug condition "x" matched at src/a.c:1`,
	"nested raw":     `<134>Nov 30 22:00:00 haproxy[3]: FATAL: bug condition "x" matched at src/a.c:1`,
	"nested json":    `{"SYSLOG_IDENTIFIER":"haproxy","_COMM":"haproxy","MESSAGE":"FATAL: bug condition \"x\" matched at src/a.c:1"}`,
	"nested docker":  `{"log":"Thread 1 is about to kill the process.\n","stream":"stderr","time":"2026-11-30T22:00:00Z"}`,
	"newline":        `x#012FATAL: bug condition "x" matched at src/a.c:1#012`,
	"newline first":  `#012FATAL: bug condition "x" matched at src/a.c:1#012`,
	"newline exit":   `x#012[ALERT]    (8631) : Current worker (8637) exited with code 139 (Segmentation fault)`,
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// carriers put a text of a client's, or of another program's, where logs put it. %s is the
// text as it is, %q the text as a JSON string.
var carriers = map[string]string{
	"http log header":     `Nov 30 23:05:27 lb1 haproxy[17473]: 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {%s} "GET / HTTP/1.1"`,
	"http log two":        `Nov 30 23:05:27 lb1 haproxy[17473]: 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {curl|%s} {} "GET / HTTP/1.1"`,
	"http log cookie":     `Nov 30 23:05:27 lb1 haproxy[17473]: 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 %s - LR-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"`,
	"http log uri":        `Nov 30 23:05:27 lb1 haproxy[17473]: 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {curl/8} "GET /%s HTTP/1.1"`,
	"http log, raw":       `192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {%s} "GET / HTTP/1.1"`,
	"http log, uri last":  `192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 400 0 - - PR-- 1/1/0/0/0 0/0 "%s`,
	"http log, priority":  `<134>Nov 30 23:05:27 lb1 haproxy[17473]: 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {%s} "GET / HTTP/1.1"`,
	"http log, rfc5424":   `<134>1 2026-11-30T23:05:27.622+01:00 lb1 haproxy 17473 - - 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {%s} "GET / HTTP/1.1"`,
	"http log, iso":       `2026-11-30T23:05:27.622123+01:00 lb1 haproxy[17473]: 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {%s} "GET / HTTP/1.1"`,
	"http log, cri":       `2026-11-30T23:05:27.622123456Z stdout F 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {%s} "GET / HTTP/1.1"`,
	"tcp log, sni":        `Nov 30 23:05:27 lb1 haproxy[17473]: 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] tls tls/s1 1/0/10 2100 -- 1/1/0/0/0 0/0 sni:%s`,
	"error log":           `Nov 30 23:05:27 lb1 haproxy[17473]: 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web/1: SSL handshake failure (%s)`,
	"custom, agent first": `Nov 30 23:05:27 lb1 haproxy[17473]: %s 192.0.2.9 200 "GET / HTTP/1.1"`,
	"custom, key=value":   `Nov 30 23:05:27 lb1 haproxy[17473]: src=192.0.2.9 fe=web be=web status=200 ua=%s bytes=17`,
	"custom, quoted":      `Nov 30 23:05:27 lb1 haproxy[17473]: ua="%s" src=192.0.2.9`,
	"custom, raw":         `ip=192.0.2.9 ua=%s status=200`,
	"health check":        `Nov 30 23:05:27 lb1 haproxy[17473]: Health check for server be/s1 failed, reason: Layer7 wrong status, code: 500, info: "%s", check duration: 3ms`,
	"server down":         `[WARNING]  (17473) : Server be/s1 is DOWN, reason: Layer7 invalid response, info: "%s", check duration: 3ms.`,
	"lua":                 `[ALERT]    (17473) : Lua function 'x': runtime error: /etc/x.lua:3: %s`,
	"debug mode header":   `00000266:web.clihdr[0010:ffffffff]: user-agent: %s`,
	"debug mode request":  `00000266:web.clireq[0010:ffffffff]: GET /%s HTTP/1.1`,
	"debug mode answer":   `00000266:web.srvrep[0010:ffffffff]: HTTP/1.1 200 %s`,
	"json access log":     `{"time":"2026-11-30T23:05:27Z","client":"192.0.2.9","status":200,"http_user_agent":%q,"uri":"/"}`,
	"json access message": `{"time":"2026-11-30T23:05:27Z","status":200,"message":%q,"method":"GET"}`,
	"json in syslog":      `Nov 30 23:05:27 lb1 haproxy[17473]: {"client":"192.0.2.9","ua":%q}`,
	"ecs":                 `{"@timestamp":"2026-11-30T23:05:27Z","message":%q,"http":{"request":{"method":"GET"}},"url":{"path":"/"}}`,
	"journal traffic":     `{"MESSAGE":"192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {%j} \"GET / HTTP/1.1\"","SYSLOG_IDENTIFIER":"haproxy","_COMM":"haproxy","_PID":"17473"}`,
	"journal newline":     `{"MESSAGE":"192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {\n%j\n} \"GET / HTTP/1.1\"","SYSLOG_IDENTIFIER":"haproxy","_COMM":"haproxy","_PID":"17473"}`,
	"journal of nginx":    `{"MESSAGE":%q,"SYSLOG_IDENTIFIER":"nginx","_COMM":"nginx","_PID":"77"}`,
	"journal, two lines":  `{"MESSAGE":"GET /\n%j","SYSLOG_IDENTIFIER":"nginx","_COMM":"nginx","_PID":"77"}`,
	"journal, false name": `{"MESSAGE":%q,"SYSLOG_IDENTIFIER":"haproxy","_COMM":"nginx","_PID":"77"}`,
	"journal, false unit": `{"MESSAGE":%q,"SYSLOG_IDENTIFIER":"haproxy","_SYSTEMD_UNIT":"nginx.service","_PID":"77"}`,
	"journal, false exe":  `{"MESSAGE":%q,"SYSLOG_IDENTIFIER":"haproxy","_EXE":"/usr/sbin/nginx","_PID":"77"}`,
	"false kernel":        `{"MESSAGE":%q,"SYSLOG_IDENTIFIER":"kernel","_COMM":"myapp","_TRANSPORT":"stdout","_PID":"77"}`,
	"false systemd":       `{"MESSAGE":%q,"SYSLOG_IDENTIFIER":"systemd","_COMM":"myapp","_TRANSPORT":"syslog","_PID":"77"}`,
	"false coredump":      `{"MESSAGE":%q,"SYSLOG_IDENTIFIER":"systemd-coredump","_COMM":"myapp","COREDUMP_PID":"77","COREDUMP_SIGNAL":"11","_PID":"77"}`,
	"journal, container":  `{"MESSAGE":%q,"SYSLOG_IDENTIFIER":"3f0d9c1a2b4e","_COMM":"dockerd","CONTAINER_NAME":"nginx-1","IMAGE_NAME":"docker.io/library/nginx:1.27","_PID":"77"}`,
	"journal export":      "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795374396000979\n_HOSTNAME=lb1\nSYSLOG_IDENTIFIER=haproxy\n_COMM=nginx\nMESSAGE=%s\n_PID=77\n",
	"clf uri":             `192.0.2.4 - - [30/Nov/2026:22:36:35 +0000] "GET /?q=%s HTTP/1.1" 404 196 "-" "curl/8"`,
	"clf agent":           `192.0.2.4 - - [30/Nov/2026:22:36:35 +0000] "GET / HTTP/1.1" 404 196 "-" "%s"`,
	"clf commas":          `192.0.2.4 - - [30/Nov/2026:22:36:35 +0000] "GET /," 404 196 ",%s"`,
	"clf user":            `192.0.2.4 - %s [30/Nov/2026:22:36:35 +0000] "GET / HTTP/1.1" 401 196 "-" "-"`,
	"csv":                 `2026-11-30T22:36:35Z,192.0.2.4,GET,/,"%s"`,
	"csv quoted":          `"2026-11-30T22:36:35Z","192.0.2.4","GET","/","%s"`,
	"nginx error":         `2026/11/30 22:36:35 [error] 77#77: *1 open() "/var/www/%s" failed (2: No such file or directory), client: 192.0.2.4`,
	"nginx syslog":        `Nov 30 22:36:35 lb1 nginx[77]: %s`,
	"sshd":                `Nov 30 22:36:35 lb1 sshd[55]: Invalid user %s from 192.0.2.4 port 40022`,
	"postfix":             `Nov 30 22:36:35 lb1 postfix/smtpd[99]: NOQUEUE: reject: RCPT from unknown[192.0.2.4]: 554 5.7.1; proto=ESMTP helo=<%s>`,
	"app":                 `Nov 30 22:36:35 lb1 myapp[88]: %s`,
	"app, no pid":         `Nov 30 22:36:35 lb1 myapp: %s`,
	"app, rfc5424":        `<134>1 2026-11-30T22:36:35Z lb1 myapp 88 - - %s`,
	"app, words":          `Nov 30 22:36:35 lb1 chatbot[88]: user wrote: %s`,
	"app, logfmt":         `time="2026-11-30T22:36:35Z" level=info msg=%q`,
	"app, unit":           `Mon 2026-11-30 22:36:35 CET lb1 nginx.service[77]: %s`,
	"logread":             `Mon Nov 30 22:36:35 2026 daemon.info uhttpd[88]: %s`,
	"table":               "Nov 30 22:36:35\tphp-cgi\t88\t%s",
	"exporter":            `Nov 30 22:36:35 lb1 haproxy-exporter[88]: %s`,
	"pod of haproxy":      `[pod/haproxy-7d9f8c-abcde/nginx] %s`,
	"compose":             `nginx-1  | %s`,
	"compose haproxy":     `haproxy-1  | 192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {%s} "GET / HTTP/1.1"`,
	"docker traffic":      `{"log":"192.0.2.9:55556 [30/Nov/2026:23:05:27.622] web web/<NOSRV> 0/-1/-1/-1/0 200 49 - - LR-- 1/1/0/0/0 0/0 {%j} \"GET / HTTP/1.1\"\n","stream":"stdout","time":"2026-11-30T22:36:35Z"}`,
	"docker attrs":        `{"log":%q,"stream":"stderr","attrs":{"tag":"nginx"},"time":"2026-11-30T22:36:35Z"}`,
	"fluent-bit":          `{"log":%q,"stream":"stderr","logtag":"F","kubernetes":{"pod_name":"haproxy-1","container_name":"nginx"}}`,
	"fluentd":             `{"log":%q,"source":"stderr","container_name":"/nginx-1"}`,
	"shipper":             `{"@timestamp":"2026-11-30T22:36:35Z","message":%q,"program":"sshd","host":"lb1"}`,
	"loki of nginx":       `{"data":{"result":[{"stream":{"app":"haproxy","container":"nginx"},"values":[["1739178764123456000",%q]]}]}}`,
	"loki, name behind":   `{"data":{"result":[{"values":[["1739178764123456000",%q]],"stream":{"container":"nginx"}}]}}`,
	"elastic, request":    `{"hits":{"hits":[{"_source":{"message":%q,"http":{"request":{"method":"GET"}},"url":{"path":"/"}}}]}}`,
	"elastic, program":    `{"hits":{"hits":[{"_source":{"message":%q,"process":{"name":"sshd"}}}]}}`,
	"gcp of nginx":        `[{"textPayload":%q,"resource":{"labels":{"pod_name":"haproxy-1","container_name":"nginx"}}}]`,
	"gcp, request":        `[{"textPayload":%q,"httpRequest":{"requestMethod":"GET"}}]`,
	"otlp of an app":      `{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"myapp"}}]},"scopeLogs":[{"logRecords":[{"body":{"stringValue":%q}}]}]}]}`,
	"otlp, agent":         `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"request"},"attributes":[{"key":"user_agent.original","value":{"stringValue":%q}}]}]}]}]}`,
	"cloudwatch of nginx": `{"events":[{"logStreamName":"ecs/nginx/abc","timestamp":1739178764123,"message":%q}]}`,
	"datadog of nginx":    `{"data":[{"attributes":{"service":"nginx","message":%q}}]}`,
	"datadog, tags":       `{"data":[{"attributes":{"tags":["container_name:nginx"],"message":%q}}]}`,
	"headers":             `{"method":"GET","headers":[{"name":"message","value":%q}]}`,
	"headers, list":       `{"headers":{"message":[%q]}}`,
	"request body":        `{"request":{"body":%q}}`,
	"user message":        `{"user_message":%q,"id":1}`,
	"unknown name":        `{"captured":%q}`,
	"csv, container":      "message,container\n%q,nginx",
	"nginx in journal":    `{"MESSAGE":"{\"log\":\"x\"}","_COMM":"nginx","SYSLOG_IDENTIFIER":"haproxy","x":%q}`,
	"auditd":              `type=USER_LOGIN msg=audit(1697690504.123:456): pid=4321 uid=0 acct="%s" exe="/usr/sbin/sshd" res=failed`,
	"shell history":       `root@lb1:~# grep '%s' /var/log/haproxy.log`,
	"stern, other":        `haproxy-7d9f8c-abcde nginx %s`,
	"kail, other":         `default/haproxy-7d9f8c-abcde[nginx]: %s`,
	"logcli, other":       `2025-02-10T09:12:44Z {app="haproxy", container="nginx"} %s`,
	"logcli, no name":     `2025-02-10T09:12:44Z {host="lb1", level="info"} %s`,
	"raw, agent second":   `192.0.2.9 %s`,
	"raw, port":           `192.0.2.9:4711 %s`,
	"raw, v6":             `2001:db8::9 %s`,
	"raw, method":         `GET %s`,
	"raw, path":           `/index.html %s`,
	"raw, words":          `user wrote: %s`,
	"raw, one word":       `agent: %s`,
	"raw, proxy, agent":   `192.0.2.9:4711 web~ be/s1 200 %s`,
	"raw, status":         `200 0 %s`,
	"raw, bar":            `GET|/|%s|200`,
	"app's own file":      `2026-11-30 22:36:35,123 INFO com.example.Handler - %s`,
	"app's own file 2":    `[2026-11-30 22:36:35] app.ERROR: %s`,
	"klog":                `I0409 10:14:53.101231       7 controller.go:212] %s`,
	"rfc5424, data":       `<134>1 2026-11-30T23:05:27.622+01:00 lb1 haproxy 17473 - [x@1 y="1"] 192.0.2.9:5 [30/Nov/2026:23:05:27.622] web web/s 200 {%s} "GET / HTTP/1.1"`,
	"rfc5424, other data": `<38>1 2026-11-30T23:05:27Z lb1 sshd 55 ID47 [x@1 y="1"] %s`,
	"custom, tabs":        "Nov 30 23:05:27 lb1 haproxy[17473]: 192.0.2.9\t200\t%s\tGET\t/",
	"custom, pipes":       `Nov 30 23:05:27 lb1 haproxy[17473]: 200|%s|/|192.0.2.9`,
	"health, succeeded":   `[NOTICE]   (17473) : Health check for server be/s1 succeeded, reason: Layer7 check passed, code: 200, info: "%s", check duration: 1ms, status: 3/3 UP.`,
	"pino":                `{"level":30,"time":1795374396123,"pid":77,"hostname":"lb1","msg":%q}`,
	"zap":                 `{"level":"info","ts":1795374396.1,"caller":"api/h.go:33","msg":%q}`,
	"logback":             `{"@timestamp":"2026-11-30T22:36:35Z","message":%q,"logger_name":"com.example.Api","thread_name":"http-1"}`,
	"json, aliases":       `{"message":%q,"ci":"192.0.2.9","cp":4711,"ST":200,"ft":"web~","b":"be","s":"s1"}`,
	"gelf, container":     `{"version":"1.1","host":"lb1","short_message":%q,"_container_name":"web","_image_name":"node:20","level":6}`,
	"gelf, tag":           `{"version":"1.1","host":"lb1","short_message":"GET /","full_message":%q,"_tag":"nginx","level":6}`,
	"gcp":                 `{"textPayload":%q,"resource":{"type":"k8s_container","labels":{"container_name":"web","pod_name":"haproxy-1"}}}`,
	"image":               `{"log":%q,"kubernetes":{"pod_name":"haproxy-1","container_name":"main","container_image":"docker.io/library/node:20"}}`,
	"tag of docker":       `Nov 30 22:36:35 lb1 docker/web/3f0d9c1a2b4e[77]: %s`,
	"journal, goes on":    "Nov 30 22:36:35 lb1 node[77]: user wrote:\n                              %s",
	"journal, moved":      "Nov 30 22:36:35 lb1 node[77]: user wrote:\n                    %s",
	"traffic, moved":      "Nov 30 22:36:35 lb1 haproxy[77]: 192.0.2.9:5 [30/Nov/2026:23:05:27.622] web web/s 200 {a}\n                    %s",
	"docker, pieces":      `{"log":"192.0.2.9:5 [30/Nov/2026:23:05:27.622] web web/s 200 {","stream":"stdout","time":"2026-11-30T22:36:35Z"}` + "\n" + `{"log":"%j\n","stream":"stdout","time":"2026-11-30T22:36:35Z"}`,
	"cri, pieces":         "2026-11-30T22:36:35.123456789Z stdout P 192.0.2.9:5 [30/Nov/2026:23:05:27.622] web web/s 200 {\n2026-11-30T22:36:35.123456789Z stdout F %s",
	"csv of nginx":        `"lb1","nginx","%s"`,
	"csv of sshd":         `2026-11-30T22:36:35Z,lb1,sshd,55,info,"%s"`,
	"supervisord":         "2026-11-30 22:36:35,123 DEBG 'web' stdout output:\n%s",
	"grep, nginx":         `/var/log/nginx/error.log:12:user wrote %s`,
	"web page":            `<td>%s</td>`,
	"relay":               `Nov 30 22:36:35 relay Nov 30 22:36:34 lb1 node[77]: %s`,
	"outer node":          `<134>Nov 30 22:36:35 relay node[77]: <0>Nov 30 22:36:34 lb1 haproxy[991]: %s`,
	"php-fpm":             `[30-Nov-2026 22:36:35] WARNING: [pool www] child 123 said into stdout: "%s"`,
	"named":               `Nov 30 22:36:35 lb1 named[99]: client @0x7f22 192.0.2.4#5353 (%s): query (cache) 'x/A/IN' denied`,
	"cron":                `Nov 30 22:36:35 lb1 CRON[88]: (bob) CMD (echo "%s")`,
	"sudo":                `Nov 30 22:36:35 lb1 sudo[88]:  bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/echo %s`,
	"prose":               `My log says %s and I do not know why.`,
}

// carry puts a text into a carrier.
func carry(carrier, text string) string {
	j := quoted(text)
	return strings.NewReplacer("%s", text, "%q", j, "%j", j[1:len(j)-1]).Replace(carriers[carrier])
}

// encoded is how HAProxy writes what a client sent.
func encoded(s string) string {
	return strings.NewReplacer(`"`, "#22", "#", "#23", "{", "#7B", "|", "#7C", "}", "#7D").Replace(s)
}

// No text in any carrier makes a part, not even one that tells a version.
func TestForgedTexts(t *testing.T) {
	for name := range carriers {
		for what, text := range crashTexts {
			for _, text := range []string{text, encoded(text)} {
				checkForged(t, name+": "+what, carry(name, text)+"\n")
			}
		}
	}
}

func checkForged(t *testing.T, name, input string) {
	t.Helper()
	parts, err := Lines(t.Context(), input, name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range parts {
		p := &parts[i]
		t.Errorf("%s: a %s, %s, version %q: %s", name, roleName(p.Role), p.Crash.Kind, p.Crash.Version(), input)
	}
}

// A dump of many lines, each in a carrier of its own, makes none either.
func TestForgedDumps(t *testing.T) {
	for sample, text := range samples(t) {
		if sample == "kernel" || sample == "about" || strings.HasPrefix(sample, "vv") || strings.HasPrefix(sample, "show") {
			continue
		}
		var lines []string
		for line := range strings.Lines(text) {
			lines = append(lines, bareText(line))
		}
		for name := range carriers {
			var b strings.Builder
			for _, line := range lines {
				b.WriteString(carry(name, line) + "\n")
			}
			checkForged(t, name+": "+sample, b.String())
		}
	}
}

// bareText takes the envelope of a sample's line off.
func bareText(line string) string {
	var text strings.Builder
	for _, l := range newDecoder().Decode([]byte(strings.TrimRight(line, "\n")), 1, nil) {
		text.WriteString(l.Text)
	}
	return text.String()
}

// genuine are logs of one crash; forged lines go in between their lines.
func genuine(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{
		"exit": "Nov 30 23:05:26 lb1 haproxy[100]: [NOTICE]   (100) : haproxy version is 2.8.3-86e043a\n" +
			"Nov 30 23:05:28 lb1 haproxy[100]: [ALERT]    (100) : Current worker (102) exited with code 139 (Segmentation fault)\n",
		"bug": "Feb  2 12:04:44 lb1 haproxy[8044]: FATAL: bug condition \"h1s->sd\" matched at src/mux_h1.c:1123\n" +
			"Feb  2 12:04:44 lb1 haproxy[8044]:   call trace(2):\n" +
			"Feb  2 12:04:44 lb1 haproxy[8044]:   | 0x55d1c0a01010 [0f 0b 66 0f 1f 44 00 00]: h1_detach+0x210/0x390\n" +
			"Feb  2 12:04:44 lb1 haproxy[8044]:   | 0x55d1c0a14a20 [48 89 c3 48 85 c0 0f 84]: sc_destroy+0x80/0x300\n" +
			"Feb  2 12:04:44 lb1 haproxy[8043]: [NOTICE]   (8043) : haproxy version is 2.7.1-3e4af0e\n" +
			"Feb  2 12:04:44 lb1 haproxy[8043]: [ALERT]    (8043) : Current worker (8044) exited with code 132 (Illegal instruction)\n",
		"kernel": "Nov 30 22:35:40 lb1 kernel: [ 1234.567890] haproxy[4733]: segfault at 1 ip 000055f93ba239b6 sp 00007fff95129100 error 6 in haproxy[55f93ba1f000+1fa000]\n" +
			"Nov 30 22:35:40 lb1 kernel: [ 1234.567899] Code: 48 8b 45 f8 48 8b 00 48 85 c0 74 0c 48 8b 45 f8 <c6> 04 25 01 00 00 00 00 c3 66 0f 1f\n" +
			"Nov 30 22:35:40 lb1 haproxy[4731]: [NOTICE]   (4731) : haproxy version is 2.6.12-1+deb12u4\n" +
			"Nov 30 22:35:40 lb1 haproxy[4731]: [ALERT]    (4731) : Current worker (4733) exited with code 139 (Segmentation fault)\n",
	}
	out["asan"] = asan + "    #0 0x57243e in h1_process src/mux_h1.c:875\n    #1 0x57243f in h1_io_cb src/mux_h1.c:2118\nSUMMARY: AddressSanitizer: heap-use-after-free src/mux_h1.c:875 in h1_process\n"
	out["docker"] = `{"log":"FATAL: bug condition \"h1s\" matched at src/mux_h1.c:1123\n","stream":"stderr","time":"2026-11-30T22:36:35Z"}` + "\n" +
		`{"log":"  call trace(1):\n","stream":"stderr","time":"2026-11-30T22:36:35Z"}` + "\n" + `{"log":"  | 0x55d1c0a01010 [0f 0b 66 0f 1f 44 00 00]: h1_detach+0x210/0x390\n","stream":"stderr","time":"2026-11-30T22:36:35Z"}` + "\n"
	for _, name := range []string{"panic-2.0", "watchdog-2.6", "pool-tag", "spin-g3", "spin-g4"} {
		out[name] = samples(t)[name]
	}
	return out
}

// facts are those of a crash that a verdict rests on.
func facts(c *crash.Crash) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s fatal=%v provoked=%q version=%q", c.Kind, c.Fatal, c.Provoked, c.Version())
	if c.Process != nil {
		fmt.Fprintf(&b, " pid=%d", c.Process.PID)
	}
	if c.Exit != nil {
		fmt.Fprintf(&b, " exit=%+v", *c.Exit)
	}
	if c.Signal != nil {
		fmt.Fprintf(&b, " signal=%s", c.Signal.Name)
	}
	if c.Spin != nil {
		fmt.Fprintf(&b, " spin=%+v", *c.Spin)
	}
	if c.Assertion != nil {
		fmt.Fprintf(&b, " assertion=%+v", *c.Assertion)
	}
	if c.Pool != nil {
		fmt.Fprintf(&b, " pool=%+v", *c.Pool)
	}
	if c.Stream != nil {
		fmt.Fprintf(&b, " stream=%+v", *c.Stream)
	}
	for i := range c.Threads {
		t := &c.Threads[i]
		fmt.Fprintf(&b, "\nthread %d faulty=%v", t.Number, t.Faulty)
		for _, f := range t.Frames {
			fmt.Fprintf(&b, " %s/%s/%s", f.Address, f.Symbol, f.Bytes)
		}
	}
	return b.String()
}

func allFacts(cs []*crash.Crash) string {
	var b strings.Builder
	for _, c := range cs {
		b.WriteString(facts(c) + "\n")
	}
	return b.String()
}

// among puts lines after each line of a text.
func among(text, lines string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(line, "\n") + "\n" + lines)
	}
	return b.String()
}

// A forged line beside a genuine crash changes nothing of it, and adds none: all is as
// with a harmless text in the same place.
func TestForgedBesideGenuine(t *testing.T) {
	names, kinds := slices.Sorted(maps.Keys(carriers)), slices.Sorted(maps.Keys(crashTexts))
	for what, log := range genuine(t) {
		for n, name := range names {
			if name == "supervisord" {
				continue // the lines that follow are the child's
			}
			want := allFacts(joinedOf(t, among(log, carry(name, "harmless")+"\n")))
			if want == "" {
				t.Fatalf("%s, with %s: no crash", what, name)
			}
			for k, kind := range kinds {
				if strings.HasSuffix(name, ", moved") && !strings.Contains(log, " lb1 ") && slices.Contains([]string{"trace", "frame", "thread", "state"}, kind) {
					continue // on a console nothing tells whose such a line is
				}
				if (len(log) > 1000 || what == "asan" || what == "docker") && (n+k)%8 != 0 {
					continue // enough of the long ones
				}
				if got := allFacts(joinedOf(t, among(log, carry(name, crashTexts[kind])+"\n"))); got != want {
					t.Errorf("%s, with %s: %s:\ngot  %s\nwant %s", what, name, kind, got, want)
				}
			}
		}
	}
}

// FuzzForged puts a mutated crash text into a carrier, and that between the lines of a
// genuine log.
func FuzzForged(f *testing.F) {
	logs := genuine(f)
	which, names, kinds := slices.Sorted(maps.Keys(logs)), slices.Sorted(maps.Keys(carriers)), slices.Sorted(maps.Keys(crashTexts))
	for i := range names {
		f.Add(uint8(i), uint8(i), uint8(i), "", uint8(0), uint8(i))
		f.Add(uint8(i+1), uint8(i), uint8(3*i), "x ", uint8(i), uint8(0))
	}
	f.Add(uint8(0), uint8(0), uint8(0), "#012", uint8(0), uint8(255))
	f.Add(uint8(0), uint8(0), uint8(0), "} ", uint8(0), uint8(255))
	f.Add(uint8(0), uint8(0), uint8(0), "\" ", uint8(0), uint8(255))
	f.Fuzz(func(t *testing.T, log, carrier, kind uint8, extra string, where, line uint8) {
		text := crashTexts[kinds[int(kind)%len(kinds)]]
		// No logger lets a newline of a client's through, and no browser sends a NUL.
		extra = strings.NewReplacer("\n", "", "\r", "", "\x00", "", "\x1b", "").Replace(lex.Clip(extra, 256))
		at := min(int(where), len(text))
		text = text[:at] + extra + text[at:]
		name := names[int(carrier)%len(names)]
		if !sound(name, text) || name == "supervisord" || strings.HasSuffix(name, ", moved") {
			return
		}
		genuine := logs[which[int(log)%len(which)]]
		lines := strings.SplitAfter(strings.TrimRight(genuine, "\n"), "\n")
		n := min(int(line), len(lines)-1)
		mix := func(text string) string {
			return strings.Join(lines[:n], "") + carry(name, text) + "\n" + strings.Join(lines[n:], "") + "\n"
		}
		want, got := allFacts(joinedOf(t, mix("harmless"))), allFacts(joinedOf(t, mix(text)))
		if got != want {
			t.Fatalf("%s\ngot  %s\nwant %s", mix(text), got, want)
		}
	})
}

// sound says that a carrier would write the text so: within quotes a quote is escaped, a
// captured header has no braces, a name no blank before it.
func sound(carrier, text string) bool {
	c := carriers[carrier]
	i := strings.Index(c, "%s")
	if i < 0 {
		return true
	}
	if strings.HasSuffix(c[:i], `"`) && strings.Contains(text, `"`) {
		return false
	}
	return !strings.HasSuffix(c[:i], "{") || !strings.ContainsAny(text, "{}|")
}

// What was seen and did not count is told, once.
func TestWordsAreTold(t *testing.T) {
	text := "Nov 30 22:36:35 lb1 nginx[77]: nothing\n" + carry("sshd", crashTexts["bug"]) + "\n" + carry("clf agent", crashTexts["panic"]) + "\n"
	_, sum := parse(t, at(text, "x"), Options{})
	if sum.Words != (Words{Count: 2, First: 2, Program: "sshd"}) {
		t.Errorf("%+v", sum.Words)
	}
	log, err := os.ReadFile("../../testdata/logs/spin-cli-3.2-dev5.log")
	if err != nil {
		t.Fatal(err)
	}
	if _, sum := parse(t, at(string(log), "x"), Options{}); sum.Words.Count != 0 {
		t.Errorf("of the first case: %+v", sum.Words)
	}
}
