package haconf

// content are words of what is done with requests and responses.
func content() []Word {
	return []Word{
		{Name: "lua", Means: "Lua", lines: "lua-load|lua-load-per-thread|lua-prepend-path", words: "lua.*", built: "LUA"},
		{Name: "filters", Means: "filters", lines: "filter; compression", words: "cache-use"},
		{Name: "trace-filter", Means: "the trace filter", lines: "filter trace"},
		{Name: "cache", Means: "the cache", lines: "cache; filter cache", words: "cache-use cache-store"},
		{Name: "compression", Means: "compression", lines: "compression; filter compression|comp-req|comp-res"},
		{Name: "bwlim", Means: "bandwidth limits", lines: "filter bwlim-in|bwlim-out", words: "set-bandwidth-limit"},
		{Name: "maps", Means: "map and ACL files", words: "-f -M map map_* set-map del-map add-acl del-acl", Open: "the CLI changes any ACL as if it were a file"},
		{Name: "regex", Means: "regular expressions",
			words: "reg regm regsub *_reg map_reg map_regm map_regg replace-header replace-value replace-path replace-pathq replace-uri rstatus rstring rbinary reqrep reqirep rsprep rspirep reqdel reqidel rspdel rspidel reqdeny reqideny reqallow reqiallow reqpass reqipass reqtarpit reqitarpit rspdeny rspideny",
			hints: "lua-load|lua-load-per-thread"},
		{Name: "vars", Means: "variables", lines: "set-var|set-var-fmt", words: "set-var set-var-fmt unset-var var", hints: "lua-load|lua-load-per-thread; filter spoe"},
		{Name: "wurfl", Means: "WURFL", lines: "wurfl-data-file", words: "wurfl-get wurfl-get-all", built: "WURFL"},
		{Name: "51degrees", Means: "51Degrees", lines: "51degrees-data-file", words: "51d.*", built: "51DEGREES"},
		{Name: "deviceatlas", Means: "DeviceAtlas", lines: "deviceatlas-json-file", words: "da-csv-conv da-csv-fetch", built: "DEVICEATLAS"},
	}
}

// analysis are words of rules, logs and answers.
func analysis() []Word {
	return []Word{
		{Name: "captures", Means: "captures", lines: "capture; declare capture", words: "capture capture.* capture-req capture-res"},
		{Name: "http-rules", Means: "http-request, http-response, http-after-response", lines: "http-request|http-response|http-after-response"},
		{Name: "tcp-rules", Means: "tcp-request, tcp-response", lines: "tcp-request|tcp-response"},
		{Name: "wait-for-body", Means: "wait-for-body", lines: "option http-buffer-request; balance url_param .. check_post", words: "wait-for-body"},
		{Name: "http-errors", Means: "errors and answers of one's own", lines: "errorfile|errorfiles|errorloc|errorloc302|errorloc303|http-error|http-errors; http-request|http-response|http-after-response return|deny|tarpit"},
		{Name: "log-format", Means: "log formats", lines: "log-format|log-format-sd|error-log-format|unique-id-format|log-profile", hints: "option httplog|httpslog|tcplog; http-request|http-response|http-after-response|tcp-request|use_backend|use-server"},
		{Name: "errors-redirect", Means: "redirects", lines: "redirect; http-request|http-response redirect"},
		{Name: "stats-page", Means: "the page of statistics", lines: "stats enable|uri|auth|admin|realm|refresh|scope|hide-version|show-*|http-request", words: "stats-page"},
		{Name: "prometheus", Means: "the exporter for Prometheus", words: "prometheus-exporter", built: "PROMEX"},
		{Name: "otel", Means: "OpenTracing, OpenTelemetry", lines: "filter opentracing|otel"},
	}
}
