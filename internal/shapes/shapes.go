package shapes

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Shape is one way in which lines are handed on.
type Shape struct {
	Name string
	Host string // that it tells
	Wrap func(lines []string) string
}

// PID is the one that shapes with one tell.
const PID = 4250

// All are the shapes.
func All() []Shape {
	return slices.Concat(pods(), platforms(), listings(), syslogs(), journals(), containers(), documents(), tables(), pastes())
}

var start = time.Date(2025, 2, 10, 9, 12, 44, 123456789, time.UTC)

// at is the time of line i. Most lines of a dump are of one millisecond.
func at(i int) time.Time { return start.Add(time.Duration(i) * 137 * time.Microsecond) }

func rfc3339(i int) string  { return at(i).Format("2006-01-02T15:04:05.000Z") }
func nano3339(i int) string { return at(i).Format("2006-01-02T15:04:05.000000000Z") }

// each makes a text of lines one by one.
func each(f func(i int, s string) string) func([]string) string {
	return func(lines []string) string {
		var b strings.Builder
		for i, s := range lines {
			b.WriteString(f(i, s) + "\n")
		}
		return b.String()
	}
}

// before puts a constant before each line.
func before(prefix string) func([]string) string {
	return each(func(_ int, s string) string { return prefix + s })
}

// newestFirst turns the lines that another shape makes.
func newestFirst(wrap func([]string) string) func([]string) string {
	return func(lines []string) string {
		all := strings.SplitAfter(strings.TrimSuffix(wrap(lines), "\n"), "\n")
		all[len(all)-1] += "\n"
		slices.Reverse(all)
		return strings.Join(all, "")
	}
}

// stamped puts a time before each line, and what follows it.
func stamped(layout, rest string) func([]string) string {
	return each(func(i int, s string) string { return at(i).Format(layout) + rest + s })
}

// pods are what tools that follow containers put before a line.
func pods() []Shape {
	const pod = "haproxy-7d9f8c-abcde"
	return []Shape{
		{"bare", "", before("")},
		{"stern", pod, before(pod + " haproxy ")},
		{"stern -t", pod, each(func(i int, s string) string { return pod + " haproxy " + nano3339(i) + " " + s })},
		{"stern, colours", pod, before("\x1b[35m" + pod + "\x1b[0m \x1b[95mhaproxy\x1b[0m ")},
		{"stern --output extjson", pod, each(func(_ int, s string) string {
			return strings.TrimSpace(flat(obj{"message": s, "nodeName": "node3", "namespace": "lb", "podName": pod, "containerName": "haproxy"}))
		})},
		{"kail", pod, before("default/" + pod + "[haproxy]: ")},
		{"kubectl --prefix", pod, before("[pod/" + pod + "/haproxy] ")},
		{"kubectl --prefix --timestamps", pod, each(func(i int, s string) string { return "[pod/" + pod + "/haproxy] " + nano3339(i) + " " + s })},
		{"kubectl --timestamps", "", each(func(i int, s string) string { return nano3339(i) + " " + s })},
		{"compose", "", before("haproxy-1  | ")},
		{"compose -t", "", each(func(i int, s string) string { return "haproxy-1  | " + nano3339(i) + " " + s })},
		{"compose, colours", "", before("\x1b[36mhaproxy-1  | \x1b[0m")},
		{"docker service logs", "node1", before("lb_haproxy.1.x8k2j3l4m5n6p7q8r9s0@node1    | ")},
		{"podman --names", "", before("haproxy ")},
		{"podman, id", "", before("3f0d9c1a2b4e ")},
		{"podman --names -t", "", each(func(i int, s string) string {
			return "haproxy " + at(i).Format("2006-01-02T15:04:05.000000000+00:00") + " " + s
		})},
	}
}

// platforms put a time there.
func platforms() []Shape {
	return []Shape{
		{"logcli", "lb1", each(func(i int, s string) string { return at(i).Format(time.RFC3339) + ` {app="haproxy", host="lb1"} ` + s })},
		{"logcli, no labels", "", each(func(i int, s string) string { return at(i).Format(time.RFC3339) + " {} " + s })},
		{"grafana txt", "", stamped("2006-01-02T15:04:05.000Z", "\t")},
		{"grafana txt, local", "", stamped("2006-01-02 15:04:05.000", "\t")},
		{"aws logs tail", "", stamped("2006-01-02T15:04:05.000000+00:00", " haproxy/haproxy/abc ")},
		{"stamp, level", "", stamped("[2006-01-02 15:04:05", " UNKNOWN] ")},
		{"heroku", "", stamped("2006-01-02T15:04:05.000000+00:00", " app[web.1]: ")},
		{"cloud foundry", "", stamped("   2006-01-02T15:04:05.00+0000", " [APP/PROC/WEB/0] ERR ")},
		{"pssh", "lb1", before("lb1: ")},
	}
}

