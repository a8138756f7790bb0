package logparse

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hacrash/hacrash/pkg/join"
)

// carried writes the lines of a dump as some tool hands them out.
type carried struct {
	host string // that it tells
	from string // what of the program it tells, empty for nothing
	wrap func(lines []string) string
}

var shapeStart = time.Date(2025, 2, 10, 9, 12, 44, 123456000, time.UTC)

func at3339(i int) string {
	return shapeStart.Add(time.Duration(i) * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
}
func nanos(i int) string { return fmt.Sprint(shapeStart.UnixNano() + int64(i)) }
func millis(i int) int64 { return shapeStart.UnixMilli() + int64(i) }

type obj = map[string]any

// each makes one value of each line.
func each(lines []string, f func(i int, s string) any) []any {
	var all []any
	for i, s := range lines {
		all = append(all, f(i, s))
	}
	return all
}

func flat(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b) + "\n"
}

func pretty(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(b) + "\n"
}

func jsonl(all []any) string {
	var b strings.Builder
	for _, v := range all {
		b.WriteString(flat(v))
	}
	return b.String()
}

func reversed[T any](all []T) []T {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

func elastic(i int, s string) any {
	return obj{"_index": "logs", "_id": fmt.Sprint(i), "_source": obj{"@timestamp": at3339(i), "message": s, "host": obj{"name": "lb1"}}}
}

func hits(all []any) any {
	return obj{"took": 3, "hits": obj{"total": obj{"value": len(all)}, "hits": all}}
}

func loki(i int, s string) any { return []any{nanos(i), s} }

func streams(all ...any) any {
	return obj{"status": "success", "data": obj{"resultType": "streams", "result": []any{obj{"stream": obj{"app": "haproxy", "host": "lb1"}, "values": all}}}}
}

func gcp(i int, s string) any {
	return obj{"textPayload": s, "timestamp": at3339(i), "logName": "projects/x/logs/stderr", "resource": obj{"type": "k8s_container", "labels": obj{"pod_name": "haproxy-1", "container_name": "haproxy"}}}
}

func otlp(i int, s string) any {
	return obj{"resourceLogs": []any{obj{"resource": obj{"attributes": []any{obj{"key": "host.name", "value": obj{"stringValue": "lb1"}}, obj{"key": "service.name", "value": obj{"stringValue": "haproxy"}}}},
		"scopeLogs": []any{obj{"logRecords": []any{obj{"timeUnixNano": nanos(i), "body": obj{"stringValue": s}}}}}}}}
}

func insights(i int, s string) any {
	return []any{obj{"field": "@timestamp", "value": at3339(i)}, obj{"field": "@message", "value": s}, obj{"field": "@ptr", "value": "x"}}
}

func csvOf(header string, comma string, row func(i int, s string) []string) func([]string) string {
	return func(lines []string) string {
		var b strings.Builder
		b.WriteString(header + "\n")
		for i, s := range lines {
			for k, f := range row(i, s) {
				if k > 0 {
					b.WriteString(comma)
				}
				if strings.ContainsAny(f, "\"\n"+comma) {
					f = `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
				}
				b.WriteString(f)
			}
			b.WriteString("\n")
		}
		return b.String()
	}
}

func lineByLine(f func(i int, s string) string) func([]string) string {
	return func(lines []string) string {
		var b strings.Builder
		for i, s := range lines {
			b.WriteString(f(i, s) + "\n")
		}
		return b.String()
	}
}

var wrappings = map[string]carried{
	"loki":               {"lb1", "haproxy", func(l []string) string { return flat(streams(each(l, loki)...)) }},
	"loki, newest first": {"lb1", "haproxy", func(l []string) string { return flat(streams(reversed(each(l, loki))...)) }},
	"loki, pretty":       {"lb1", "haproxy", func(l []string) string { return pretty(streams(each(l, loki)...)) }},
	"loki, structured metadata": {"lb1", "haproxy", func(l []string) string {
		return flat(streams(each(l, func(i int, s string) any { return []any{nanos(i), s, obj{"detected_level": "error"}} })...))
	}},
	"logcli -o jsonl": {"lb1", "haproxy", func(l []string) string {
		return jsonl(each(l, func(i int, s string) any {
			return obj{"labels": obj{"app": "haproxy", "host": "lb1"}, "line": s, "timestamp": at3339(i)}
		}))
	}},
	"grafana explore": {"lb1", "", func(l []string) string {
		return pretty(each(l, func(i int, s string) any {
			return obj{"line": s, "timestamp": nanos(i), "date": at3339(i), "fields": obj{"host": "lb1"}}
		}))
	}},
	"grafana frame, newest first": {"lb1", "", func(l []string) string {
		n := len(l)
		return `{"results":{"A":{"status":200,"frames":[{"schema":{"refId":"A","fields":[{"name":"labels","type":"other"},{"name":"Time","type":"time"},{"name":"Line","type":"string"}]},"data":` +
			flat(obj{"values": []any{
				each(l, func(int, string) any { return obj{"host": "lb1"} }),
				each(l, func(i int, _ string) any { return millis(n - i) }),
				each(reversed(l), func(_ int, s string) any { return s })}}) + "}]}}}"
	}},
	"elastic":                       {"lb1", "", func(l []string) string { return flat(hits(each(l, elastic))) }},
	"elastic, pretty, newest first": {"lb1", "", func(l []string) string { return pretty(hits(reversed(each(l, elastic)))) }},
	"elastic, fields": {"lb1", "", func(l []string) string {
		return pretty(hits(each(l, func(i int, s string) any {
			return obj{"_id": fmt.Sprint(i), "fields": obj{"@timestamp": []string{at3339(i)}, "message": []string{s}, "host.name": []string{"lb1"}}}
		})))
	}},
	"es|ql": {"lb1", "", func(l []string) string {
		return flat(obj{"columns": []any{obj{"name": "@timestamp", "type": "date"}, obj{"name": "host.name", "type": "keyword"}, obj{"name": "message", "type": "text"}},
			"values": each(l, func(i int, s string) any { return []any{at3339(i), "lb1", s} })})
	}},
	"splunk": {"lb1", "", func(l []string) string {
		return jsonl(each(l, func(i int, s string) any {
			return obj{"preview": false, "result": obj{"_raw": s, "_time": at3339(i), "host": "lb1"}}
		}))
	}},
	"splunk, results": {"lb1", "", func(l []string) string {
		return flat(obj{"fields": []any{obj{"name": "_raw"}}, "results": each(l, func(i int, s string) any { return obj{"_raw": s, "_time": at3339(i), "host": "lb1"} })})
	}},
	"cloudwatch": {"", "haproxy", func(l []string) string {
		return pretty(obj{"events": each(l, func(i int, s string) any {
			return obj{"logStreamName": "haproxy/haproxy/abc", "timestamp": millis(i), "message": s, "ingestionTime": millis(9999), "eventId": fmt.Sprint(i)}
		}), "searchedLogStreams": []any{}})
	}},
	"cloudwatch insights":               {"", "", func(l []string) string { return flat(obj{"results": each(l, insights), "status": "Complete"}) }},
	"cloudwatch insights, newest first": {"", "", func(l []string) string { return pretty(obj{"results": reversed(each(l, insights))}) }},
	"firehose": {"", "", func(l []string) string {
		return strings.ReplaceAll(jsonl(each(l, func(i int, s string) any {
			return obj{"logGroup": "x", "logEvents": []any{obj{"id": fmt.Sprint(i), "timestamp": millis(i), "message": s}}}
		})), "\n", "") + "\n"
	}},
	"datadog": {"lb1", "haproxy", func(l []string) string {
		return flat(obj{"data": each(l, func(i int, s string) any {
			return obj{"id": fmt.Sprint(i), "type": "log", "attributes": obj{"timestamp": at3339(i), "host": "lb1", "service": "haproxy", "status": "error", "message": s, "tags": []string{"env:prod", "container_name:haproxy"}}}
		})})
	}},
	"gcp":               {"haproxy-1", "haproxy", func(l []string) string { return pretty(each(l, gcp)) }},
	"gcp, newest first": {"haproxy-1", "haproxy", func(l []string) string { return pretty(reversed(each(l, gcp))) }},
	"otlp":              {"lb1", "haproxy", func(l []string) string { return jsonl(each(l, otlp)) }},
	"gelf": {"lb1", "haproxy", func(l []string) string {
		return jsonl(each(l, func(i int, s string) any {
			return obj{"version": "1.1", "host": "lb1", "short_message": s, "timestamp": float64(millis(i)) / 1000, "level": 1, "_facility": "haproxy"}
		}))
	}},
	"fluentd": {"haproxy-1", "haproxy", lineByLine(func(i int, s string) string {
		return at3339(i) + "\tkube.haproxy\t" + strings.TrimSuffix(flat(obj{"log": s + "\n", "stream": "stderr", "kubernetes": obj{"pod_name": "haproxy-1", "container_name": "haproxy", "host": "node3"}}), "\n")
	})},
	"ecs": {"lb1", "haproxy", func(l []string) string {
		return jsonl(each(l, func(i int, s string) any {
			return obj{"@timestamp": at3339(i), "message": s, "host": obj{"name": "lb1"}, "process": obj{"name": "haproxy"}, "log": obj{"level": "error"}, "ecs": obj{"version": "8.11"}}
		}))
	}},
	"docker in journal in loki": {"lb1", "haproxy", func(l []string) string {
		return flat(streams(each(l, func(i int, s string) any {
			docker := flat(obj{"log": s + "\n", "stream": "stderr", "time": at3339(i)})
			return []any{nanos(i), strings.TrimSpace(flat(obj{"MESSAGE": strings.TrimSpace(docker), "_COMM": "haproxy", "_HOSTNAME": "lb1"}))}
		})...))
	}},
	"one string of many lines": {"lb1", "", func(l []string) string {
		return flat(obj{"host": "lb1", "incident": obj{"raw_log": strings.Join(l, "\n")}})
	}},
	"list of strings": {"", "", func(l []string) string { return pretty(l) }},
	"ansible":         {"", "", func(l []string) string { return flat(obj{"changed": true, "rc": 0, "stdout_lines": l}) }},
	"jq .message":     {"", "", lineByLine(func(_ int, s string) string { return strings.TrimSpace(flat(s)) })},
	"csv":             {"lb1", "", csvOf("_time,host,_raw", ",", func(i int, s string) []string { return []string{at3339(i), "lb1", s} })},
	"csv, text first": {"lb1", "haproxy", csvOf("message,container,host,ts", ",", func(i int, s string) []string { return []string{s, "haproxy", "lb1", fmt.Sprint(millis(i))} })},
	"csv, kibana, newest first": {"lb1", "", func(l []string) string {
		n := len(l)
		return csvOf(`"@timestamp","host.name",message`, ",", func(i int, s string) []string {
			return []string{shapeStart.Add(time.Duration(n-i) * time.Millisecond).Format("Jan 2, 2006 @ 15:04:05.000"), "lb1", s}
		})(reversed(l))
	}},
	"tsv":        {"lb1", "", csvOf("time\thost\tmessage", "\t", func(i int, s string) []string { return []string{at3339(i), "lb1", s} })},
	"semicolons": {"lb1", "", csvOf("timestamp;hostname;message", ";", func(i int, s string) []string { return []string{at3339(i), "lb1", s} })},
	"rfc 6587": {"lb1", "haproxy", func(l []string) string {
		var b strings.Builder
		for i, s := range l {
			m := "<27>1 " + at3339(i) + " lb1 haproxy - - - " + s
			fmt.Fprintf(&b, "%d %s", len(m), m)
		}
		return b.String()
	}},
	"journalctl -r": {"lb1", "haproxy", func(l []string) string {
		return lineByLine(func(_ int, s string) string { return "Feb 02 12:04:44 lb1 haproxy[8043]: " + s })(reversed(l))
	}},
	"journalctl -r -o short-iso-precise": {"lb1", "haproxy", func(l []string) string {
		n := len(l)
		return lineByLine(func(i int, s string) string {
			return shapeStart.Add(time.Duration(n-i)*time.Microsecond).Format("2006-01-02T15:04:05.000000-0700") + " lb1 haproxy[8043]: " + s
		})(reversed(l))
	}},
	"html":   {"lb1", "haproxy", lineByLine(func(_ int, s string) string { return html.EscapeString("Feb  2 12:04:44 lb1 haproxy: " + s) })},
	"quoted": {"lb1", "haproxy", lineByLine(func(_ int, s string) string { return ">Feb  2 12:04:44 lb1 haproxy: " + s })},
}

// dumpsOf are the dumps that go through the wrappings, without their envelopes.
func dumpsOf(t *testing.T) map[string][]string {
	out := map[string][]string{}
	for _, sample := range []string{"bug-2.6", "panic-2.0", "panic-3.4", "spin-g3", "spin-g4", "pool-tag", "watchdog-2.6"} {
		for line := range strings.Lines(samples(t)[sample]) {
			out[sample] = append(out[sample], bareText(line))
		}
	}
	return out
}

// Each shape gives the crash that the bare text gives, with the host where it tells one;
// parsed whole and around literals.
func TestShapes(t *testing.T) {
	for sample, lines := range dumpsOf(t) {
		want := joinedOf(t, strings.Join(lines, "\n")+"\n")
		if len(want) == 0 {
			t.Fatalf("%s: no crash", sample)
		}
		for _, name := range slices.Sorted(maps.Keys(wrappings)) {
			sh := wrappings[name]
			got := joinedOf(t, sh.wrap(lines))
			if len(got) != len(want) {
				t.Errorf("%s, %s: %d crashes, want %d", sample, name, len(got), len(want))
				continue
			}
			for i := range got {
				g, w := facts(got[i]), facts(want[i])
				if strings.Contains(name, "journalctl") { // it tells a pid
					g, w = withoutPID(g), withoutPID(w)
				}
				if g != w {
					t.Errorf("%s, %s:\ngot  %s\nwant %s", sample, name, g, w)
				}
				if got[i].Host != sh.host {
					t.Errorf("%s, %s: host %q, want %q", sample, name, got[i].Host, sh.host)
				}
			}
		}
	}
}

// A dump in the middle of a document of one line that is parsed around literals only, and read
// in pieces.
func TestShapesGated(t *testing.T) {
	lines := dumpsOf(t)["panic-2.0"]
	want := joinedOf(t, strings.Join(lines, "\n")+"\n")
	noise := make([]string, 20000)
	for i := range noise {
		noise[i] = "Server be1/s1 is UP, reason: Layer7 check passed, check duration: 3ms"
	}
	all := slices.Concat(noise, lines, noise)
	for _, name := range []string{"loki", "loki, newest first", "loki, pretty", "elastic", "elastic, pretty, newest first", "cloudwatch", "otlp", "gcp, newest first", "csv, kibana, newest first", "rfc 6587", "journalctl -r -o short-iso-precise"} {
		var parts []join.Part
		text := wrappings[name].wrap(all)
		if _, err := Parse(t.Context(), at(text, "x"), Options{Whole: -1}, func(p join.Part) error { parts = append(parts, p); return nil }); err != nil {
			t.Fatal(err)
		}
		heads := 0
		for i := range parts {
			if parts[i].Role == join.Head {
				heads++
				if n := len(parts[i].Crash.Threads); n != len(want[0].Threads) {
					t.Errorf("%s: %d threads, want %d", name, n, len(want[0].Threads))
				}
			}
		}
		if heads != 1 {
			t.Errorf("%s: %d heads of %d parts", name, heads, len(parts))
		}
	}
}
