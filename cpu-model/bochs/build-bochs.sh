#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: build-bochs.sh stock|model|timing SRCDIR BUILDDIR CACHE [SOURCE]
#
# Make BUILDDIR/bochs/KIND/bochs: "stock" is Bochs 2.6.11 as published, "model" the same with the
# reference model inside, "timing" the same as "model" with hooks at each instruction. SRCDIR is the
# top of this source tree, SOURCE is for fetch-bochs.sh. BUILDDIR gets a symbolic link to the build,
# which is kept in CACHE.
#
# Environment: CC, CXX, EPML_JOBS (parallel compilations, default: number of processors).
set -eu

options="--enable-x86-64 --enable-vmx=2 --enable-cpu-level=6 --enable-all-optimizations
	--enable-avx --enable-evex --enable-long-phy-address --enable-pci --enable-smp
	--disable-plugins --with-nogui --with-term --with-sdl2"
cflags="-O2"

# shellcheck source=scripts/cached-build.sh
. "$(dirname "$0")/../../scripts/cached-build.sh"

# The timing model, and what it needs to read costs files.
timing_sources="cpu-model/timing/timing.c cpu-model/timing/branch.c cpu-model/timing/cache.c
	cpu-model/timing/costs.c cpu-model/timing/costs_load.c cpu-model/timing/result.c
	cpu-model/timing/timeline.c cpu-model/timing/tlb.c cpu-model/timing/walk.c
	cpu-model/timing/costs_load.h cpu-model/timing/internal.h cpu-model/timing/lru.h
	cpu-model/timing/timing.h cpu-model/timing/timing_costs.h
	cpu-model/timing/timing_result.h cpu-model/timing/timing_timeline.h
	vmcs-spec/jsonfile.c vmcs-spec/jsonfile.h"

# The files of ours that go into this kind of Bochs, relative to $srcdir or $builddir.
our_sources() {
	[ "$kind" != stock ] || return 0
	[ "$kind" = model ] || (cd "$srcdir" && ls cpu-model/bochs/instrument/*)
	# shellcheck disable=SC2086  # a list of words
	(cd "$srcdir" && ls $timing_sources cpu-model/bochs/epml_*.cc cpu-model/bochs/epml_*.h \
		cpu-model/bochs/insertions/*.ed cpu-model/bochs/insert.sh \
		cpu-model/lib/*.c cpu-model/lib/*.h cpu-model/include/epml/*.h) ||
		die "a part of the model is missing in $srcdir"
}

# Everything that decides what the result is, as text. Its hash names the build.
inputs() {
	echo "kind $kind"
	echo "options $options"
	echo "cflags $cflags"
	$CC --version | head -n 1
	$CXX --version | head -n 1
	if [ -d "$source" ]; then
		(cd "$source" && find . -type f -exec sha256sum {} + | LC_ALL=C sort -k 2)
	else
		sha256sum <"$source"
	fi
	# shellcheck disable=SC2086  # a list of words
	(cd "$srcdir" && sha256sum cpu-model/bochs/build-bochs.sh $ours)
	[ "$kind" = stock ] || sha256sum <"$spec"
}

unpack() {
	if [ -d "$source" ]; then
		cp -R "$source" "$work/src"
	else
		mkdir "$work/src"
		tar -xf "$source" -C "$work/src" --strip-components=1
	fi
}

# Put the model's files into the tree: the glue beside Bochs's CPU, the library below it.
add_model() {
	lib=$work/src/cpu/epml
	mkdir -p "$lib/include" "$lib/timing"
	cp "$srcdir"/cpu-model/bochs/epml_*.cc "$srcdir"/cpu-model/bochs/epml_*.h "$work/src/cpu"
	cp "$srcdir"/cpu-model/lib/*.c "$srcdir"/cpu-model/lib/*.h "$lib"
	cp -R "$srcdir/cpu-model/include/epml" "$lib/include"
	cp "$spec" "$lib/include/epml-spec.h"
	# shellcheck disable=SC2086  # a list of words
	(cd "$srcdir" && cp $timing_sources "$lib/timing")
	[ "$kind" = model ] || add_instrumentation
	sh "$srcdir/cpu-model/bochs/insert.sh" "$work/src" \
		"$srcdir"/cpu-model/bochs/insertions/*.ed
}

# Bochs builds the instrumentation in a directory of its tree, with the Makefile of an empty one.
add_instrumentation() {
	cp -R "$work/src/instrument/stubs" "$work/src/instrument/epml"
	cp "$srcdir"/cpu-model/bochs/instrument/* "$work/src/instrument/epml"
}

# Bochs's makefiles list their objects by name: append the model's to those of the CPU library.
add_objects() {
	cd "$work/src/cpu"
	# shellcheck disable=SC2012  # our own names: no blanks in them
	objects=$(ls epml_*.cc epml/*.c epml/timing/*.c | sed 's/\.cc*$/.o/' | tr '\n' ' ')
	cat >>Makefile <<-MAKE

		OBJS64 += $objects
		libcpu.a: $objects
		epml/%.o: epml/%.c ; \\
		$CC -std=gnu11 $cflags -Wall -Iepml/include -Iepml/timing -c \$< -o \$@
	MAKE
}

configure() {
	flags=$cflags
	libs=
	[ "$kind" = stock ] || {
		lib=$work/src/cpu/epml
		flags="$flags -I$work/src/cpu -I$lib/include -I$lib/timing"
		libs="-ljansson -lm"
	}
	[ "$kind" != timing ] || options="$options --enable-instrumentation=instrument/epml"
	cd "$work/src"
	# shellcheck disable=SC2086  # a list of words
	LIBS="$libs" CFLAGS="$flags" CXXFLAGS="$flags" ./configure $options
}

build() {
	: >"$log"
	step unpack
	say "unpacked"
	if [ "$kind" != stock ]; then
		step add_model
		say "model inserted"
	fi
	step configure
	[ "$kind" = stock ] || step add_objects
	say "configured, compiling"
	step make -C "$work/src" "-j$jobs" bochs
	cp "$work/src/bochs" "$work/out/bochs"
}

kind=${1:-}
build_name=bochs-$kind
case $kind in
stock | model | timing) ;;
*)
	build_name='bochs-?'
	die "usage: build-bochs.sh stock|model|timing SRCDIR BUILDDIR CACHE [SOURCE]"
	;;
esac
srcdir=$(cd "$2" && pwd)
builddir=$(cd "$3" && pwd)
cache=$4
CC=${CC:-gcc}
CXX=${CXX:-g++}
export CC CXX
jobs=${EPML_JOBS:-$(nproc)}
# A make of our own below, not a part of the one that runs this script.
unset MAKEFLAGS MFLAGS MAKELEVEL

spec=$builddir/vmcs-spec/epml-spec.h
[ "$kind" = stock ] || [ -f "$spec" ] || die "$spec is missing; make it first"
mkdir -p "$cache" "$builddir/bochs/$kind"
cache=$(cd "$cache" && pwd)
log=$builddir/bochs/$kind/build.log
source=$("$srcdir/cpu-model/bochs/fetch-bochs.sh" "$cache" ${5:+"$5"})
ours=$(our_sources)
cached_build
ln -sfn "$result/bochs" "$builddir/bochs/$kind/bochs"