// listings are what tools that show files do.
func listings() []Shape {
	numbered := func(format string) func([]string) string {
		return each(func(i int, s string) string { return fmt.Sprintf(format, i+98) + s })
	}
	return []Shape{
		{"grep -n", "", numbered("%d:")},
		{"grep -H", "", before("/var/log/haproxy/stderr.log:")},
		{"grep -Hn", "", numbered("haproxy.log:%d:")},
		{"grep -r", "", before("logs/2025/haproxy-stderr.log:")},
		{"zgrep -H", "", before("haproxy.log.2.gz:")},
		{"grep -C 5 -n", "", each(func(i int, s string) string {
			sign := "-"
			if i%3 == 0 {
				sign = ":"
			}
			return fmt.Sprint(i+98) + sign + s
		})},
		{"less -N", "", numbered("%7d ")},
		{"less -N, tab", "", numbered("%7d\t")},
		{"cat -n", "", numbered("%6d\t")},
		{"vim numbers", "", numbered("%4d ")},
		{"indented", "", before("    ")},
		{"indented by a tab", "", before("\t")},
		{"vtest", "", before("***  h1    debug|")},
		{"vtest, times", "", before("***  h1    0.1 debug|")},
		{"ts", "", stamped("Jan 02 15:04:05", " ")},
		{"ts -s", "", stamped("15:04:05", " ")},
		{"svlogd", "", stamped("2006-01-02_15:04:05.00000", " ")},
		{"multilog", "", each(func(i int, s string) string {
			return fmt.Sprintf("@%016x%08x %s", uint64(1)<<62+uint64(at(i).Unix())+10, at(i).Nanosecond(), s)
		})},
		{"github actions", "", stamped("2006-01-02T15:04:05.0000000Z", " ")},
		{"gh run view --log", "", stamped("test\tRun haproxy\t2006-01-02T15:04:05.0000000Z", " ")},
		{"jenkins", "", stamped("[2006-01-02T15:04:05.000Z]", " ")},
	}
}

func syslogs() []Shape {
	tag := fmt.Sprintf("haproxy[%d]: ", PID)
	month := func(prefix, rest string) func([]string) string {
		return each(func(i int, s string) string { return prefix + at(i).Format(time.Stamp) + rest + s })
	}
	rfc5424 := func(i int, s string) string {
		return "<27>1 " + rfc3339(i) + fmt.Sprintf(" lb1 haproxy %d - - ", PID) + s
	}
	return []Shape{
		{"rfc 3164", "lb1", month("", " lb1 "+tag)},
		{"rfc 3164, priority", "lb1", month("<27>", " lb1 "+tag)},
		{"rfc 3164, no pid", "lb1", month("", " lb1 haproxy: ")},
		{"rfc 3164, no host", "", month("", " "+tag)},
		{"rfc 3164, busybox", "lb1", month("", " lb1 daemon.err "+tag)},
		{"rfc 3164, tag is a container", "lb1", month("", " lb1 docker/haproxy/3f0d9c1a2b4e[812]: ")},
		{"rsyslog, iso", "lb1", each(func(i int, s string) string {
			return at(i).Format("2006-01-02T15:04:05.000000-07:00") + " lb1 " + tag + s
		})},
		{"relayed", "lb1", each(func(i int, s string) string {
			return at(i).Format(time.Stamp) + " relay1 " + at(i).Format(time.Stamp) + " lb1 " + tag + s
		})},
		{"rfc 5424", "lb1", each(rfc5424)},
		{"rfc 5424, data", "lb1", each(func(i int, s string) string {
			return "<27>1 " + rfc3339(i) + fmt.Sprintf(" lb1 haproxy %d - ", PID) + `[origin ip="192.0.2.1"][meta sequenceId="7"] ` + s
		})},
		{"rfc 6587, octets", "lb1", func(l []string) string {
			var b strings.Builder
			for i, s := range l {
				m := rfc5424(i, s)
				fmt.Fprintf(&b, "%d %s", len(m), m)
			}
			return b.String()
		}},
		{"rfc 6587, octets and newlines", "lb1", each(func(i int, s string) string {
			m := rfc5424(i, s)
			return fmt.Sprintf("%d %s", len(m)+1, m)
		})},
		{"#012", "lb1", func(l []string) string {
			return at(0).Format(time.Stamp) + " lb1 " + tag + strings.Join(l, "#012") + "\n"
		}},
		{"logread", "", each(func(i int, s string) string { return at(i).Format(time.ANSIC) + " daemon.err " + tag + s })},
		{"grep -H of syslog", "lb1", month("/var/log/haproxy.log:", " lb1 "+tag)},
		{"grep -n of syslog", "lb1", each(func(i int, s string) string {
			return fmt.Sprintf("%d:%s lb1 %s%s", i+98, at(i).Format(time.Stamp), tag, s)
		})},
		{"pssh of syslog", "lb1", month("lb1: ", " lb1 "+tag)},
		{"pssh of syslog, any host", "srv7.example.com", month("srv7.example.com: ", " srv7.example.com "+tag)},
		{"less -N of syslog", "lb1", each(func(i int, s string) string {
			return fmt.Sprintf("%7d %s lb1 %s%s", i+98, at(i).Format(time.Stamp), tag, s)
		})},
		{"newest first", "lb1", newestFirst(month("", " lb1 "+tag))},
		{"pasted columns", "", each(func(i int, s string) string { return at(i).Format(time.Stamp) + "\thaproxy\t4250\t" + s })},
	}
}
