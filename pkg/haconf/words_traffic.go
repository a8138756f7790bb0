package haconf

// protocols are what is spoken to clients and servers. What http, tcp, h1, and h2 without a word
// for it are is found in whole proxies: see proxy.go.
func protocols() []Word {
	return []Word{
		{Name: "quic", Means: "HTTP/3: a QUIC bind", lines: "bind " + atQUIC, built: "QUIC"},
		{Name: "quic-server", Means: "QUIC to servers", lines: serverQUIC, built: "QUIC"},
		{Name: "h2", Means: "HTTP/2 at a bind", lines: "bind|ssl-f-use .. alpn|npn h2; bind .. proto h2", hints: "bind .. crt-list", under: "http"},
		{Name: "h2-server", Means: "HTTP/2 to servers",
			lines: "server|server-template|default-server .. alpn|npn|proto|ws|check-alpn|check-proto h2; tcp-check|http-check .. alpn|proto h2",
			hints: hintHTTPClient},
		{Name: "h1", Means: "HTTP/1 in a proxy of mode http", under: "http"},
		{Name: "http", Means: "mode http"},
		{Name: "tcp", Means: "mode tcp"},
		{Name: "fcgi", Means: "FastCGI servers", lines: "fcgi-app; use-fcgi-app; server|server-template|default-server .. proto fcgi"},
		{Name: "spop", Means: "SPOE: filters and their agents", lines: "filter spoe; spoe-agent; mode spop; server|server-template|default-server .. proto spop; option spop-check"},
		{Name: "mqtt", Means: "MQTT sample fetches", words: "mqtt_is_valid mqtt_field_value"},
		{Name: "grpc", Means: "gRPC", words: "ungrpc protobuf", Open: "a client chooses it", under: "http"},
		{Name: "websocket", Means: "WebSocket, or another Upgrade", lines: "server|server-template|default-server .. ws", Open: "a client asks for it", under: "http"},
		{Name: "connect", Means: "CONNECT, or extended CONNECT", Open: "a client asks for it", under: "http"},
		{Name: "proxy-protocol", Means: "the PROXY protocol",
			lines: "bind .. accept-proxy; server|server-template|default-server .. send-proxy|send-proxy-v2|send-proxy-v2-ssl|send-proxy-v2-ssl-cn|check-send-proxy; tcp-check|http-check .. send-proxy",
			words: "expect-proxy"},
		{Name: "socks4", Means: "servers behind SOCKS4", lines: "server|server-template|default-server .. socks4|check-via-socks4|via-socks4"},
		{Name: "rhttp", Means: "reverse HTTP", lines: "bind rhttp@*|rev@*; server * rhttp@*|rev@*", words: "attach-srv"},
		{Name: "qmux", Means: "the QUIC multiplexer over TCP", lines: "bind|server|server-template|default-server .. proto qmux",
			hints: "bind|server|server-template|default-server .. alpn h3"},
		{Name: "unix-socket", Means: "a UNIX socket",
			lines: "bind|log|dgram-bind " + atUnix + "; server|peer * " + atUnix + "; stats socket " + atUnix + "; nameserver * " + atUnix},
		{Name: "abns", Means: "a socket with an abstract name", lines: "bind abns@*|abnsz@*; server|peer * abns@*|abnsz@*; stats socket abns@*|abnsz@*; log abns@*|abnsz@*"},
		{Name: "sockpair", Means: "a pair of sockets", lines: "bind sockpair@*; server * sockpair@*; stats socket sockpair@*", Open: openMaster},
		{Name: "udp", Means: "UDP: log-forward, log targets, name servers", lines: "dgram-bind; bind|dgram-bind udp*@*; nameserver; log"},
		{Name: "transparent", Means: "addresses that are not this machine's", lines: "bind .. transparent; source .. usesrc; server|default-server .. usesrc; option transparent; transparent"},
		{Name: "mptcp", Means: "Multipath TCP", lines: "bind mptcp*@*; server|peer * mptcp*@*"},
	}
}

