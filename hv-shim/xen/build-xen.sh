#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: build-xen.sh SRCDIR BUILDDIR CACHE [DIR]
#
# Make BUILDDIR/xen/hypervisor/xen: the hypervisor with the OoH part inside, and nothing else of
# Xen; beside it xen-syms, the same with symbols. SRCDIR is the top of this source tree; DIR is for
# fetch-xen.sh. BUILDDIR gets symbolic links to the build, which is kept in CACHE. The same inputs
# give the same bytes: no date, host or path gets into the hypervisor.
#
# Environment: CC, EPML_JOBS (parallel compilations, default: number of processors).
set -eu

build_name=xen
# shellcheck source=scripts/cached-build.sh
. "$(dirname "$0")/../../scripts/cached-build.sh"

# The files of ours that go into the tree, relative to $srcdir.
our_sources() {
	(cd "$srcdir" && ls hv-shim/xen/*.c hv-shim/xen/*.h hv-shim/include/ooh_call.h \
		hv-shim/xen/insertions/*.ed hv-shim/xen/insert-xen.sh hv-shim/xen/xen.config \
		cpu-model/bochs/insert.sh hv-shim/xen/build-xen.sh) ||
		die "a part of the hypervisor's OoH part is missing in $srcdir"
}

# Everything that decides what the result is, as text. Its hash names the build.
inputs() {
	$CC --version | head -n 1
	ld --version | head -n 1
	if [ -d "$source" ]; then
		(cd "$source/xen" && find . -type f -exec sha256sum {} + | LC_ALL=C sort -k 2)
	else
		sha256sum <"$source"
	fi
	# shellcheck disable=SC2086  # a list of words
	(cd "$srcdir" && sha256sum $ours)
	sha256sum <"$spec"
}

unpack() {
	mkdir "$work/src"
	if [ -d "$source" ]; then
		cp -R "$source/." "$work/src"
		rm -rf "$work/src/.git"
	else
		tar -xf "$source" -C "$work/src" --strip-components=1
	fi
}

# The constants of the proposal go in as the same header that the model has.
add_ooh() {
	cp "$spec" "$srcdir/hv-shim/include/ooh_call.h" "$srcdir"/hv-shim/xen/*.[ch] \
		"$work/src/xen/arch/x86/hvm/vmx"
	sh "$srcdir/hv-shim/xen/insert-xen.sh" "$work/src/xen"
}

# Xen asks the machine for these where they are not given. A tree that was made for an older
# compiler has to be built in spite of its warnings.
xen_make() {
	[ ! -d "$source" ] || set -- EXTRA_CFLAGS_XEN_CORE=-Wno-error "$@"
	make -C "$work/src/xen" "HOSTCC=$CC" "CC=$CC" PYTHON=python3 XEN_BUILD_DATE=- \
		XEN_BUILD_TIME=- XEN_BUILD_HOST=- XEN_DOMAIN=- XEN_WHOAMI=- \
		XEN_VENDORVERSION=-ooh "$@"
}

configure() {
	xen_make defconfig
	cat "$srcdir/hv-shim/xen/xen.config" >>"$work/src/xen/.config"
	xen_make olddefconfig
}

compile() {
	xen_make "-j$jobs" build
}

build() {
	: >"$log"
	step unpack
	say "unpacked $(basename "$source")"
	step add_ooh
	say "OoH inserted"
	step configure
	say "configured, compiling"
	step compile
	cp "$work/src/xen/xen" "$work/src/xen/xen-syms" "$work/out"
}

[ $# -eq 3 ] || [ $# -eq 4 ] || die "usage: build-xen.sh SRCDIR BUILDDIR CACHE [DIR]"
srcdir=$(cd "$1" && pwd)
builddir=$(cd "$2" && pwd)
cache=$3
CC=${CC:-gcc}
jobs=${EPML_JOBS:-$(nproc)}
# A make of our own below, not a part of the one that runs this script, with Xen's own flags.
unset MAKEFLAGS MFLAGS MAKELEVEL CFLAGS LDFLAGS CPPFLAGS

spec=$builddir/vmcs-spec/epml-spec.h
[ -f "$spec" ] || die "$spec is missing; make it first"
mkdir -p "$cache" "$builddir/xen/hypervisor"
cache=$(cd "$cache" && pwd)
log=$builddir/xen/hypervisor/build.log
source=$("$srcdir/hv-shim/xen/fetch-xen.sh" "$cache" ${4:+"$4"})
ours=$(our_sources)
cached_build
for file in xen xen-syms; do
	ln -sfn "$result/$file" "$builddir/xen/hypervisor/$file"
done
