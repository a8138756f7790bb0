#!/bin/bash
# Crashes a HAProxy and keeps a small core of it, and what it printed.
#   haproxy.sh HAPROXY NAME WAY [ROOT]
# HAPROXY is the path of an executable, below ROOT if that is given (a directory with another
# system, entered by chroot). WAY is panic, bug, watchdog, segfault, spin (x86-64, wants gdb) or
# reload (the bug of 3.2-dev5: a worker spins while it hands over its sockets). HACRASH names
# the hacrash that trims. Nothing is built. Wants core_pattern "core" and zstd.
set -eu
haproxy=$1 name=$2 way=$3 root=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
work=$root/tmp/hacrash-case
inside=/tmp/hacrash-case
port=29817
rm -rf "$work"
mkdir -p "$work"
master=
trap '[ -z "$master" ] || kill -9 $master 2>/dev/null; rm -rf "$work"' EXIT
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
	echo "port $port is in use" >&2
	exit 1
fi

cat >"$work/h.cfg" <<END
global
    nbthread 2
    set-dumpable
    stats socket ipv4@127.0.0.1:$port level admin expose-fd listeners
defaults
    mode http
    timeout client 10s
    timeout server 10s
    timeout connect 5s
frontend www
    bind 127.0.0.1:$((port + 1))
    default_backend app
backend app
    server s1 127.0.0.1:$((port + 2))
END

# As a simple command, so that $! is HAProxy itself.
enter=()
[ -z "$root" ] || enter=(chroot "$root")

# cli COMMAND: says it to the running HAProxy, and reads to the end.
cli() {
	exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
	echo "$1" >&3
	timeout 20 cat <&3 || true
	exec 3>&-
}

ulimit -c unlimited
"${enter[@]}" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin bash -c "cd $inside && exec $haproxy -W -S $inside/m.sock -f h.cfg" >"$work/log" 2>&1 &
master=$!
worker=
for _ in $(seq 100); do
	worker=$(cli "show info" 2>/dev/null | sed -n 's/^Pid: //p') && [ -n "$worker" ] && break
	sleep 0.1
done
[ -n "$worker" ] || { cat "$work/log" >&2; exit 1; }

case $way in
panic) cli "expert-mode on; debug dev panic" ;;
bug) cli "expert-mode on; debug dev bug" ;;
watchdog) cli "expert-mode on; debug dev loop 60000" ;;
segfault) cli "expert-mode on; debug dev tkill 0 11" ;;
reload) for _ in $(seq 20); do
		ls "$work"/core* && break
		kill -USR2 $master
		sleep 1.5
	done ;;
spin)
	runner=task_run_applet
	nm -D "$root$haproxy" | grep -q " task_process_applet$" && runner=task_process_applet
	(sleep 2; cli "show version") &
	(cd "$work" && env -i PATH=/usr/bin:/bin gdb -nx -batch -iex "set sysroot ${root:-/}" -iex "set debuginfod enabled off" \
		-ex "handle SIGALRM SIGURG nostop noprint pass" -ex "break $runner" -ex continue -ex delete \
		-ex 'call (void)((void(*)(void*,int))stream_dump_and_crash)((void*)$rsi, 5645323)' -ex continue -p "$worker" "$root$haproxy") || true
	;;
esac >/dev/null 2>&1 || true
for _ in $(seq 150); do
	kill -0 $master 2>/dev/null || break
	[ "$way" = reload ] && ls "$work"/core* >/dev/null 2>&1 && { sleep 1; break; }
	sleep 0.1
done
kill $master 2>/dev/null || true
wait $master || true
master=
core=$(ls "$work"/core* | head -1)
"${HACRASH:-hacrash}" trim ${root:+--sysroot "$root"} --force "$core" -o "$work/small"
zstd -q -19 -f "$work/small" -o "$here/$name.core.zst"
cp "$work/log" "$here/$name.log"
chmod 644 "$here/$name".*
ls -l "$here/$name".*
