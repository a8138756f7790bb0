package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConfigurationStaysSecret: whatever stands in a configuration, no form of the answer, no report and
// no error has a value of it.
func TestConfigurationStaysSecret(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	const secret = "Geheim7"
	good := strings.ReplaceAll(`global
    stats socket /run/%s.sock user %s
    log %s.example.net:514 local0
    setenv TOKEN %s
    lua-load /etc/%s.lua
    description %s
    tune.%s 1
defaults %s
    mode http
    errorfile 503 /%s
    stats auth admin:%s
peers %s
    peer %s 192.0.2.1:1024
cache %s
resolvers %s
    nameserver %s 192.0.2.1:53
frontend %s
    bind /run/%s.sock
    bind :443 name %s ssl crt /etc/%s.pem alpn h2,http/1.1,%s
    bind quic4@:443 ssl crt /etc/%s.pem
    acl %s hdr(authorization) -m reg %s
    http-request set-header authorization "Basic %s"
    http-request set-var(txn.%s) str(%s),json_query('$.%s')
    http-request cache-use %s
    http-request track-sc0 src table %s
    http-request redirect location https://user:%s@example.net/
    filter spoe engine %s config /etc/%s.cfg
    capture request header %s len 10
    %s
    bind "%s
    compression algo %s
    use_backend %[req.hdr(x),map(/etc/%s.map)]
backend %s from %s
    stick-table type ip size 10 peers %s
    cookie %s insert
    server %s %s.example.net:80 check cookie %s ssl sni str(%s) alpn h2
    server-template %s 1-3 %s.example.net:80 resolvers %s
`, "%s", secret)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	config := write("good.cfg", good)
	crash := write("crash.log", "2025-01-01 00:00:00 haproxy[7]: FATAL: bug condition \"a > b\" matched at src/mux_h2.c:7\nHAProxy version 2.8.3 2023/09/07 - https://haproxy.org/\n")
	for _, args := range [][]string{
		{"bugs", "affects", "2.8.3", "--config", config},
		{"bugs", "affects", "2.8.3", "--config", config, "--format", "json"},
		{"bugs", "affects", "2.8.3", "--config", config, "--format", "sarif"},
		{"bugs", "affects", "2.8.3", "--config", config, "--format", "markdown", "--all"},
		{"bugs", "affects", "2.8.3", "--config", write("nginx.conf", secret+" {\n}\n")},
		{"bugs", "affects", "2.8.3", "--config", write("first.cfg", secret+" "+secret+"\n")},
		{"bugs", "affects", "2.8.3", "--config", write("binary.cfg", "global\n "+secret+"\x00\n")},
		{"bugs", "affects", "2.8.3", "--config", write("none.cfg", "global\n"+strings.Repeat(" "+secret+"\n", 20))},
		{"analyze", crash, "--config", config, "--full"},
		{"analyze", crash, "--config", config, "--format", "json"},
	} {
		var out, errs bytes.Buffer
		Run(t.Context(), args, strings.NewReader(""), &out, &errs)
		if out.Len()+errs.Len() == 0 {
			t.Errorf("%q says nothing", args)
		}
		for name, text := range map[string]string{"stdout": out.String(), "stderr": errs.String()} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%q: %s has it: %q", args, name, text[max(0, i-60):i+20])
			}
		}
	}
}
