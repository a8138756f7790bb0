package coretest

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// stub is a connection to a program that stands still in an emulator (GDB's manual,
// "Remote Protocol").
type stub struct {
	conn net.Conn
	in   *bufio.Reader
}

// dial connects to a socket that an emulator is about to make.
func dial(socket string) (*stub, error) {
	const patience = time.Minute
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			if time.Now().After(end) {
				return nil, err
			}
			continue
		}
		return &stub{conn: conn, in: bufio.NewReader(conn)}, nil
	}
}

// ask sends a packet and returns the answer.
func (s *stub) ask(packet string) (string, error) {
	var sum byte
	for _, c := range []byte(packet) {
		sum += c
	}
	if _, err := fmt.Fprintf(s.conn, "$%s#%02x", packet, sum); err != nil {
		return "", err
	}
	if _, err := s.in.ReadString('$'); err != nil {
		return "", err
	}
	answer, err := s.in.ReadString('#')
	if err != nil {
		return "", err
	}
	if _, err := s.in.Discard(len("00")); err != nil { // its sum: sockets lose nothing
		return "", err
	}
	_, err = s.conn.Write([]byte("+"))
	return unescape(strings.TrimSuffix(answer, "#")), err
}

// unescape undoes what keeps $ and # out of a packet.
func unescape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '}' && i+1 < len(s) {
			i++
			out.WriteByte(s[i] ^ 0x20)
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// bytes asks for something that comes in hex.
func (s *stub) bytes(packet string) ([]byte, error) {
	answer, err := s.ask(packet)
	if err != nil {
		return nil, err
	}
	b, err := hex.DecodeString(answer)
	if err != nil {
		return nil, fmt.Errorf("%s: %q", packet, answer)
	}
	return b, nil
}

// memory reads a piece of the program's memory.
func (s *stub) memory(from, to uint64) ([]byte, error) {
	const most = 2000
	var out []byte
	for from < to {
		b, err := s.bytes(fmt.Sprintf("m%x,%x", from, min(most, to-from)))
		if err != nil || len(b) == 0 {
			return nil, fmt.Errorf("no memory at %#x: %v", from, err)
		}
		out, from = append(out, b...), from+uint64(len(b))
	}
	return out, nil
}

// threads lists the ids of all threads, the one at fault first.
func (s *stub) threads(stop string) ([]int, error) {
	_, fault, _ := strings.Cut(stop, "thread:")
	fault, _, _ = strings.Cut(fault, ";")
	list, err := s.ask("qfThreadInfo")
	if err != nil {
		return nil, err
	}
	var out []int
	for _, id := range strings.Split(fault+","+strings.TrimPrefix(list, "m"), ",") {
		n, err := strconv.ParseInt(id, 16, 32)
		if err != nil {
			return nil, fmt.Errorf("threads %q, stopped by %q", list, stop)
		}
		if len(out) == 0 || int(n) != out[0] {
			out = append(out, int(n))
		}
	}
	return out, nil
}