// What several words share.
const (
	atQUIC         = "quic4@*|quic6@*|quic+*"
	serverQUIC     = "server * " + atQUIC + "; server-template * * " + atQUIC
	atUnix         = "/*|unix@*|uxst@*|uxdg@*"
	openMaster     = "the master, if there is one, speaks to its workers through them"
	hintHTTPClient = "lua-load|lua-load-per-thread|httpclient.*|acme"
	// A list of certificates has options of its own, in a file that is not read.
	hintList = "bind .. crt-list"
)

// tls are words of TLS.
func tls() []Word {
	return []Word{
		{Name: "ssl", Means: "TLS at a bind or to a server",
			lines: "bind|default-bind|server|server-template|default-server|tcp-check|http-check .. ssl; server|default-server|server-template .. check-ssl; stats socket .. ssl; ssl-f-use; bind " + atQUIC + "; " + serverQUIC,
			hints: hintHTTPClient, built: "OPENSSL"},
		{Name: "ssl-bind", Means: "TLS at a bind", lines: "bind|default-bind .. ssl; stats socket .. ssl; ssl-f-use; bind " + atQUIC, built: "OPENSSL"},
		{Name: "ssl-server", Means: "TLS to servers",
			lines: "server|server-template|default-server|tcp-check|http-check .. ssl; server|default-server|server-template .. check-ssl; " + serverQUIC,
			hints: hintHTTPClient, built: "OPENSSL"},
		{Name: "client-cert", Means: "certificates of clients", lines: "bind|default-bind|ssl-f-use .. ca-file; bind|default-bind|ssl-f-use .. verify optional|required", hints: hintList, under: "ssl-bind"},
		{Name: "crt-list", Means: "lists of certificates", lines: "bind|default-bind .. crt-list; ssl-f-use", under: "ssl-bind"},
		{Name: "ocsp", Means: "stapled OCSP responses", lines: "load|ssl-f-use .. ocsp; ocsp-update.mode", words: "ocsp-update", Open: "a file beside the certificate turns it on", under: "ssl-bind"},
		{Name: "ocsp-update", Means: "OCSP responses that HAProxy fetches", lines: "ocsp-update.*", words: "ocsp-update", Open: openCLI, under: "ssl-bind"},
		{Name: "crl", Means: "lists of revoked certificates", lines: "bind|default-bind|server|server-template|default-server|ssl-f-use .. crl-file", hints: hintList, under: "ssl"},
		{Name: "0rtt", Means: "early data of TLS 1.3", words: "allow-0rtt", hints: hintList, under: "ssl"},
		{Name: "ktls", Means: "TLS in the kernel", lines: "bind|server|server-template|default-server|ssl-f-use .. ktls", under: "ssl"},
		{Name: "ech", Means: "encrypted ClientHello", lines: "bind .. ech", under: "ssl-bind"},
		{Name: "ssl-cache", Means: "the cache of TLS sessions", Open: "it is on unless tune.ssl.cachesize is 0", under: "ssl-bind"},
		{Name: "generate-certificates", Means: "certificates made on the fly", words: "generate-certificates", under: "ssl-bind"},
		{Name: "acme", Means: "ACME", lines: "acme", words: "acme"},
		{Name: "jwt", Means: "JSON Web Tokens", words: "jwt_*"},
		{Name: "jwe", Means: "encrypted JSON Web Tokens", words: "jwt_decrypt*"},
		{Name: "ssl-engine", Means: "engines of OpenSSL", lines: "ssl-engine", under: "ssl"},
		{Name: "ssl-cert-cli", Means: "certificates changed on the CLI", Open: openCLI, under: "ssl"},
		{Name: "async-ssl", Means: "asynchronous TLS engines", lines: "ssl-mode-async", under: "ssl"},
	}
}
