package main

import (
	"bytes"
	"math/rand/v2"
)

// hostile makes the content of a bad input.
func hostile(kind string) []byte {
	switch kind {
	case "random":
		b := make([]byte, 1<<20)
		r := rand.NewChaCha8([32]byte{7})
		_, _ = r.Read(b)
		return b
	case "nuls": // a log full of them, with a crash inside
		return bytes.Join([][]byte{make([]byte, 1000), []byte("\n[ALERT]    (12) : A bogus STREAM [0x55aa00] is spinning at 123456 calls per second and refuses to die, aborting now! Please report this error to developers [strm=0x55aa00,c src=192.0.2.1 fe=a be=b dst=c\x00\x00]\n"), []byte("plain text so that it is a log\n"), bytes.Repeat([]byte("more text\n"), 1000)}, nil)
	case "longline": // 100 MB without a line end, a crash at its end
		b := bytes.Repeat([]byte("x y z "), 100<<20/6)
		return append(b, "\nFATAL: bug condition \"a > b\" matched at src/a.c:1\n"...)
	case "core32":
		b := make([]byte, 4096)
		copy(b, "\x7fELF\x01\x01\x01")
		b[16], b[18] = 4, 3
		return b
	case "corehead": // an ELF core that ends in its header
		b := make([]byte, 40)
		copy(b, "\x7fELF\x02\x01\x01")
		b[16], b[18] = 4, 62
		return b
	}
	panic("no such kind: " + kind)
}
