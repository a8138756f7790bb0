package haconf

// balancing are words of choosing a server. The algorithm of a proxy that names none is
// found in proxy.go.
func balancing() []Word {
	return []Word{
		{Name: "queue", Means: "requests that wait for a server", lines: "server|server-template|default-server .. maxconn"},
		{Name: "http-reuse", Means: "idle connections of servers shared", under: "http"},
		{Name: "balance-leastconn", Means: "balance leastconn", lines: "balance leastconn"},
		{Name: "balance-hash", Means: "balance by a hash", lines: "balance source|uri*|url_param*|hdr*|hash*|rdp-cookie*; hash-type; hash-balance-factor"},
		{Name: "balance-roundrobin", Means: "balance roundrobin, static-rr", lines: "balance roundrobin|static-rr"},
		{Name: "balance-random", Means: "balance random", lines: "balance random*"},
		{Name: "balance-sticky", Means: "balance sticky", lines: "balance sticky"},
		{Name: "retries", Means: "requests tried again", lines: "retry-on"},
		{Name: "redispatch", Means: "option redispatch", lines: "option redispatch"},
		{Name: "source-port-range", Means: "a range of source ports", lines: "server|default-server .. source *-*"},
		{Name: "stick-table", Means: "stick tables", lines: "stick-table; table; peers"},
		{Name: "stick-rules", Means: "stick on, match, store", lines: "stick on|match|store-request|store-response"},
		{Name: "track-sc", Means: "counters tracked in stick tables", lines: "http-request|http-response|tcp-request|tcp-response .. track-sc*"},
		{Name: "peers", Means: "peers", lines: "peers; stick-table .. peers"},
		{Name: "cookie", Means: "cookies that name servers", lines: "cookie; server|default-server .. cookie; appsession; dynamic-cookie-key"},
	}
}

// servers are words of the health and the addresses of servers.
func servers() []Word {
	return []Word{
		{Name: "checks", Means: "health checks", lines: "server|server-template|default-server .. check|agent-check"},
		{Name: "http-check", Means: "health checks by HTTP", lines: "option httpchk; http-check", under: "checks"},
		// Since 2.2 checks by HTTP are made of the same rules.
		{Name: "tcp-check", Means: "health checks by TCP rules", lines: "tcp-check; option tcp-check|redis-check|mysql-check|pgsql-check|smtpchk|ldap-check|ssl-hello-chk|spop-check; healthcheck", hints: "option httpchk; http-check", under: "checks"},
		{Name: "agent-check", Means: "agent checks", lines: "server|server-template|default-server .. agent-check"},
		{Name: "external-check", Means: "health checks by a program", lines: "option external-check; external-check"},
		{Name: "server-template", Means: "server-template", lines: "server-template"},
		{Name: "dynamic-servers", Means: "servers added or removed on the CLI", Open: openCLI},
		{Name: "dynamic-backends", Means: "backends added or removed on the CLI", Open: openCLI},
		{Name: "resolvers", Means: "names resolved while it runs", lines: "resolvers; server|server-template|default-server .. resolvers", words: "do-resolve", hints: hintHTTPClient},
		{Name: "do-resolve", Means: "do-resolve rules", words: "do-resolve"},
		{Name: "server-state", Means: "the state of servers in a file", lines: "load-server-state-from-file; server-state-file; server-state-base"},
		{Name: "slowstart", Means: "slowstart", lines: "server|server-template|default-server .. slowstart"},
		{Name: "track", Means: "servers that track another", lines: "server|server-template|default-server .. track"},
		{Name: "mailers", Means: "alerts by mail", lines: "mailers; email-alert"},
	}
}
