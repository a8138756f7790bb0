package source

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// A message as a mail program saves it (RFC 5322, MIME), or several in a row with a line
// "From …" before each, as mailing lists keep them. Its text and what is attached are
// encoded, so that lines of a log are broken in the middle, and "=" is "=3D".

const (
	maxMessages = 10_000
	maxMailPart = 1000 // of one message
)

// isMail knows a message by the names of its header's first lines: one says that MIME is in
// use, another one is of any mail.
func isMail(head []byte) bool {
	mimed, addressed := false, false
	for n := 0; n < 200 && len(head) > 0; n++ {
		line, rest, _ := bytes.Cut(head, []byte("\n"))
		head = rest
		if n == 0 && bytes.HasPrefix(line, []byte("From ")) || len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			continue
		}
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(name) == 0 || len(name) > 64 || bytes.ContainsAny(name, " \t") {
			break
		}
		switch strings.ToLower(string(name)) {
		case "mime-version", "content-type", "content-transfer-encoding":
			mimed = true
		case "from", "to", "date", "subject", "message-id", "received":
			addressed = true
		}
	}
	return mimed && addressed
}

// mail gives the texts of messages, and what is attached to them.
func (w *walker) mail(in *Input) bool {
	r := bufio.NewReaderSize(in.content(), sniffLen)
	for n := 0; w.ctx.Err() == nil; n++ {
		if n == maxMessages {
			return w.fail(in.Name, fmt.Errorf("more than %d messages; the rest was not read", maxMessages))
		}
		one := &message{r: r}
		if err := one.begin(); err != nil {
			break
		}
		m, err := mail.ReadMessage(one)
		if err == nil {
			parts := 0
			err = w.mailPart(in, m.Body, m.Header.Get, 0, &parts)
		}
		if err != nil && err != errStopped && !w.fail(in.Name, fmt.Errorf("damaged: a part of a mail cannot be read: %w", err)) || err == errStopped {
			return false
		}
		if _, err := io.Copy(io.Discard, one); err != nil || one.end {
			break
		}
	}
	return w.ctx.Err() == nil
}

// mailPart gives a part, or the parts in it. get reads a field of its header.
func (w *walker) mailPart(in *Input, body io.Reader, get func(string) string, depth int, parts *int) error {
	kind, params, err := mime.ParseMediaType(get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if params["boundary"] != "" && strings.HasPrefix(kind, "multipart/") && depth < maxNesting {
		return w.mailParts(in, multipart.NewReader(body, params["boundary"]), kind == "multipart/alternative", depth, parts)
	}
	switch strings.ToLower(strings.TrimSpace(get("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	name := in.Name
	coded := &coded{r: body}
	if _, p, err := mime.ParseMediaType(get("Content-Disposition")); err == nil && p["filename"] != "" {
		name += ":" + p["filename"]
	}
	member, err := caught(func() (*Input, error) { return w.member(name, coded) })
	if errors.Is(err, errEmpty) {
		return nil
	}
	coded.in = member
	if err == nil && member.Kind == Other { // a signature, a picture
		member.closeAll()
		return nil
	}
	if !w.give(name, member, err) {
		return errStopped
	}
	return nil
}

// mailParts gives all parts of a part. Of alternatives a page is the same once more.
func (w *walker) mailParts(in *Input, list *multipart.Reader, alternatives bool, depth int, parts *int) error {
	for n := 0; ; n++ {
		p, err := list.NextRawPart()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if *parts++; err == nil && *parts > maxMailPart {
			err = fmt.Errorf("it has more than %d parts", maxMailPart)
		}
		if err != nil {
			return err
		}
		if n > 0 && alternatives && strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			continue
		}
		if err := w.mailPart(in, p, p.Header.Get, depth+1, parts); err != nil {
			return err
		}
	}
}

// coded reads a part. Damage ends it, as the end of a file would.
type coded struct {
	r  io.Reader
	in *Input // that is told of damage
}

func (c *coded) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if err == nil || err == io.EOF {
		return n, err
	}
	if c.in != nil {
		c.in.problem("damaged: the code of a part of the mail cannot be read to its end")
	}
	return n, io.EOF
}

// message reads one of several messages in a row.
type message struct {
	r    *bufio.Reader
	line []byte // that is read, what is left of it
	end  bool   // of the input
	last bool   // of the message
	open bool   // the line before was empty
}

var mailbox = []byte("From ")

// begin passes over the line before the message.
func (m *message) begin() error {
	head, err := m.r.Peek(len(mailbox))
	if len(head) == 0 {
		return err
	}
	if bytes.Equal(head, mailbox) {
		_, err = m.r.ReadSlice('\n')
		return err
	}
	return nil
}

// Read ends where the next message begins: at a line "From …" behind an empty one.
func (m *message) Read(b []byte) (int, error) {
	if len(m.line) == 0 {
		if m.end || m.last {
			return 0, io.EOF
		}
		if head, _ := m.r.Peek(len(mailbox)); m.open && bytes.Equal(head, mailbox) {
			m.last = true
			return 0, io.EOF
		}
		line, err := m.r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			m.end = true
		}
		m.line, m.open = line, len(bytes.TrimSpace(line)) == 0
		if len(line) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(b, m.line)
	m.line = m.line[n:]
	return n, nil
}
