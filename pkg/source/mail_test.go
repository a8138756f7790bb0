package source

import (
	"bytes"
	"encoding/base64"
	"mime/quotedprintable"
	"strings"
	"testing"
)

func quoted(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const letterHead = "Received: from a by b\r\nFrom: <a@example.org>\nSubject: it crashed\nMIME-Version: 1.0\n"

// mails are messages that hold logText, by what is told of them.
func mails(t testing.TB) map[string]string {
	t.Helper()
	long := logText + strings.Repeat("a==b ", 40) + "\n"
	base64Text := base64.StdEncoding.EncodeToString([]byte(logText))
	parts := "Content-Type: multipart/mixed; boundary=\"xx\"\n\npreface\n--xx\nContent-Type: multipart/alternative; boundary=yy\n\n" +
		"--yy\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n" + quoted(t, long) + "\n--yy\nContent-Type: text/html\n\n<p>" + logText + "</p>\n--yy--\n" +
		"--xx\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"ha.log\"\nContent-Transfer-Encoding: base64\n\n" + base64Text + "\n--xx--\n"
	return map[string]string{
		"quoted":      letterHead + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + quoted(t, long),
		"base64":      letterHead + "Content-Transfer-Encoding: base64\n\n" + base64Text + "\n",
		"parts":       letterHead + parts,
		"mailbox":     "From a@example.org Mon Feb 10 09:12:44 2025\n" + letterHead + "\nhello\n\nFrom b@example.org Mon Feb 10 09:12:45 2025\n" + letterHead + "Content-Transfer-Encoding: base64\n\n" + base64Text + "\n",
		"cut":         letterHead + parts[:len(parts)-40],
		"no boundary": letterHead + "Content-Type: multipart/mixed\n\n" + logText,
	}
}

func TestMail(t *testing.T) {
	for name, text := range mails(t) {
		got := walk(t, Options{}, file(t, "a.eml", []byte(text)))
		whole := 0
		for _, in := range got {
			if in.err != "" || in.kind != Log {
				t.Errorf("%s: %+v", name, in)
			}
			if strings.HasPrefix(string(in.content), logText[:20]) {
				whole++
			}
		}
		want := map[string]int{"parts": 2, "cut": 2}[name]
		if want == 0 {
			want = 1
		}
		if whole != want {
			t.Errorf("%s: %d of %d inputs hold the log", name, whole, len(got))
		}
	}
}

// Text that only begins like a mail is text.
func TestNoMail(t *testing.T) {
	for _, text := range []string{
		"From: a\nSubject: b\n\n" + logText, "Note: MIME-Version is 1\n" + logText, "Feb 10 09:12:44 lb1 haproxy[1]: x\nMIME-Version: 1.0\nFrom: a\n\n", "MIME-Version: 1.0\n\n" + logText,
	} {
		got := walk(t, Options{}, file(t, "a.txt", []byte(text)))
		if len(got) != 1 || string(got[0].content) != text {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func FuzzMail(f *testing.F) {
	for _, text := range mails(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		Walk(t.Context(), nil, Options{Stdin: bytes.NewReader(append([]byte(letterHead), b...)), MaxContent: 1 << 20}, func(*Input, error) bool { return true })
	})
}
