#!/bin/sh
# Makes the cores of this directory again: compiles the programs of ../src,
# runs each in an empty environment until it dies, and packs what it leaves.
# Wants gcc, zstd, core_pattern "core"; for aarch64 gcc-aarch64-linux-gnu,
# libc6-dev-arm64-cross and qemu-user.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=/tmp/hacrash-cores
rm -rf "$work"
mkdir -p "$work"
cd "$work"
ulimit -c unlimited

# build NAME SOURCE COMPILER FLAGS...: the build-id is the same on each run.
build() {
	name=$1 source=$2 compiler=$3
	shift 3
	"$compiler" -O1 -g0 "$@" -pthread -ffile-prefix-map="$here=." \
		-Wl,--build-id=0x00112233445566778899aabbccddeeff00112233 \
		-o "$name" "$here/../src/$source"
}

# keep NAME: the core that lies here.
keep() {
	zstd -q -19 -f core -o "$here/$1.core.zst"
	chmod 644 "$here/$1.core.zst"
	rm -f core
}

build threads threads.c gcc
env -i ./threads || true
keep threads

build threads-static threads.c gcc -static
env -i ./threads-static || true
keep threads-static

build layers layers.c gcc
env -i ./layers || true
keep layers

if command -v qemu-aarch64 >/dev/null && command -v aarch64-linux-gnu-gcc >/dev/null; then
	build threads-aarch64 threads.c aarch64-linux-gnu-gcc -static -mbranch-protection=standard
	# qemu's own core, if the host writes one, is not wanted.
	env -i "$(command -v qemu-aarch64)" ./threads-aarch64 || true
	rm -f core
	mv qemu_threads-aarch64_*.core core
	keep threads-aarch64
fi
ls -l "$here"
