package main

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// moreShapes are forms of secrets, % for the secret, of what stands around a load balancer:
// its configuration, headers, other programs and services.
func moreShapes() []string {
	return []string{
		"    user bob password $6$%", "  bind :443 ssl crt /home/%/x.pem", "  bind *:443 ssl crt /Users/%/certs/x.pem", "  stats auth %:%",
		"  stats auth bob:%", "  http-request set-header X-Key %", "  http-response set-header X-Foo \"a %\"",
		"  http-request replace-header Cookie foo=.* bar=%", "  setenv API %", "  presetenv FOO \"% b\"", "  ssl-passphrase-cmd echo %",
		"  email-alert to bob@%.example.com", "  http-check send hdr X-Probe %",
		"  http-check send meth GET uri / ver HTTP/1.1 hdr Authorization \"Basic %\"", "  option httpchk GET /health?key=%",
		"  tcp-check send AUTH\\ %\\r\\n", "  tcp-check send-binary 2a310d0a%", "  http-request auth realm x if { http_auth(users) } { hdr(x-key) -m str %}",
		"  acl ok hdr(X-Api-Key) -m str %", "  acl ok req.hdr(Authorization) -m str \"Bearer %\"", "  http-request set-var(txn.token) str(%)",
		"  http-request return status 200 hdr X-Key %", "  http-request set-query token=%", "  cookie SRV insert secret %", "  dynamic-cookie-key %",
		"  redis-check password %", "  lua-load /home/%/a.lua", "  stats-uri /x?key=%", "  http-request deny if { url_param(token) -m str % }",
		"  default-server ssl crt /root/.ssh/% verify none", "  http-request set-path /api/key/%", "X-Vault-Token: %", "X-Amz-Security-Token: %",
		"X-Amz-Signature: %", "x-goog-api-key: %", "proxy-authorization: Bearer %",
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIAX/2026/us/s3/aws4_request, Signature=%", "Authorization: Token %", "Authorization: %",
		"authorization: ApiKey %", "cookie: a=1; b=%; c=2", "set-cookie: sid=1; path=/; x=%", "X-Forwarded-User: %", "X-Hub-Signature-256: sha256=%",
		"x-session-id: %", "Ocp-Apim-Subscription-Key: %", "X-Access-Token: %", "X-Secret: %", "DPoP: %", "sec-websocket-protocol: bearer, %",
		"GET /x HTTP/1.1\r\nHost: a\r\nReferer: https://x/?t=%\r\nX-Foo: %\r\n", "grpc-metadata-authorization: %", "X-Shopify-Access-Token: %", "apikey: %",
		"x-auth-key: %", "Authorization: Digest username=\"bob\", realm=\"r\", nonce=\"1\", uri=\"/\", response=\"%\", opaque=\"%\"",
		"Authorization: Hawk id=\"1\", mac=\"%\"", "Authorization: OAuth oauth_signature=\"%\", oauth_token=\"%\"", "Authorization: NTLM %",
		"/login?user=bob&pass=%", "GET /login?a=%#x HTTP/1.1", "https://h/x?sig=%&se=2026", "https://a.blob.core.windows.net/c?sv=2020&sig=%",
		"user=bob&password=%&go=1", "grant_type=password&client_secret=%", "client_id=x&refresh_token=%", "code_verifier=%&x", "SAMLResponse=%",
		"assertion=%", "username=bob&passcode=%", "id_token=%", "j_password=%", "X-Amz-Credential=%&x", "X-Amz-Signature=%", "passwd=%", "\"GET /a?x=%\"",
		"POST /oauth/token?client_secret=% HTTP/2.0", "GET https://h/p?x=% HTTP/3.0", "{\"auth\":{\"pass\":\"%\"}}", "{\"apiKey\": \"%\"}",
		"{\"clientSecret\":\"%\"}", "\\\"password\\\":\\\"%\\\"", "{\\\"token\\\": \\\"%\\\"}", "password: '%'", "  api_token: %",
		"  - name: DB_PASSWORD\n    value: %", "secret = \"%\"", "[db]\npassword = '%'", "export DB_PASS=%", "export FOO='%'",
		"DATABASE_URL=postgres://u:%@h/db", "SECRET_KEY_BASE=%", "LDAP_BIND_PW=\"%\"", "\"private_key\": \"%\"", "\"pin\": \"%\"",
		"{\"name\":\"password\",\"value\":\"%\"}", "password:%", "token:%", "sshpass -p % ssh x", "mysql -u root -p% db", "PGPASSWORD=% psql", "--token=%",
		"--secret %", "-password %", "redis-cli -a % ping", "password => '%'", "'password' => '%'", ":password => \"%\"", "password := \"%\"",
		"<add key=\"password\" value=\"%\"/>", "<secret>%</secret>", "<user password=\"%\"/>", "<ns:Token>%</ns:Token>", "passphrase %7",
		"machine h login bob password %", "docker login -u bob -p % reg", "wget --http-password=% x", "curl --user bob:% x", "curl -H 'X-Key: %' x",
		"curl -d 'password=%' x", "curl -b 'sid=%' x", "mongodb+srv://bob:%@c.mongodb.net/db", "amqp://bob:%@h:5672/v", "mysql://root:%@h",
		"ftp://bob:%@h/x", "ldap://cn=bob:%@h", "smtp://u:%@h:25", "https://%@github.com/x", "https://discord.com/api/webhooks/123/%",
		"https://outlook.office.com/webhook/%", "https://hooks.slack.com/services/T0/B0/%", "https://api.telegram.org/bot12:%/x",
		"https://x.webhook.office.com/webhookb2/%", "jdbc:mysql://h/db?user=u&password=%", "Server=h;Database=d;User Id=u;Password=%;",
		"AccountName=a;AccountKey=%;EndpointSuffix=x", "Endpoint=sb://x/;SharedAccessKey=%", "https://maker.ifttt.com/trigger/x/with/key/%",
		"https://chat.googleapis.com/v1/spaces/A/messages?key=%", "otpauth://totp/ACME:bob@x.example?secret=%&issuer=ACME", "otpauth://totp/%?x=1",
		"s3://AKIAX:%@b/x", "sk_live_%", "sk_test_%", "rk_test_%", "rk_live_%", "pk_test_%", "AIzaSy%", "xoxb-1-%", "xoxc-%", "xoxd-%", "ghp_%", "gho_%",
		"github_pat_%", "glpat-%", "glptt-%", "AKIA%", "ASIA%", "AROA%", "hf_%", "npm_%", "dop_v1_%", "doo_v1_%", "shpat_%", "shpss_%", "SG.%", "key-%",
		"sk-proj-%", "sk-ant-api03-%", "lin_api_%", "pat_%", "PMAK-%", "sq0atp-%", "EAACEdEose0cBA%", "ATATT3%", "pypi-%", "hvs.%", "hvb.%", "nfp_%",
		"figd_%", "rubygems_%", "dckr_pat_%", "sntrys_%", "ops_%", "ya29.%", "whsec_%", "access-%", "AGE-SECRET-KEY-1%", "gsk_%", "r8_%", "pplx-%",
		"fio-u-%", "NRAK-%", "glsa_%", "eyJhbGciOiJIUzI1NiJ9.%.x", "v2.local.%", "tskey-auth-%",
		"-----BEGIN OPENSSH PRIVATE KEY-----\n%\nabc\n-----END OPENSSH PRIVATE KEY-----",
		"-----BEGIN EC PRIVATE KEY-----\\n%\\n-----END EC PRIVATE KEY-----",
		"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n%\n-----END PGP PRIVATE KEY BLOCK-----", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n%",
		"-----BEGIN DSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,%\n\n%\n-----END DSA PRIVATE KEY-----",
		"CLIENT_HANDSHAKE_TRAFFIC_SECRET aabbccdd %", "EXPORTER_SECRET aabbccdd %", "RSA aabbccdd %", "ssh-rsa AAAAB3NzaC1yc2E% bob",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA% bob@x", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n%\n---- END SSH2 ENCRYPTED PRIVATE KEY ----",
		"Session-ID: %\n    Master-Key: %", "psk=%", "wpa_passphrase=%", "/home/%/x", "/Users/%/x", "C:\\Users\\%\\x", "/var/home/%/x", "/export/home/%/x",
		"/root/.ssh/%x", "bob.%@example.com", "<%@example.com>", "mailto:%@example.org", "%@localhost.localdomain", "\\\\srv\\home\\%\\x",
		"file:///home/%/x", "~%/x", "c:/Users/%/x", "/mnt/c/Users/%/x", "/usr/home/%/x", "/data/home/%/x", "set map /etc/m k %", "add map #1 k %",
		"add map @1 #1 k %", "set acl x %", "del acl #1 %", "get map #1 %", "add acl #0 %", "set ssl ocsp-response %", "set ssl tls-key #0 %",
		"set var proc.tok str(%)", "show table x data.gpt0 key %", "set table t key % data.gpc0 1", "clear table t key %",
		"0x55a9: key=% use=0 exp=1 gpt0=0", "experimental-mode on; set var proc.x str(%)", "env HAPROXY_X=%", "Environment=\"FOO=%\"",
		"  Environment: FOO=%", "STATS_USER=% STATS_PASS=%", "declare -x FOO=\"%\"", "environ: FOO=%", "https_proxy=http://u:%@p:3128", "USE_TOKEN=%",
		"DEBUG_PASS=%", "UNIT_KEY=%", "EXIT_SECRET=%",
	}
}

