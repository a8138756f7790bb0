package envelope

import "testing"

func TestSenderOf(t *testing.T) {
	for name, want := range map[string]Sender{
		"": Nobody, "haproxy": HAProxy, "HAProxy": HAProxy, "haproxy-prod": HAProxy, "haproxy2.4": HAProxy, "hapee-2.8-lb": HAProxy, "docker/haproxy/3f0d9c1a2b4e": HAProxy,
		"/usr/sbin/haproxy": HAProxy, "haproxy-ingress": HAProxy, "stack_haproxy.1.abcdefghijkl": HAProxy,
		"haproxy-exporter": Stranger, "prometheus-haproxy-exporter": Stranger, "consul-template-haproxy": Stranger, "haproxy-dataplaneapi": Stranger,
		"3f0d9c1a2b4e": Nobody, "lb": Nobody, "lb01": Nobody, "edge-proxy": Nobody, "router": Nobody, "rsyslogd": Nobody,
		"kernel": Kernel, "systemd": Manager, "systemd-coredump": Dumper, "systemd-coredum": Dumper,
		"bash": Shell, "start.sh": Shell, "dockerd": Shell, "s6-supervise": Shell, "supervisord": Shell, "gdb": Tool, "abrt-hook-ccpp": Tool,
		"docker/web/3f0d9c1a2b4e": Stranger, "docker/3f0d9c1a2b4e": Nobody, "docker/lb/3f0d9c1a2b4e": Nobody, "web.3f0d9c1a2b4e": Stranger, "k8s_edge_3f0d9c1a2b4e": Nobody, "1234": Stranger,
		"haproxy-api": HAProxy, "nginx-ingress": Stranger, "kube-proxy": Stranger, "oauth2-proxy": Stranger, "kubernetes-ingress-controller": Nobody, "nginx": Stranger, "nginx-1": Stranger, "sshd": Stranger, "postfix/smtpd": Stranger, "myapp": Stranger, "haprox": Stranger, "web": Stranger,
	} {
		if got := SenderOf(name); got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
}

// What a process cannot choose counts before what it can.
func TestSender(t *testing.T) {
	const docker = `"_COMM":"dockerd","_TRANSPORT":"journal"`
	for in, want := range map[string]Sender{
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"haproxy","_COMM":"haproxy","_TRANSPORT":"stdout"}`:                    HAProxy,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"lb","_COMM":"haproxy","_SYSTEMD_UNIT":"edge.service"}`:                HAProxy,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"myunit","_COMM":"haproxy"}`:                                           HAProxy,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"haproxy","_COMM":"nginx"}`:                                            Stranger,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"haproxy","_EXE":"/usr/sbin/nginx"}`:                                   Stranger,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"haproxy","_COMM":"sh","_SYSTEMD_UNIT":"haproxy.service"}`:             HAProxy,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"haproxy","_SYSTEMD_UNIT":"nginx.service"}`:                            Stranger,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"haproxy","_SYSTEMD_UNIT":"session-3.scope"}`:                          HAProxy,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"kernel","_TRANSPORT":"kernel"}`:                                       Kernel,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"kernel","_TRANSPORT":"syslog","_COMM":"logger"}`:                      Stranger,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"systemd","_COMM":"systemd","_TRANSPORT":"journal"}`:                   Manager,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"systemd","_COMM":"logger"}`:                                           Stranger,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"systemd-coredump","_COMM":"systemd-coredum"}`:                         Dumper,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"3f0d9c1a2b4e",` + docker + `,"CONTAINER_NAME":"haproxy-1"}`:           HAProxy,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"3f0d9c1a2b4e",` + docker + `,"CONTAINER_NAME":"lb-1"}`:                Nobody,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"x",` + docker + `,"CONTAINER_NAME":"w","IMAGE_NAME":"a/haproxy:3.0"}`: HAProxy,
		`{"MESSAGE":"x","SYSLOG_IDENTIFIER":"haproxy",` + docker + `,"CONTAINER_NAME":"nginx-1"}`:                  Stranger,
		`Nov 30 22:36:35 lb1 haproxy[3]: x`:                                                                        HAProxy,
		`Nov 30 22:36:35 lb1 nginx[3]: x`:                                                                          Stranger,
		`Mon 2026-11-30 22:36:35 CET lb1 haproxy.service[3]: x`:                                                    HAProxy,
		`[pod/haproxy-1/nginx] x`:                                                                   Stranger,
		`[pod/haproxy-1/nginx] Nov 30 22:36:35 lb1 haproxy[3]: x`:                                   Stranger,
		`[pod/haproxy-1/haproxy] Nov 30 22:36:35 lb1 kernel: x`:                                     Stranger,
		`[pod/logs-1/rsyslog] Nov 30 22:36:35 lb1 haproxy[3]: x`:                                    HAProxy,
		`{"log":"Nov 30 22:36:35 lb1 haproxy[3]: x\n","container_name":"/nginx"}`:                   Stranger,
		`{"log":"{\"MESSAGE\":\"x\",\"_COMM\":\"haproxy\"}\n","container_name":"/nginx"}`:           Stranger,
		`{"log":"x\n","stream":"stderr","attrs":{"tag":"nginx"}}`:                                   Stranger,
		`{"log":"x\n","kubernetes":{"container_name":"haproxy","pod_name":"web-1"}}`:                HAProxy,
		`{"message":"x","service":"haproxy","status":"error"}`:                                      HAProxy,
		`{"message":"x","service":"haproxy","status":200}`:                                          Stranger,
		`{"message":"x","http":{"request":{"method":"GET"}}}`:                                       Stranger,
		`{"version":"1.1","short_message":"x","_container_name":"lb","_image_name":"haproxy:3.0"}`:  HAProxy,
		`{"version":"1.1","short_message":"x","_container_name":"web","_image_name":"node:20"}`:     Stranger,
		`{"textPayload":"x","resource":{"labels":{"container_name":"web","pod_name":"haproxy-1"}}}`: Stranger,
		`{"textPayload":"x","resource":{"labels":{"container_name":"haproxy","pod_name":"web-1"}}}`: HAProxy,
		`{"level":30,"pid":77,"hostname":"lb1","msg":"x"}`:                                          Stranger,
		`{"level":3,"host":"lb1","message":"x"}`:                                                    Nobody,
		`{"level":"info","caller":"h.go:33","msg":"x"}`:                                             Stranger,
		`{"message":"x","ci":"192.0.2.9","ST":200}`:                                                 Stranger,
		`{"message":"x","path":"/var/log/haproxy.log","host":"lb1"}`:                                Nobody,
		`x`: Nobody,
	} {
		l := one(t, in)
		if got := l.Sender(); got != want {
			t.Errorf("%s: %d, want %d (%+v)", in, got, want, l)
		}
	}
}

func TestParts(t *testing.T) {
	for in, want := range map[string][]Part{
		`Nov 30 22:36:35 lb1 haproxy[3]: a`:                        {First},
		`Nov 30 22:36:35 lb1 haproxy[3]: a#012b#012c`:              {First, Escaped, Escaped},
		`{"MESSAGE":"a\nb","SYSLOG_IDENTIFIER":"haproxy"}`:         {First, Further},
		`{"message":"a\nb","program":"haproxy"}`:                   {First, Further},
		"Nov 30 22:36:35 lb1 x[3]: a\n                          b": {First, Further},
	} {
		var got []Part
		for _, l := range decode(in) {
			got = append(got, l.Part)
		}
		if len(got) != len(want) {
			t.Errorf("%s: %v", in, got)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", in, got, want)
			}
		}
	}
}
