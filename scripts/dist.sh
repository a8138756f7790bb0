#!/bin/sh
# Makes what is released, in dist/: static executables as tarballs, packages, an image, a list of what is in it, sums.
# Two runs on one commit give the same bytes: times are that of the commit, or SOURCE_DATE_EPOCH.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.48.0
crane=github.com/google/go-containerregistry/cmd/crane@v0.22.1
sbom=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
targets=${TARGETS:-linux/amd64 linux/arm64 linux/riscv64 darwin/amd64 darwin/arm64 freebsd/amd64}

version=$(sed -n 's/^const release = "\(.*\)"$/\1/p' cmd/hacrash/version.go)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH CGO_ENABLED=0 TZ=UTC LC_ALL=C
# Tools are fetched by their versions; they are no part of go.mod.
export GOFLAGS=-mod=mod
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tools=$work/tools
for tool in "$nfpm" "$crane" "$sbom"; do
	(cd "$work" && GOBIN=$tools "$go" install "$tool")
done
rm -rf dist
mkdir dist

# pack makes a tarball of a directory whose bytes depend on its content alone.
pack() { # NAME DIRECTORY FILE
	tar -C "$2" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$1" | gzip -9n >"$3"
}

build() { # OS ARCH FILE
	GOOS=$1 GOARCH=$2 GOFLAGS= "$go" build -trimpath -buildvcs=false -ldflags '-s -w -buildid=' -o "$3" ./cmd/hacrash
}

# Man pages, and the completions of the program itself.
mkdir -p "$work/man" "$work/completion"
for page in packaging/man/*.1; do
	gzip -9nc "$page" >"$work/man/$(basename "$page").gz"
done
GOFLAGS= "$go" build -o "$work/here" ./cmd/hacrash
"$work/here" completion bash >"$work/completion/hacrash.bash"
"$work/here" completion zsh >"$work/completion/_hacrash"
"$work/here" completion fish >"$work/completion/hacrash.fish"

for target in $targets; do
	os=${target%/*} arch=${target#*/}
	name=hacrash-$version-$os-$arch
	mkdir -p "$work/$name"
	build "$os" "$arch" "$work/$name/hacrash"
	cp README.md LICENSE "$work/$name/"
	cp -R "$work/man" "$work/completion" "$work/$name/"
	chmod -R u=rwX,go=rX "$work/$name"
	pack "$name" "$work" "dist/$name.tar.gz"
	case $target in
	linux/amd64 | linux/arm64)
		cp "$work/$name/hacrash" "$work/hacrash"
		chmod 755 "$work/hacrash"
		mtime=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
		sed "s|\${ARCH}|$arch|; s|\${VERSION}|$version|; s|\${WORK}|$work|; s|\${MTIME}|$mtime|" packaging/nfpm.yaml >"$work/nfpm.yaml"
		for format in deb rpm apk; do
			"$tools/nfpm" package --config "$work/nfpm.yaml" --packager "$format" --target dist/ >/dev/null
		done
		# An image of the executable and nothing else.
		mkdir -p "$work/layer/usr/bin"
		cp "$work/hacrash" "$work/layer/usr/bin/hacrash"
		tar -C "$work/layer" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=ustar -cf "$work/layer.tar" usr
		"$tools/crane" append --oci-empty-base --platform "linux/$arch" --new_layer "$work/layer.tar" --new_tag "hacrash:$version" --output "dist/hacrash-$version-image-$arch.tar"
		;;
	esac
done
"$tools/cyclonedx-gomod" app -json -licenses -noserial -main cmd/hacrash -output "dist/hacrash-$version.cdx.json" . 2>/dev/null
sed -i '/"timestamp":/d' "dist/hacrash-$version.cdx.json"
(cd dist && sha256sum -- * >SHA256SUMS)
ls -l dist