// TestMorePlantedSecrets plants them in one text of a debugger and one log.
func TestMorePlantedSecrets(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for n, shape := range moreShapes() {
		secret := secretOf(n % 100)
		for _, place := range []string{"line", "log"} {
			if place == "log" && strings.Contains(shape, "- name:") {
				continue // the line before is behind the prefix of the log
			}
			out := outputs(t, plants()[place](strings.ReplaceAll(shape, "%", secret)))
			if at := strings.Index(out, secret); at >= 0 {
				t.Errorf("%s: %q is left: …%s", place, shape, out[max(0, at-120):min(len(out), at+60)])
			}
		}
	}
}

func chars(s string) string {
	var o []string
	for i := range len(s) {
		o = append(o, strconv.QuoteRuneToASCII(rune(s[i])))
	}
	return strings.Join(o, " ")
}

func charsComma(s string) string { return strings.ReplaceAll(chars(s), " ", ", ") }

// sessions are texts of debuggers, tools and logs in which a secret stands in forms of their
// own. What a text has behind # at its end says which other forms of it must not be left.
func sessions(s string) map[string]string {
	gdb := func(f string) string {
		return "Core was generated by `/usr/sbin/haproxy -f /etc/haproxy.cfg'.\nProgram terminated with signal SIGSEGV, Segmentation fault.\n#0  0x000055a96eb1448f in h1_process (h1c=0x55a9a9120880) at src/mux_h1.c:251\n" + f
	}
	var le []uint64
	p := s + "\x00\x00\x00\x00\x00\x00\x00\x00"
	for i := 0; i+8 <= len(p); i += 8 {
		le = append(le, binary.LittleEndian.Uint64([]byte(p[i:i+8])))
	}
	bytesHex, octal, dec := "", "", ""
	for i := range len(s) {
		bytesHex += fmt.Sprintf("0x%02x\t", s[i])
		octal += fmt.Sprintf("\\%03o", s[i])
		dec += fmt.Sprintf("%d, ", s[i])
	}
	plainhex := fmt.Sprintf("%x", s)
	m := map[string]string{
		"bt full local ptr":     gdb("        word = 0x55a9a90b6620 \"" + s + "\"\n        n = 4\nNo locals.\n"),
		"bt full array nul":     gdb("        buf = \"abc\\000" + s + "\", '\\000' <repeats 3 times>, \"x" + s + "\"\n"),
		"bt full array repeats": gdb("        buf = 'a' <repeats 200 times>, \"" + s + "\"...\n"),
		"bt full nested":        gdb("        ul = {next = 0x0, node = {name = 0x55a9a91207e0 \"" + s + "\", pass = \"" + s + "\"}, list = {n = 0x1, p = 0x2}}\n"),
		"bt full std":           gdb("        str = {_M_dataplus = {_M_p = 0x55a9 \"" + s + "\"}, _M_string_length = 12, {_M_local_buf = \"" + s + "\"}}\n        v = std::vector of length 1, capacity 1 = {\"" + s + "\"}\n        o = std::optional = {[contained value] = \"" + s + "\"}\n"),
		"std frame args":        gdb("#1  0x000055a96eb1449f in std::__cxx11::basic_string<char>::append (this=0x1, __s=\"" + s + "\") at x.h:1\n#2  0x000055a96eb14500 in std::map<std::string, std::string>::at (this=0x1, __k=\"" + s + "\")\n"),
		"info locals":           gdb("(gdb) info locals\nline = 0x55a9 \"" + s + "\"\nargs = {0x55 \"" + s + "\", 0x0 <repeats 63 times>}\nc = 90 'Z'\n"),
		"info args":             gdb("(gdb) info args\nmsg = 0x55a9 \"" + s + "\"\n"),
		"p array ptr":           gdb("(gdb) p *argv@3\n$2 = {0x7ffe \"haproxy\", 0x7ffe \"-p\", 0x7ffe \"" + s + "\"}\n"),
		"p char array":          gdb("(gdb) p/c buf\n$3 = {" + charsComma(s) + "}\n"),
		"p/x array":             gdb("(gdb) p/x buf\n$3 = {" + strings.TrimSuffix(strings.ReplaceAll(bytesHex, "\t", ", "), ", ") + "}\n#CHECKHEX\n"),
		"p/d array":             gdb("(gdb) p/d buf\n$3 = {" + strings.TrimSuffix(dec, ", ") + "}\n#CHECKDEC\n"),
		"p buf dec bare":        gdb("        key = {" + strings.TrimSuffix(dec, ", ") + "}\n#CHECKDEC\n"),
		"chars spaced":          gdb("        x = " + chars(s) + "\n#CHECKCHARS\n"),
		"x/20xg": gdb(func() string {
			o := "(gdb) x/20xg $rsp\n"
			for i, n := range le {
				o += fmt.Sprintf("0x7ffe%08x <buf+%d>:\t0x%016x\t0x0000000000000000\n", i*16, i, n)
			}
			return o
		}() + "#CHECKWORDS\n"),
		"x/20xb": gdb("(gdb) x/20xb p\n0x7ffe0000 <x>:\t" + bytesHex + "\n#CHECKHEX\n"),
		"x/20cb": gdb(func() string {
			o := "(gdb) x/20cb p\n0x7ffe0000:\t"
			for i := range len(s) {
				o += fmt.Sprintf("%d '%c'\t", s[i], s[i])
			}
			return o + "\n#CHECKCHARS\n"
		}()),
		"x/wx": gdb(func() string {
			o := "(gdb) x/20wx p\n"
			for _, n := range le {
				o += fmt.Sprintf("0x7ffe00000000:\t0x%08x\t0x%08x\t0x00000001\t0x00000002\n", uint32(n), uint32(n>>32))
			}
			return o
		}() + "#CHECKWORDS32\n"),
		"x/s multi":          gdb("(gdb) x/4s p\n0x55a9a90b6626:\t\"" + s + "\"\n0x55a9a90b6630 <tab+12>:\t\"GET\"\n0x55a9a90b6640 <tab>:\tu\"" + s + "\"\n"),
		"output":             gdb("(gdb) output p\n0x55a9 \"" + s + "\"(gdb) printf \"%s\\n\", p\n" + s + "\n"),
		"printf":             gdb("(gdb) printf \"%s\\n\", pass\n" + s + "\n(gdb) q\n"),
		"call puts":          gdb("(gdb) call (int)puts(pass)\n" + s + "\n$1 = 5\n"),
		"display":            gdb("1: p = 0x55a9 \"" + s + "\"\n2: x/s p  0x55a9:\t\"" + s + "\"\n"),
		"L string":           gdb("        w = L\"" + s + "\"\n        u = 0x55 u8\"" + s + "\"\n"),
		"xmm":                gdb(fmt.Sprintf("(gdb) info registers xmm0\nxmm0           {v4_float = {0x0, 0x0}, v16_int8 = {%s}, v2_int64 = {0x%x, 0x%x}, uint128 = 0x%x%x}\n#CHECKWORDS\n", strings.TrimSuffix(strings.ReplaceAll(bytesHex, "\t", ", "), ", "), le[0], le[1], le[1], le[0])),
		"info registers":     gdb(fmt.Sprintf("(gdb) info registers\nrax            0x%x  %d\nrbx            0x%x  %d\nrip            0x55a96eb1448f 0x55a96eb1448f <h1_process+1>\n#CHECKWORDS\n", le[0], le[0], le[1], le[1])),
		"register lldb":      "* thread #1, name = 'haproxy', stop reason = signal SIGSEGV\n  * frame #0: 0x000055a96eb1448f haproxy`h1_process(h1c=0x55a9a9120880) at mux_h1.c:251:3\n(lldb) register read\nGeneral Purpose Registers:\n" + fmt.Sprintf("       rax = 0x%016x\n       rbx = 0x%016x\n#CHECKWORDS\n", le[0], le[1]),
		"lldb frame var":     "* thread #1, name = 'haproxy', stop reason = signal SIGSEGV\n  * frame #0: 0x000055a96eb1448f haproxy`h1_process(h1c=0x55a9a9120880) at mux_h1.c:251:3\n(lldb) frame variable\n(const char *) line = 0x55a9a9 \"" + s + "\"\n(char [16]) buf = \"" + s + "\"\n(ul) u = {\n  name = 0x55 \"" + s + "\"\n}\n(char) c = 'Z'\n(lldb) memory read p\n0x55a9a90b6626: 5a 71 37 53 65 63 72 65 74 57 6f 6d 62 61 74 30  " + s + "\n0x55a9a90b6636: 00 00  ..\n",
		"lldb summary":       "* thread #1, name = 'haproxy', stop reason = signal SIGSEGV\n  * frame #0: 0x000055a96eb1448f haproxy`h1_process(h1c=0x55a9a9120880) at mux_h1.c:251:3\n(lldb) p s\n(std::string) $0 = \"" + s + "\"\n(lldb) po x\n" + "(char *) $1 = 0x5 \"" + s + "\"\n(lldb) env\nFOO=" + s + "\n",
		"eu-stack":           "PID 12 - core\nTID 12:\n#0  0x000055a96eb1448f h1_process\n    /usr/src/haproxy/src/mux_h1.c:251:3\n#1  0x000055a96eb1449f h1_io_cb\n    [/home/" + s + "/haproxy] ../src/mux_h1.c:12\n",
		"valgrind":           "==12== Memcheck, a memory error detector\n==12== Command: haproxy -f x --password " + s + "\n==12== Invalid read of size 8\n==12==    at 0x4A1C20: h1_process (mux_h1.c:251)\n==12==    by 0x4A1C30: h1_io_cb (mux_h1.c:252)\n==12==  Address 0x0 is not stack'd, malloc'd or (recently) free'd\n==12== Process terminating with default action of signal 11 (SIGSEGV)\n--12-- VALGRIND_OPTS=\"" + s + "\"\n--12-- envp: FOO=" + s + "\n",
		"asan env":           "==21300==ERROR: AddressSanitizer: heap-use-after-free on address 0x606000059068 at pc 0x559ec940a8bf bp 0x7ffdff5ec390 sp 0x7ffdff5ec388\nREAD of size 8 at 0x606000059068 thread T0\n    #0 0x559ec940a8be in h1_recv /home/" + s + "/haproxy/src/mux_h1.c:3924\n    #1 0x559ec940a9bf in h1_io_cb /home/" + s + "/src/mux_h1.c:4306\nSUMMARY: AddressSanitizer: heap-use-after-free /home/" + s + "/src/mux_h1.c:3924 in h1_recv\n==21300==Environment: MY_VAR=" + s + "\n",
		"lua tb":             "FATAL: bug condition \"x\" matched at src/hlua.c:12\n[ALERT] (1) : Lua function 'auth': runtime error: /etc/haproxy/auth.lua:12: bad value '" + s + "' from [string \"local k = '" + s + "'\"]:3, stack traceback:\n    [string \"x = \"" + s + "\"...\"]:3: in function 'check'\n",
		"show errors":        gdb("Total events captured on [10/Feb/2026:09:12:44.123] : 3\n\n[10/Feb/2026:09:12:44.123] frontend www (#2): invalid request\n  backend <NONE> (#-1), server <NONE> (#-1), event #2, src 10.0.0.1:4444\n  buffer starts at 0 (including 0 out), 16000 free,\n  len 382, wraps at 16384, error at position 13\n  H1 connection flags 0x00000000, H1 stream flags 0x00000810\n \n  00000  GET /x HTTP/1.1\\r\\n\n  00017  X-Secret: " + s + "\\r\\n\n  00040  Cookie: a=" + s + "\\r\\n\n  00060  X-Foo: " + s + "\\r\\n\n  00080  \\r\\n\n  00082  body " + s + "\n  00100+ " + s + "\n"),
		"http head in trace": gdb("<0>2026-01-01 [00|h1|5|mux_h1.c:1] : [F] h1c=0x1 : H1 hdr: \"X-Foo: " + s + "\"\n[00|h1|0|mux] sending \"Cookie: " + s + "\"\n"),
		"debug mode":         gdb("00000001:www.clireq[0012:ffffffff]: GET /a?x=" + s + " HTTP/1.1\n00000001:www.clihdr[0012:ffffffff]: X-Foo: " + s + "\n00000001:www.clihdr[0012:ffffffff]: cookie: " + s + "\n00000001:www.srvhdr[0012:0013]: set-cookie: " + s + "\n"),
		"traffic log":        "Feb 10 09:12:44 lb1 haproxy[8631]: 10.0.0.1:5 [10/Feb/2026:09:12:43.286] www~ app/s1 0/0/1/2/3 200 5 vis=" + s + " sid=" + s + " ---- 1/1/1/1/0 0/0 {" + s + "|x} {" + s + "} \"GET /a?b=" + s + " HTTP/1.1\"\nFeb 10 09:12:44 lb1 haproxy[8630]: [ALERT]    (8630) : Current worker (8631) exited with code 139 (Segmentation fault)\n",
		"coredumpctl":        "           PID: 12 (haproxy)\n           UID: 0 (root)\n        Signal: 11 (SEGV)\n     Timestamp: Mon 2026-01-05 12:00:00 UTC\n  Command Line: /usr/sbin/haproxy -f /x --token " + s + "\n    Executable: /usr/sbin/haproxy\n   Environ: FOO=" + s + "\n            BAR=" + s + "\n  Hostname: lb1\n       Message: Process 12 (haproxy) of user 0 dumped core.\n                \n                Stack trace of thread 12:\n                #0  0x000055a96eb1448f h1_process (haproxy + 0x1)\n                #1  0x000055a96eb1449f h1_io_cb (haproxy + 0x2)\n",
		"body form in gdb":   gdb("(gdb) x/s b->area\n0x55a9a90b6626:\t\"POST / HTTP/1.1\\r\\nhost: x\\r\\n\\r\\nuser=x&n=" + s + "\"...\n"),
		"value history func": gdb("$5 = (const char *) 0x55a9 \"" + s + "\"\n$6 = 0x55a9 <tab> \"" + s + "\"\n$7 = \"" + s + "\\000\\000\"\n$8 = {[0] = \"" + s + "\", [1] = 0x5 \"x\"}\n"),
		"ist":                gdb("        n = {ptr = 0x7f2 \"" + s + "\\r\\nHost: x\", len = 10}\n"),
		"pretty":             gdb("(gdb) p *ul\n$1 = {\n  next = 0x0,\n  user = 0x55 \"" + s + "\",\n  pass = \"" + s + "\",\n  c = 90 'Z'\n}\n"),
		"python gdb":         gdb("(gdb) python print(gdb.parse_and_eval('p').string())\n" + s + "\n"),
		"cmdline core":       "Core was generated by `/usr/sbin/haproxy -f /home/" + s + "/x.cfg -p " + "/run/x --password " + s + "'.\nProgram terminated with signal SIGSEGV, Segmentation fault.\n#0  0x000055a96eb1448f in h1_process (h1c=0x55a9a9120880) at src/mux_h1.c:251\n",
		"source line":        gdb("251\t\tif (strcmp(pass, \"" + s + "\") == 0)\n"),
		"watch":              gdb("Hardware watchpoint 1: buf\n\nOld value = 0x55 \"" + s + "\"\nNew value = \"" + s + "\"\n"),
		"find/info symbol":   gdb("(gdb) info proc cmdline\ncmdline = 'haproxy -x " + s + "'\ncwd = '/home/" + s + "'\n"),
		"info auxv":          gdb("(gdb) info auxv\n31   AT_EXECFN            File name of executable      0x7ffe \"/home/" + s + "/haproxy\"\n15   AT_PLATFORM          String  0x7ffe \"x86_64\"\n"),
		"show env":           gdb("(gdb) show environment\nLC=x\nfoo=" + s + "\nHOME=/home/" + s + "\nTOKEN=" + s + "\n"),
		"x/s environ":        gdb("(gdb) x/3s *environ\n0x7ffe:\t\"TOKEN=" + s + "\"\n0x7fff:\t\"A=" + s + "\"\n"),
		"hexdump":            gdb(fmt.Sprintf("00000000  %s  |%s|\n", strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(bytesHex[:16*5], "0x", ""), "\t", " ")), s[:16])),
		"xxd":                gdb(fmt.Sprintf("00000000: %s %s %s %s %s %s %s %s  %s\n#CHECKXXD\n", plainhex[0:4], plainhex[4:8], plainhex[8:12], plainhex[12:16], plainhex[16:20], plainhex[20:24], plainhex[24:28], plainhex[28:32], s[:16])),
		"hexblob":            gdb("(gdb) p blob\nblob=" + plainhex + "\n#CHECKHEXBLOB\n"),
		"frame cut":          gdb("#1  0x000055a96eb1449f in pat_match (smp=0x1, s=\"" + s[:len(s)-3] + "\"..., fill=1) at src/pattern.c:1\n"),
		"escaped quote":      gdb("#1  0x000055a96eb1449f in f (s=0x55 \"a\\\"" + s + "\\\"b\") at src/pattern.c:1\n#2  0x000055a96eb1449f in http_parse (s=0x5 \"x\\\\\", t=\"" + s + "\") at src/h1.c:1\n"),
		"multi-line args":    gdb("#1  0x000055a96eb1449f in f (\n    s=0x55a9 \"" + s + "\",\n    t=\"" + s + "\") at src/pattern.c:1\n"),
		"resolvers":          gdb("resolvers dns nameserver " + "ns1: password=" + s + "\n"),
		"octal":              gdb("        b = \"" + octal + "\"\n#CHECKOCTAL\n"),
		"urlenc":             "FATAL: bug condition \"x\" matched at src/x.c:1\nredirect=%2Fcb%3Ftoken%3D" + s + "\nuri=\"/a%3Fpassword%3D" + s + "%26x\"\n",
		"b64 userpass":       "FATAL: bug condition \"x\" matched at src/x.c:1\nAuthorization: Basic dXNlcjpacTdTZWNyZXRXb21iYXQwMQ==\nsent Basic dXNlcjpacTdTZWNyZXRXb21iYXQwMQ== #CHECKB64\n",
	}
	return m
}

