package haconf

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hacrash/hacrash/internal/golden"
)

func anonymous(t testing.TB, texts ...string) string {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for i, text := range texts {
		name := filepath.Join(dir, string(rune('a'+i))+".cfg")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	var out bytes.Buffer
	if err := Anonymous(names, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestAnonymousConfigurations: what becomes of whole configurations.
func TestAnonymousConfigurations(t *testing.T) {
	for _, name := range []string{"hosting", "ingress"} {
		var out bytes.Buffer
		if err := Anonymous([]string{"../../testdata/configs/" + name + ".cfg"}, &out); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "testdata/"+name+".anonymous", out.Bytes())
	}
}

// TestNothingOfTheOwner: a word that is the owner's stays nowhere, however it is written.
func TestNothingOfTheOwner(t *testing.T) {
	const secret = "zQsecret"
	for _, line := range []string{
		"frontend @", "bind @:80", "bind 192.0.2.7:80 ssl crt /etc/@/x.pem", "bind unix@/run/@.sock", "server @ @.example.net:80 check cookie @", `http-request set-header X-@ "a @ b"`,
		`http-request set-header Authorization Basic\ @`, "http-request deny if { hdr(@) -m str @ }", "acl @ path_reg ^/@/(.*)\\.@$", "use_backend %[var(txn.@),map(/etc/@.map,@)]",
		"stats auth @:@", "user @ password @", "user @ insecure-password @", "log @:514 local0", "email-alert to @@@.example.net", `log-format "%ci %{@}r %@ %[@]"`, "setenv @ @",
		`bind "${@-@}:80" name @`, "# @", "tcp-check send @\\r\\n", "filter @ x @", "@ x y", "x @", "'@' \"@\"", "lua-load @", "bind quic4@:443", "errorfile 503 @.http", "server a [@::1]:80",
		"redirect location https://user:@@www.example.net/@?@=@", "dynamic-cookie-key @", "balance hdr(@)", "description @", "\\@", "%@", "$@", "${@", "/@", "//@", "@/", "%[@", "'@", "\\x@", "@\x01",
	} {
		out := anonymous(t, "global\n user haproxy\nlisten a\n "+strings.ReplaceAll(line, "@", secret)+"\n")
		if strings.Contains(strings.ToLower(out), "secret") && strings.Contains(strings.ToLower(out), "qsecret") {
			t.Errorf("%s became\n%s", line, out)
		}
	}
	out := anonymous(t, "userlist u\n user a password 271828\nlisten a\n server s 203.0.113.77:80\n server t 2a02:db9::77\n http-request set-header X 314159\n http-request set-var(txn.a) str(161803)\n")
	for _, number := range []string{"271828", "203.0", "2a02", "314159", "161803"} {
		if strings.Contains(out, number) {
			t.Errorf("%s is still in\n%s", number, out)
		}
	}
}

// TestOneWordForOneName: in all files, and with what HAProxy says of the lines unchanged.
func TestOneWordForOneName(t *testing.T) {
	out := anonymous(t, "defaults\n mode http\n timeout client 1m\n timeout server 250ms\n timeout connect 5s\n",
		"frontend shop\n bind 127.0.0.1:18080\n acl is-api path_beg /api/v2 # who\n http-request set-var(txn.tier) str(gold) if is-api\n use_backend api if is-api { var(txn.tier) -m str gold }\n"+
			" default_backend api\n\n\n# nothing\nbackend api\n balance hdr(X-Customer)\n option httpchk GET /alive\n server one 203.0.113.7:80 check inter 2s maxconn 500\n server two 203.0.113.7:81\n")
	golden.Check(t, "testdata/small.anonymous", []byte(out))
	haproxy, err := exec.LookPath("haproxy")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("no haproxy")
	}
	file := filepath.Join(t.TempDir(), "a.cfg")
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(haproxy, "-c", "-f", file).CombinedOutput(); err != nil {
		t.Errorf("HAProxy does not take it: %v\n%s\n%s", err, said, out)
	}
}

// FuzzAnonymous: a word of the owner's stays nowhere, and nothing panics.
func FuzzAnonymous(f *testing.F) {
	for _, s := range []string{"server @ 1.2.3.4:80", "a \"@ b\" # c", "%{+Q}@", "${@-x}", "/@/@.pem", "@.@.@", "\\@", "a@b@c", "::@:1", "'@", "%[@,@(@)]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(strings.ToLower(s), "qsecret") {
			return
		}
		a := &anonymizer{given: map[string]string{}, counts: map[string]int{}}
		out := a.line([]byte(strings.ReplaceAll(s, "@", "zqsecret")))
		if strings.Contains(out, "qsecret") || strings.Count(out, "\n") > 1 {
			t.Errorf("%q became %q", s, out)
		}
	})
}
