package shapes

import (
	"fmt"
	"strings"
)

func docker(i int, s string) string {
	return strings.TrimSpace(flat(obj{"log": s + "\n", "stream": "stderr", "time": nano3339(i)}))
}

func cri(i int, s string) string { return nano3339(i) + " stderr F " + s }

func containers() []Shape {
	return []Shape{
		{"docker json-file", "", each(docker)},
		{"docker json-file, pieces", "", func(l []string) string {
			return each(docker)([]string{}) + pieces(l, func(i int, s string, last bool) string {
				if last {
					s += "\n"
				}
				return flat(obj{"log": s, "stream": "stderr", "time": nano3339(i), "logtag": map[bool]string{true: "F", false: "P"}[last]})
			})
		}},
		{"cri", "", each(cri)},
		{"cri, pieces", "", func(l []string) string {
			return pieces(l, func(i int, s string, last bool) string {
				return nano3339(i) + " stderr " + map[bool]string{true: "F ", false: "P "}[last] + s + "\n"
			})
		}},
		{"cri below docker", "", each(func(i int, s string) string { return docker(i, cri(i, s)) })},
		{"docker in journal in loki", "lb1", func(l []string) string {
			return flat(streams(values(l, func(i int, s string) any {
				return []any{nanos(i), strings.TrimSpace(flat(obj{"MESSAGE": docker(i, s), "_COMM": "haproxy", "_HOSTNAME": "lb1"}))}
			})...))
		}},
		{"syslog in docker in elastic", "lb1", func(l []string) string {
			return flat(hits(values(l, func(i int, s string) any {
				return elastic(i, docker(i, fmt.Sprintf("Feb 10 09:12:44 lb1 haproxy[%d]: %s", PID, s)))
			})))
		}},
		{"fluentd, stdout", "", each(func(i int, s string) string {
			return at(i).Format("2006-01-02 15:04:05.000000000 -0700") + " kube.haproxy: " + strings.TrimSpace(flat(obj{"log": s, "stream": "stderr"}))
		})},
		{"fluentd", "haproxy-1", each(func(i int, s string) string {
			return rfc3339(i) + "\tkube.haproxy\t" + strings.TrimSpace(flat(obj{"log": s + "\n", "stream": "stderr", "kubernetes": obj{"pod_name": "haproxy-1", "container_name": "haproxy", "host": "node3"}}))
		})},
		{"fluent-bit, merged", "haproxy-1", func(l []string) string {
			return jsonl(values(l, func(i int, s string) any {
				return obj{"date": float64(millis(i)) / 1000, "stream": "stderr", "_p": "F", "log": s, "kubernetes": obj{"pod_name": "haproxy-1", "namespace_name": "lb", "container_name": "haproxy", "docker_id": "3f0d9c1a2b4e"}}
			}))
		}},
		{"vector", "lb1", func(l []string) string {
			return jsonl(values(l, func(i int, s string) any {
				return obj{"container_name": "haproxy", "host": "lb1", "image": "haproxy:3.0", "message": s, "source_type": "docker_logs", "stream": "stderr", "timestamp": nano3339(i)}
			}))
		}},
		{"filebeat", "lb1", func(l []string) string {
			return jsonl(values(l, func(i int, s string) any {
				return obj{"@timestamp": rfc3339(i), "@metadata": obj{"beat": "filebeat"}, "message": s, "log": obj{"offset": 77 * i, "file": obj{"path": "/var/log/haproxy.log"}}, "host": obj{"name": "lb1"}, "agent": obj{"type": "filebeat", "name": "lb1"}, "input": obj{"type": "log"}}
			}))
		}},
	}
}

// pieces cuts each line to pieces of 40 bytes.
func pieces(lines []string, f func(i int, s string, last bool) string) string {
	var b strings.Builder
	for i, s := range lines {
		for len(s) > 40 {
			b.WriteString(f(i, s[:40], false))
			s = s[40:]
		}
		b.WriteString(f(i, s, true))
	}
	return b.String()
}
