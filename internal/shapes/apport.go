package shapes

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
)

// ApportReport writes a report as apport does: each block that the compressor gives is encoded for
// itself, and the parts have padding of their own.
func ApportReport(core []byte) []byte {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(core)
	_ = z.Close()
	var b bytes.Buffer
	b.WriteString("ProblemType: Crash\nArchitecture: amd64\nCoreDump: base64\n")
	for i, p := 0, packed.Bytes(); len(p) > 0; i++ {
		n := min(len(p), []int{10, 1000, 70001}[min(i, 2)])
		b.WriteString(" " + base64.StdEncoding.EncodeToString(p[:n]) + "\n")
		p = p[n:]
	}
	b.WriteString("ExecutablePath: /usr/sbin/haproxy\nSignal: 11\nOther: base64\n H4sICAAA\n AAAC/w==\nUname: Linux\n")
	return b.Bytes()
}
