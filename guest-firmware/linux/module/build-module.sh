#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: build-module.sh CACHE DIR SPEC
#
# Build the OoH Module, DIR/ooh.ko, against the headers of the guest's kernel, and for its tests the
# module DIR/irqsoff.ko, beside those of the kernel that they need (brd and minix). The kernel is that of hv-shim/image/fetch-packages.sh, whose headers are
# unpacked to CACHE/linux-headers-VERSION. SPEC is the directory of epml-spec.h. The modules depend
# on their sources and the headers only: not on the place, the time or who builds them.
set -eu

die() {
	echo "ooh-module: $*" >&2
	exit 2
}

[ $# -eq 3 ] || die "usage: build-module.sh CACHE DIR SPEC"
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
mkdir -p "$1" "$2"
cache=$(cd "$1" && pwd)
out=$(cd "$2" && pwd)
spec=$(cd "$3" && pwd)
log=$out/ooh-module.log

# Unpack the headers. Their makefiles name the places where they would be installed.
unpack_headers() {
	work=$(mktemp -d "$cache/work-headers.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	trap 'exit 2' HUP INT TERM
	for package in linux-headers-"$kernel"-amd64 linux-headers-"$kernel"-common \
		linux-kbuild-"$kernel"; do
		dpkg-deb -x "$packages/$package"_*.deb "$work" || die "cannot unpack $package"
	done
	sed -i "s:^include /usr/src:include $headers/usr/src:" \
		"$work/usr/src/linux-headers-$kernel-amd64/Makefile"
	chmod 755 "$work"
	mv -T "$work" "$headers" 2>/dev/null || [ -d "$headers" ]
}

packages=$("$top/hv-shim/image/fetch-packages.sh" "$cache")
kernel=$(cat "$packages/kernel")
headers=$cache/linux-headers-$kernel
[ -d "$headers" ] || unpack_headers

# The kernel's makefiles build where the sources are.
build=$out/kbuild
mkdir -p "$build"
for file in "$here"/*.[ch] "$here/tests/irqsoff.c" "$here/Kbuild" \
	"$top/guest-firmware/linux/ooh_uapi.h" "$top/hv-shim/include/ooh_call.h" \
	"$spec/epml-spec.h"; do
	cmp -s "$file" "$build/${file##*/}" || cp "$file" "$build"
done
make -C "$headers/usr/src/linux-headers-$kernel-amd64" M="$build" CONFIG_DEBUG_INFO_BTF_MODULES= \
	KCFLAGS="-fdebug-prefix-map=$build=. -ffile-prefix-map=$build=. -ffile-prefix-map=$headers=" \
	modules >"$log" 2>&1 </dev/null || {
	grep -E '(error|ERROR|undefined)' "$log" | head -n 5 >&2
	die "the build failed (see $log)"
}
for module in ooh irqsoff; do
	objcopy --strip-debug "$build/$module.ko" "$out/$module.ko"
done
for module in drivers/block/brd fs/minix/minix; do
	[ ! -f "$out/${module##*/}.ko" ] || continue
	dpkg-deb --fsys-tarfile "$packages/linux-image-$kernel-amd64"_*.deb |
		tar -xO "./lib/modules/$kernel-amd64/kernel/$module.ko.xz" |
		xz -dc >"$build/${module##*/}.new" || die "the kernel has no module $module"
	mv "$build/${module##*/}.new" "$out/${module##*/}.ko"
done
