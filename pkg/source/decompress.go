package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
)

// errTrailing says that something else follows after a member.
var errTrailing = errors.New("trailing data")

// decompressor is the content behind a compression, member after member. Damage
// ends it like the end of a file, and becomes a problem of the input: what came
// before is good.
type decompressor struct {
	ctx  context.Context
	in   *Input
	p    *codec
	feed *feed
	cur  io.Reader // nil between members
	n    int64     // bytes given out
	max  int64
	err  error // sticky
}

func decompress(ctx context.Context, in *Input, p *codec, r io.Reader, limit int64) *decompressor {
	return &decompressor{ctx: ctx, in: in, p: p, feed: newFeed(r), max: limit}
}

func (u *decompressor) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, u.err
	}
	for u.err == nil {
		if u.err = u.ctx.Err(); u.err != nil {
			break
		}
		if u.cur == nil {
			u.err = u.next()
			continue
		}
		n, err := u.cur.Read(b[:min(int64(len(b)), u.max-u.n+1)])
		if u.n += int64(n); u.n > u.max {
			u.stop(fmt.Sprintf("larger than %s behind its compression; the rest was not read", amount(u.max)))
			n -= int(u.n - u.max)
			u.n = u.max
		} else if err == io.EOF {
			u.closeMember()
		} else if err != nil {
			u.damage(err)
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, u.err
}

// next opens the member that begins here. Zeros between members and at the end
// are padding: xz allows them, tapes and block devices add them.
func (u *decompressor) next() error {
	first := u.feed.consumed() == 0
	for !first {
		b, err := u.feed.Peek(1)
		if err != nil {
			return cmp.Or(u.feed.src.err, err) // the end of the compressed data, or why it could not be read
		}
		if b[0] != 0 {
			break
		}
		if err := u.ctx.Err(); err != nil {
			return err
		}
		b, _ = u.feed.Peek(u.feed.Buffered())
		zeros := 0
		for zeros < len(b) && b[zeros] == 0 {
			zeros++
		}
		if _, err := u.feed.Discard(zeros); err != nil {
			return err
		}
	}
	head, _ := u.feed.Peek(magicLen) // fewer at the end
	if !first && !u.p.begins(head) && skippable(append(head[:len(head):len(head)], 0, 0)) == 0 {
		u.damage(errTrailing)
		return u.err
	}
	cur, err := u.p.open(u.feed)
	if err != nil {
		u.damage(err)
		return u.err
	}
	u.cur = cur
	return nil
}

// damage ends the content early, in words for an error of a decompressor.
func (u *decompressor) damage(err error) {
	name := u.p.name
	switch {
	case u.feed.src.err != nil:
		u.err = u.feed.src.err // of reading; the caller knows what was read
	case err == errTrailing:
		u.stop(fmt.Sprintf("other data follows the %s data after %d bytes of content; it was not read", name, u.n))
	case isEnd(err) && u.atEnd():
		u.stop(fmt.Sprintf("truncated after %d bytes of content: the %s data ends early", u.n, name))
	case isEnd(err):
		u.stop(fmt.Sprintf("damaged after %d bytes of content: the %s data cannot be read", u.n, name))
	default:
		u.stop(fmt.Sprintf("damaged after %d bytes of content: the %s data cannot be read: %v", u.n, name, err))
	}
}

func isEnd(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) }

// atEnd tells that no compressed byte is left. Decompressors also say that data
// ends early when damage makes them want more bits than a block has.
func (u *decompressor) atEnd() bool {
	_, err := u.feed.Peek(1)
	return err != nil
}

func (u *decompressor) stop(problem string) {
	u.in.problem(problem)
	u.err = io.EOF
}

func (u *decompressor) closeMember() {
	if c, ok := u.cur.(io.Closer); ok {
		_ = c.Close() // frees memory; what it read was checked
	}
	u.cur = nil
}

// Close frees what the decompressor holds.
func (u *decompressor) Close() error {
	u.closeMember()
	if u.err == nil {
		u.err = io.ErrClosedPipe
	}
	return nil
}

// amount is a limit, in the unit that it has.
func amount(n int64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d GiB", n>>30)
}
