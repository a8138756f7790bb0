#!/bin/sh
# Installs what the tests need on Debian or Ubuntu; on other systems it only
# says what is missing. Tests skip what they lack, except with CI=true.
set -eu
need=
for pair in haproxy:haproxy git:git socat:socat gdb:gdb eu-stack:elfutils zstd:zstd lz4:lz4 xz:xz-utils gcc:gcc rg:ripgrep mmdebstrap:mmdebstrap debuginfod:debuginfod dwz:dwz journalctl:systemd; do
	command -v "${pair%%:*}" >/dev/null 2>&1 || [ -x "/usr/sbin/${pair%%:*}" ] || need="$need ${pair#*:}"
done
# To compile and run programs of other machines and look at their cores: 50 MB to fetch and
# 230 MB installed for arm64, half a minute; 30 and 130 more for riscv64. libc6-dbg is 7 MB; without it there are no lines in libc.
for pair in gdb-multiarch:gdb-multiarch qemu-aarch64:qemu-user aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu riscv64-linux-gnu-gcc:gcc-riscv64-linux-gnu; do
	command -v "${pair%%:*}" >/dev/null 2>&1 || need="$need ${pair#*:}"
done
# A browser for the page of --format html, 120 MB to fetch and 410 MB installed; npm fetches what looks over the page.
for pair in chromium:chromium npm:npm mandoc:mandoc; do
	command -v "${pair%%:*}" >/dev/null 2>&1 || need="$need ${pair#*:}"
done
# systemd-journal-remote makes journals of what a test writes.
for pair in /lib/systemd/systemd-journal-remote:systemd-journal-remote /usr/aarch64-linux-gnu/include/stdio.h:libc6-dev-arm64-cross /usr/riscv64-linux-gnu/include/stdio.h:libc6-dev-riscv64-cross /usr/lib/debug/.build-id:libc6-dbg; do
	[ -e "${pair%%:*}" ] || need="$need ${pair#*:}"
done
[ -z "$need" ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "missing:$need; tests that need them are skipped" >&2
	exit 0
fi
sudo=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null 2>&1 || { echo "missing:$need; install them as root" >&2; exit 0; }
	sudo=sudo
fi
# The haproxy package would start its service; a policy that says no keeps the machine as it is.
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e "$policy" ]; then
	printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
	$sudo chmod 755 "$policy"
	made=yes
fi
status=0
{ $sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends libc6-dev $need >/dev/null; } || status=$?
[ -z "$made" ] || $sudo rm -f "$policy"
exit $status
