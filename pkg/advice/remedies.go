package advice

// Commands that make a host keep what a crash leaves. Advice after a crash and the
// examination of a host before one give the same.
const (
	// AllowCores lifts the limit of cores of the unit.
	AllowCores = `mkdir -p /etc/systemd/system/haproxy.service.d && printf '[Service]\nLimitCORE=infinity\n' >/etc/systemd/system/haproxy.service.d/core.conf`
	// RaiseCoreSize lifts the bounds of systemd-coredump.
	RaiseCoreSize = `mkdir -p /etc/systemd/coredump.conf.d && printf '[Coredump]\nProcessSizeMax=32G\nExternalSizeMax=32G\n' >/etc/systemd/coredump.conf.d/size.conf`
	// WholeCores lets cores hold private memory and ELF headers.
	WholeCores = `mkdir -p /etc/systemd/system/haproxy.service.d && printf '[Service]\nCoredumpFilter=0x33\n' >/etc/systemd/system/haproxy.service.d/filter.conf`
)
