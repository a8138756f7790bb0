package streamdump

import (
	"slices"
	"strings"
)

// Flags are those of a side: of the connector with its endpoint, and of the connection.
func (x *Side) Flags() (connector, connection []string) {
	for _, w := range x.words {
		if strings.HasPrefix(w.field.Name, "co") { // cof, cob, co0, co1
			connection = append(connection, w.Flags()...)
		} else {
			connector = append(connector, w.Flags()...)
		}
	}
	return connector, connection
}

// Shut are the flags that say that nothing more comes from a side, and that nothing more
// goes to it; "" where none does.
func (x *Side) Shut() (read, write string) {
	_, read = x.readShut()
	_, write = x.writeShut()
	return read, write
}

// IsApplet says that a side ends in an applet, which may have no name.
func (x *Side) IsApplet() bool { return x.isApplet() }

// Spins says that the spin guard stopped the process because of the side's applet.
func (x *Side) Spins() bool { return x.spins }

// Flags are those of a channel.
func (ch *Channel) Flags() []string { return ch.flags.Flags() }

// Part names the side or the channel that a field tells of; "" if it is none's.
func (s *Stream) Part(field string) string {
	holds := func(facts ...Fact) bool {
		return slices.ContainsFunc(facts, func(f Fact) bool { return f.Known() && f.field.Name == field })
	}
	for _, x := range s.Sides() {
		if holds(x.State, x.Connection, x.Mux, x.AppletState, x.label, x.fd) || holds(x.words...) {
			return x.Name
		}
	}
	for _, ch := range s.Channels() {
		if holds(ch.Message, ch.Analysers, ch.Output, ch.Input, ch.Size, ch.flags, ch.forward) {
			return ch.Name
		}
	}
	return ""
}

// Empty says that nothing is known of the stream.
func (s *Stream) Empty() bool { return len(s.order) == 0 }
