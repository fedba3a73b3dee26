#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: check-protocol.sh [CASE]...
#
# Verify the protocol model epml.pml with Spin, in every case of the table below or in those that
# are named, and compare the verdicts with what the table expects. Traces that docs/protocol.md
# shows are compared with what Spin finds. Exit status: 0 all as expected, 1 not, 2 something is
# missing.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
model=$top/cpu-model/protocol/epml.pml
page=$top/docs/protocol.md
cc=${CC:-cc}

# Case, expected verdict, property, and how the model is built. "safe" is: no written page is lost,
# no page of another process is reported, no deadlock; the other properties are LTL formulas of the
# model. Failures of "safe" are found breadth first, so that the trace is a shortest one.
cases() {
	cat <<-'TABLE'
	hardened         holds     safe
	hardened-ve      holds     safe       -DVE
	hardened-late    holds     safe       -DWHEN_FULL -DMASKED_WRITES=2
	hardened-deep    holds     safe       -DN_CPU=1 -DN_PAGES=5 -DN_ENTRIES=3 -DMASKED_WRITES=5
	hardened         holds     handled    -DN_PAGES=2 -DN_ENTRIES=1 -DWHEN_FULL
	hardened         holds     collected  -DN_PAGES=2 -DN_ENTRIES=1 -DWHEN_FULL
	hardened         holds     handled    -DN_CPU=1
	hardened         holds     collected  -DN_CPU=1
	published        lost      safe       -DEPT_DIRTY -DDROP -DWHEN_FULL
	ept-dirty        lost      safe       -DEPT_DIRTY
	drop             lost      safe       -DDROP
	no-flush         lost      safe       -DNO_FLUSH
	local-flush      lost      safe       -DLOCAL_FLUSH
	read-first       lost      safe       -DREAD_FIRST
	late-reset       lost      safe       -DLATE_RESET
	switch-reset     lost      safe       -DSWITCH_RESET -DWHEN_FULL
	switch-on        foreign   safe       -DSWITCH_ON
	flush-in-handler deadlock  safe       -DFLUSH_IN_HANDLER
	inject-only      livelock  handled    -DINJECT_ONLY -DN_CPU=1
	TABLE
}

need() {
	command -v "$1" >/dev/null || {
		echo "check-protocol: $1 is missing; install the package $2" >&2
		exit 2
	}
}

# build VERDICT PROPERTY OPTION...: the verifier, in the current directory.
build() {
	expected=$1 property=$2
	shift 2
	cp "$model" epml.pml && spin "$@" -a epml.pml >spin.out || return 1
	case $property-$expected in
	safe-holds) set -- -DNOCLAIM -DSAFETY -DCOLLAPSE ;;
	safe-*) set -- -DNOCLAIM -DSAFETY -DBFS ;;
	*) set -- -DCOLLAPSE -DNFAIR=3 ;;
	esac
	$cc -O2 -w -DMEMLIM=8000 "$@" -o pan pan.c
}

run() {
	case $1 in
	safe) ./pan -n -m10000000 >pan.out 2>&1 ;;
	*) ./pan -n -m10000000 -a -f -N "$1" >pan.out 2>&1 ;;
	esac
}

# What the verifier says; "unknown" if memory or depth was too small for an answer.
verdict() {
	if grep -q 'assertion violated ((unseen' pan.out; then
		echo lost
	elif grep -q 'assertion violated' pan.out; then
		echo foreign
	elif grep -q 'invalid end state (' pan.out; then
		echo deadlock
	elif grep -q 'acceptance cycle (' pan.out; then
		echo livelock
	elif grep -q 'errors: 0' pan.out && ! grep -Eq 'too small|out of memory|resources' pan.out
	then
		echo holds
	else
		echo unknown
	fi
}

number() {
	sed -n "s/$1/\1/p" pan.out | head -n 1
}

# The losing trace in words, one step in a line.
trace() {
	spin "$@" -k epml.pml.trail -t -T epml.pml |
		grep -E '^(cpu [0-9]:|collector:|a .*page)|START OF CYCLE' |
		sed 's/.*START OF CYCLE.*/for ever:/' | awk '{ printf "%2d. %s\n", NR, $0 }'
}

# The trace that the page shows for a case.
documented() {
	sed -n "/^<!-- trace: $1 -->\$/,/^\`\`\`\$/p" "$page" | sed -n '/^ *[0-9]/p'
}

check_trace() {
	case=$1
	shift
	grep -qx -e "<!-- trace: $case -->" "$page" || return 0
	trace "$@" >trace.txt
	documented "$case" | diff - trace.txt >trace.diff && return 0
	echo "check-protocol: $case: docs/protocol.md shows another trace:" >&2
	cat trace.diff >&2
	return 1
}

# verify CASE VERDICT PROPERTY OPTION...
verify() {
	case=$1 expected=$2 property=$3
	shift 3
	dir=$work/$case-$property-$(echo "$*" | cksum | cut -d ' ' -f 1)
	if ! mkdir -p "$dir" || ! cd "$dir" || ! build "$expected" "$property" "$@"; then
		echo "check-protocol: $case: the verifier cannot be built" >&2
		exit 2
	fi
	run "$property"
	is=$(verdict)
	states=$(number ' *\([0-9.e+]*\) states, stored.*')
	seconds=$(number 'pan: elapsed time \([0-9.e-]*\) seconds.*')
	memory=$(number ' *\([0-9.]*\)[ 	]*total actual memory usage.*')
	[ "$is" = "$expected" ] && note=ok || note="WRONG, expected: $expected"
	printf '%-17s %-9s %10s %8s %7s  %-8s %s\n' "$case" "$property" "${states:-?}" \
		"${memory:-?}" "${seconds:-?}" "$is" "$note"
	[ "$is" = "$expected" ] || return 1
	[ "$is" = holds ] || check_trace "$case" "$@"
}

selected() {
	[ -z "$wanted" ] && return 0
	for one in $wanted; do
		[ "$one" = "$1" ] && return 0
	done
	return 1
}

need spin spin
need "$cc" gcc
wanted=$*
for name in $wanted; do
	cases | grep -q "^$name " || {
		echo "check-protocol: there is no case $name; the cases are" \
			"$(cases | awk '!seen[$1]++ { print $1 }' | paste -s -d ' ')" >&2
		exit 2
	}
done
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

echo "Bounds, unless the case has others (docs/protocol.md): 2 processors, 3 pages, logs of 2"
echo "entries, 3 writes in a section with interrupts masked. Memory in MByte."
printf '%-17s %-9s %10s %8s %7s  %s\n' case property states memory seconds result
status=0
cases >"$work/cases"
while read -r name expected property options; do
	selected "$name" || continue
	# shellcheck disable=SC2086  # options are words
	verify "$name" "$expected" "$property" $options || status=1
done <"$work/cases"
[ $status -eq 0 ] && echo "protocol: all verdicts are as expected" || echo "protocol: FAILED"
exit $status
