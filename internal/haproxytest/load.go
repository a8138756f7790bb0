package haproxytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// spin is a script that stays within the interpreter, and what that calls.
const spin = `local secret = "%s"
core.register_action("spin", {"http-req"}, function(txn)
	while true do
		local t = {secret}
		for i = 1, 100 do t[i + 1] = string.rep(tostring(i), 3) end
		table.sort(t)
	end
end)`

// Loaded adds to a configuration what Load asks for, with secrets wherever people have them:
// keys, passwords, headers that are set, a script's, the environment's.
func Loaded(t testing.TB, o Options) (Options, *Secrets) {
	t.Helper()
	s := &Secrets{}
	o.Files = map[string]string{"spin.lua": fmt.Sprintf(spin, s.text("lua")), "rsa.pem": certificate(t, s.rsa(t)), "ec.pem": certificate(t, s.ec(t))}
	o.Environment = append(o.Environment, "API_TOKEN="+s.text("environment"))
	o.Config += fmt.Sprintf("global\n    setenv DB_PASSWORD %s\nuserlist people\n    user bob insecure-password %s\n", s.text("setenv"), s.text("userlist"))
	rules := fmt.Sprintf("    http-request set-header X-Upstream-Key %s\n    http-request auth unless { http_auth(people) }\n    default_backend be1\n", s.text("set-header"))
	o.Config += "frontend loaded\n    bind unix@loaded.sock\n" + rules
	if Has(t, o, "LUA") {
		o.Config += "global\n    lua-load spin.lua\nfrontend lua\n    bind unix@lua.sock\n    http-request lua.spin\n"
	}
	if Has(t, o, "OPENSSL") {
		o.Config += "frontend tls\n    bind unix@rsa.sock ssl crt rsa.pem\n    bind unix@ec.sock ssl crt ec.pem\n" + rules
	}
	return o, s
}

// Load serves requests that hold secrets until the function that it returns is called: in
// clear text, encrypted with each key, with answers and without; with lua, also a request
// that never comes out of a script.
func (p *Process) Load(s *Secrets, lua bool) (stop func()) {
	p.t.Helper()
	p.Serve("s1.sock", fmt.Sprintf("HTTP/1.1 200 OK\r\nSet-Cookie: session=%s\r\nContent-Length: 64\r\n\r\n%-64s", s.text("answer's cookie"), s.text("answer")))
	body := fmt.Sprintf("user=bob&password=%s", s.text("body"))
	request := fmt.Sprintf("POST /a?access_token=%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic %s\r\nCookie: sid=%s\r\nX-Api-Key: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		s.text("query"), s.basic("bob"), s.text("cookie"), s.text("bearer"), len(body), body)
	done := make(chan struct{})
	var clients sync.WaitGroup
	if lua {
		if c, err := net.Dial("unix", filepath.Join(p.Dir, "lua.sock")); err == nil {
			p.t.Cleanup(func() { c.Close() })
			_, _ = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
		}
	}
	for _, name := range []string{"loaded.sock", "rsa.sock", "rsa.sock", "ec.sock"} {
		clients.Go(func() {
			for {
				c, err := net.Dial("unix", filepath.Join(p.Dir, name))
				if err != nil {
					return
				}
				_ = c.SetDeadline(time.Now().Add(200 * time.Millisecond))
				if name != "loaded.sock" {
					c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
				}
				_, _ = io.WriteString(c, request)
				_, _ = c.Read(make([]byte, 4096))
				c.Close()
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	return func() { close(done); clients.Wait() }
}

// certificate makes one of a key, with the key.
func certificate(t testing.TB, key crypto.Signer) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

func (s *Secrets) rsa(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]*big.Int{"d": key.D, "p": key.Primes[0], "q": key.Primes[1], "dp": key.Precomputed.Dp, "dq": key.Precomputed.Dq, "qinv": key.Precomputed.Qinv} {
		s.number("rsa "+name, n)
	}
	return key
}

func (s *Secrets) ec(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	s.number("ec d", new(big.Int).SetBytes(d))
	return key
}
