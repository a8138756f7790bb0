package streamdump_test

import (
	"slices"
	"testing"

	"github.com/hacrash/hacrash/pkg/crash"
	"github.com/hacrash/hacrash/pkg/streamdump"
)

func TestCompare(t *testing.T) {
	dump := &crash.Stream{Address: 0x10, Fields: []crash.Field{
		{Name: "strm", Value: "0x10"}, {Name: "stream.flags", Value: "0x4a"}, {Name: "scb.flags", Value: "0x00000001"}, {Name: "scb.state", Value: "EST"},
		{Name: "srv_conn", Value: "(nil)"}, {Name: "task.exp", Value: "3s"}, {Name: "app1.st0", Value: "1"}, {Name: "date", Value: "x"},
	}}
	all := []crash.Object{
		{Role: "strm", Type: "stream", Address: 0x10, Fields: []crash.Field{{Name: "stream.flags", Value: "0x4A"}, {Name: "srv_conn", Value: "0x0"}}},
		{Role: "scb", Type: "stconn", Address: 0x20, Fields: []crash.Field{{Name: "scb.flags", Value: "0x1"}, {Name: "scb.state", Value: "CLO"}}},
		{Role: "task", Type: "task", Address: 0x30, Fields: []crash.Field{{Name: "task.exp", Value: "2s"}}},
		{Role: "app1", Type: "appctx", Address: 0x40, Fields: []crash.Field{{Name: "app1.st0", Unavailable: "gone"}}},
	}
	got := streamdump.Compare(dump, all)
	if want := []crash.Difference{{Name: "scb.state", Dump: "EST", Core: "CLO"}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	all[0].Address = 0x11
	if got := streamdump.Compare(dump, all); got != nil {
		t.Errorf("another stream is compared: %v", got)
	}
}
