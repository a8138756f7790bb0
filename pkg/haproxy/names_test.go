package haproxy

import "testing"

func TestIsProgram(t *testing.T) {
	for _, name := range []string{
		"haproxy", "/usr/sbin/haproxy", "./haproxy", "HAProxy", "haproxy-2.8.3", "/opt/haproxy-3.0/sbin/haproxy", "haproxy.debug", "haproxy2.1",
		"haproxy24", "haproxy-ssl", "haproxy_2_8", "haproxy-2.8.3-debu", "haproxy-3.2-dev5-7214dc-12", "haproxy (deleted)", "haproxy.old",
		"hapee-lb", "/opt/hapee-2.8/sbin/hapee-lb", "haproxy-2.8.3-mycompany",
	} {
		if !IsProgram(name) {
			t.Errorf("%s is HAProxy", name)
		}
	}
	for _, name := range []string{
		"", "nginx", "haproxy-ingress", "haproxy_exporte", "haproxy_exporter", "haproxy-ingress-", "consul-template-haproxy", "dataplaneapi",
		"haproxy-dataplane", "haproxyctl", "haproxy-agent", "haproxylogd", "/etc/haproxy/haproxy.cfg", "haproxy.cfg", "my-haproxy-wrapper",
		"hapee-extras", "hapee", "haproxy-systemd-wrapper.py", "/usr/share/haproxy/nginx", "haproxy-exporter", "halog", "xhaproxy",
	} {
		if IsProgram(name) {
			t.Errorf("%s is not HAProxy", name)
		}
	}
}

func TestIsService(t *testing.T) {
	for _, name := range []string{
		"haproxy.service", "haproxy@edge.service", "haproxy@stats.service", "haproxy-internal.service", "lb-haproxy.service", "haproxy2.8.service",
		"haproxy", "haproxy_1", "shop_haproxy_1", "shop-haproxy-1", "haproxy:3.0", "docker.io/library/haproxy:2.8-alpine", "haproxytech/haproxy-alpine:3.0",
		"registry.example.com/lb/haproxy@sha256:0123", "rh-haproxy18-haproxy.service", "hapee-2.8-lb.service", "haproxy-7d9f88b6c5-x2x9z",
	} {
		if !IsService(name) {
			t.Errorf("%s runs HAProxy", name)
		}
	}
	for _, name := range []string{
		"", "nginx.service", "consul-template-haproxy.service", "haproxy-exporter.service", "prometheus-haproxy-exporter.service", "haproxy-ingress",
		"haproxy-ingress-7ff46b49f6", "kubernetes-ingress-controller", "haproxytech/kubernetes-ingress:3.0", "haproxy-reload.service",
		"haproxy-stats-agent", "keepalived-haproxy-check.service", "haproxy_exporter", "haproxyctl", "quay.io/prometheus/haproxy-exporter:v0.13",
	} {
		if IsService(name) {
			t.Errorf("%s does not run HAProxy", name)
		}
	}
}