// formsOf are the forms of a secret that must not be left of a text.
func formsOf(s, name, text string) []string {
	forms := []string{s}
	_, note, _ := strings.Cut(text, "#CHECK")
	switch strings.TrimSpace(note) {
	case "HEX":
		forms = append(forms, fmt.Sprintf("0x%02x, 0x%02x", s[0], s[1]), fmt.Sprintf("0x%02x\t0x%02x", s[0], s[1]), fmt.Sprintf("0x%02x 0x%02x", s[0], s[1]))
	case "DEC":
		forms = append(forms, fmt.Sprintf("%d, %d, %d", s[0], s[1], s[2]))
	case "CHARS":
		forms = append(forms, fmt.Sprintf("'%c'", s[3]))
	case "WORDS":
		forms = append(forms, fmt.Sprintf("%x", binary.LittleEndian.Uint64([]byte(s))), fmt.Sprintf("0x%02x, 0x%02x", s[0], s[1]))
	case "WORDS32":
		forms = append(forms, fmt.Sprintf("0x%08x", binary.LittleEndian.Uint32([]byte(s))))
	case "XXD":
		forms = append(forms, fmt.Sprintf("%x %x", s[0:2], s[2:4]))
	case "HEXBLOB":
		forms = append(forms, fmt.Sprintf("%x", s[0:8]))
	case "OCTAL":
		forms = append(forms, fmt.Sprintf("%03o", s[3]))
	case "B64":
		forms = append(forms, "dXNlcjpac")
	}
	switch name {
	case "frame cut":
		forms = append(forms, s[:len(s)-3])
	case "hexdump":
		forms = append(forms, fmt.Sprintf("%02x %02x", s[0], s[1]), s[:16])
	}
	return forms
}

// TestPlantedSessions: no form of a secret is left of what debuggers and tools print.
func TestPlantedSessions(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for _, secret := range []string{"Zq7SecretWombat01", "wombatburrowinsand"} {
		for name, text := range sessions(secret) {
			out := outputs(t, text, "--full")
			for _, form := range formsOf(secret, name, text) {
				if at := strings.Index(out, form); at >= 0 {
					t.Errorf("%s: %q is left: …%s", name, form, out[max(0, at-120):min(len(out), at+60)])
				}
			}
		}
	}
}
