package shapes

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

type obj = map[string]any

func nanos(i int) string { return fmt.Sprint(at(i).UnixNano()) }
func millis(i int) int64 { return at(i).UnixMilli() }

// values makes one value of each line.
func values(lines []string, f func(i int, s string) any) []any {
	var all []any
	for i, s := range lines {
		all = append(all, f(i, s))
	}
	return all
}

func reversed[T any](all []T) []T {
	all = slices.Clone(all)
	slices.Reverse(all)
	return all
}

func flat(v any) string { return written(json.Marshal(v)) }

func pretty(v any) string { return written(json.MarshalIndent(v, "", "  ")) }

func written(b []byte, err error) string {
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

func elastic(i int, s string) any {
	return obj{"_index": "logs", "_id": fmt.Sprint(i), "_source": obj{"@timestamp": rfc3339(i), "message": s, "host": obj{"name": "lb1"}}}
}

func hits(all []any) any {
	return obj{"took": 3, "hits": obj{"total": obj{"value": len(all)}, "hits": all}}
}

func loki(i int, s string) any { return []any{nanos(i), s} }

func streams(all ...any) any {
	return obj{"status": "success", "data": obj{"resultType": "streams", "result": []any{obj{"stream": obj{"app": "haproxy", "host": "lb1"}, "values": all}}}}
}

func gcp(i int, s string) any {
	return obj{"textPayload": s, "timestamp": nano3339(i), "logName": "projects/x/logs/stderr", "resource": obj{"type": "k8s_container", "labels": obj{"pod_name": "haproxy-1", "container_name": "haproxy"}}}
}

func otlp(i int, s string) any {
	return obj{"resourceLogs": []any{obj{"resource": obj{"attributes": []any{obj{"key": "host.name", "value": obj{"stringValue": "lb1"}}, obj{"key": "service.name", "value": obj{"stringValue": "haproxy"}}}},
		"scopeLogs": []any{obj{"logRecords": []any{obj{"timeUnixNano": nanos(i), "body": obj{"stringValue": s}}}}}}}}
}

func insights(i int, s string) any {
	return []any{obj{"field": "@timestamp", "value": rfc3339(i)}, obj{"field": "@message", "value": s}, obj{"field": "@ptr", "value": "x"}}
}

// list makes a document of one value for each line.
func list(write func(any) string, around func([]any) any, f func(i int, s string) any) func([]string) string {
	return func(l []string) string { return write(around(values(l, f))) }
}

func lines(f func(i int, s string) any) func([]string) string {
	return func(l []string) string { return jsonl(values(l, f)) }
}

func turned(around func([]any) any) func([]any) any {
	return func(all []any) any { return around(reversed(all)) }
}

func plain(all []any) any { return all }

func inLoki(all []any) any { return streams(all...) }

func inInsights(all []any) any { return obj{"results": all, "status": "Complete"} }

func documents() []Shape { return slices.Concat(grafana(), searches(), clouds(), others()) }

// grafana are what Loki and Grafana give.
func grafana() []Shape {
	return []Shape{
		{"loki", "lb1", list(flat, inLoki, loki)},
		{"loki, newest first", "lb1", list(flat, turned(inLoki), loki)},
		{"loki, pretty", "lb1", list(pretty, inLoki, loki)},
		{"loki, structured metadata", "lb1", list(flat, inLoki, func(i int, s string) any { return []any{nanos(i), s, obj{"detected_level": "error"}} })},
		{"logcli -o jsonl", "lb1", lines(func(i int, s string) any {
			return obj{"labels": obj{"app": "haproxy", "host": "lb1"}, "line": s, "timestamp": nano3339(i)}
		})},
		{"grafana explore", "lb1", list(pretty, plain, func(i int, s string) any {
			return obj{"line": s, "timestamp": nanos(i), "date": rfc3339(i), "fields": obj{"host": "lb1"}}
		})},
		{"grafana frame, newest first", "lb1", func(l []string) string {
			n := len(l)
			return `{"results":{"A":{"status":200,"frames":[{"schema":{"refId":"A","fields":[{"name":"labels","type":"other"},{"name":"Time","type":"time"},{"name":"Line","type":"string"}]},"data":` +
				flat(obj{"values": []any{
					values(l, func(int, string) any { return obj{"host": "lb1"} }),
					values(l, func(i int, _ string) any { return millis(n - i) }),
					values(reversed(l), func(_ int, s string) any { return s })}}) + "}]}}}"
		}},
	}
}

// searches are what Elastic and Splunk give.
func searches() []Shape {
	return []Shape{
		{"elastic", "lb1", list(flat, hits, elastic)},
		{"elastic, pretty, newest first", "lb1", list(pretty, turned(hits), elastic)},
		{"elastic, fields", "lb1", list(pretty, hits, func(i int, s string) any {
			return obj{"_id": fmt.Sprint(i), "fields": obj{"@timestamp": []string{rfc3339(i)}, "message": []string{s}, "host.name": []string{"lb1"}}}
		})},
		{"elastic, bulk", "lb1", func(l []string) string {
			var b strings.Builder
			for i, s := range l {
				b.WriteString(`{"index":{"_index":"logs"}}` + "\n" + flat(obj{"@timestamp": rfc3339(i), "message": s, "host": obj{"name": "lb1"}}))
			}
			return b.String()
		}},
		{"es|ql", "lb1", func(l []string) string {
			return flat(obj{"columns": []any{obj{"name": "@timestamp", "type": "date"}, obj{"name": "host.name", "type": "keyword"}, obj{"name": "message", "type": "text"}},
				"values": values(l, func(i int, s string) any { return []any{rfc3339(i), "lb1", s} })})
		}},
		{"splunk", "lb1", lines(func(i int, s string) any {
			return obj{"preview": false, "result": obj{"_raw": s, "_time": rfc3339(i), "host": "lb1"}}
		})},
		{"splunk, results", "lb1", func(l []string) string {
			return flat(obj{"fields": []any{obj{"name": "_raw"}}, "results": values(l, func(i int, s string) any { return obj{"_raw": s, "_time": rfc3339(i), "host": "lb1"} })})
		}},
		{"splunk hec", "lb1", lines(func(i int, s string) any {
			return obj{"time": float64(millis(i)) / 1000, "host": "lb1", "source": "haproxy", "sourcetype": "syslog", "event": s}
		})},
	}
}

// clouds are what clouds and collectors give.
func clouds() []Shape {
	return []Shape{
		{"cloudwatch", "", list(pretty, func(all []any) any { return obj{"events": all, "searchedLogStreams": []any{}} }, func(i int, s string) any {
			return obj{"logStreamName": "haproxy/haproxy/abc", "timestamp": millis(i), "message": s, "ingestionTime": millis(9999), "eventId": fmt.Sprint(i)}
		})},
		{"cloudwatch insights", "", list(flat, inInsights, insights)},
		{"cloudwatch insights, newest first", "", list(pretty, turned(inInsights), insights)},
		{"firehose", "", func(l []string) string {
			return strings.ReplaceAll(jsonl(values(l, func(i int, s string) any {
				return obj{"logGroup": "x", "logEvents": []any{obj{"id": fmt.Sprint(i), "timestamp": millis(i), "message": s}}}
			})), "\n", "") + "\n"
		}},
		{"datadog", "lb1", list(flat, func(all []any) any { return obj{"data": all} }, func(i int, s string) any {
			return obj{"id": fmt.Sprint(i), "type": "log", "attributes": obj{"timestamp": rfc3339(i), "host": "lb1", "service": "haproxy", "status": "error", "message": s, "tags": []string{"env:prod", "container_name:haproxy"}}}
		})},
		{"gcp", "haproxy-1", list(pretty, plain, gcp)},
		{"gcp, newest first", "haproxy-1", list(pretty, turned(plain), gcp)},
		{"gcp, jsonPayload", "haproxy-1", lines(func(i int, s string) any {
			return obj{"jsonPayload": obj{"message": s}, "timestamp": nano3339(i), "resource": obj{"labels": obj{"pod_name": "haproxy-1", "container_name": "haproxy"}}}
		})},
		{"azure", "haproxy-1", list(pretty, func(all []any) any {
			return obj{"tables": []any{obj{"name": "PrimaryResult", "columns": []any{obj{"name": "TimeGenerated", "type": "datetime"}, obj{"name": "PodName", "type": "string"}, obj{"name": "LogMessage", "type": "string"}}, "rows": all}}}
		}, func(i int, s string) any { return []any{rfc3339(i), "haproxy-1", s} })},
		{"otlp", "lb1", lines(otlp)},
		{"otlp, pretty", "lb1", list(pretty, plain, otlp)},
		{"gelf", "lb1", lines(func(i int, s string) any {
			return obj{"version": "1.1", "host": "lb1", "short_message": s, "timestamp": float64(millis(i)) / 1000, "level": 1, "_facility": "haproxy"}
		})},
		{"graylog", "lb1", list(flat, func(all []any) any { return obj{"query": "*", "messages": all} }, func(i int, s string) any {
			return obj{"message": obj{"message": s, "source": "lb1", "timestamp": rfc3339(i), "_id": fmt.Sprint(i), "gl2_source_input": "5f0c"}, "index": "graylog_0"}
		})},
	}
}

// others are documents of no store.
func others() []Shape {
	return []Shape{
		{"ecs", "lb1", lines(func(i int, s string) any {
			return obj{"@timestamp": rfc3339(i), "message": s, "host": obj{"name": "lb1"}, "process": obj{"name": "haproxy"}, "log": obj{"level": "error"}, "ecs": obj{"version": "8.11"}}
		})},
		{"one string of many lines", "lb1", func(l []string) string {
			return flat(obj{"host": "lb1", "incident": obj{"raw_log": strings.Join(l, "\n")}})
		}},
		{"list of strings", "", func(l []string) string { return pretty(l) }},
		{"ansible", "", func(l []string) string { return flat(obj{"changed": true, "rc": 0, "stdout_lines": l}) }},
		{"ansible, both", "lb1", func(l []string) string {
			return "changed: [lb1] => " + flat(obj{"changed": true, "stdout": strings.Join(l, "\n"), "stdout_lines": l})
		}},
		{"ansible, stdout", "", func(l []string) string {
			return "lb1 | SUCCESS => " + pretty(obj{"changed": false, "stdout": strings.Join(l, "\n")})
		}},
		{"jq .message", "", each(func(_ int, s string) string { return strings.TrimSpace(flat(s)) })},
		{"logfmt", "lb1", each(func(i int, s string) string {
			return "time=" + rfc3339(i) + " level=error host=lb1 container=haproxy msg=" + fmt.Sprintf("%q", s)
		})},
	}
}
