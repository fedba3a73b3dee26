# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# Builds that are kept in a cache; to be sourced. A finished build is a directory of the cache under
# a name made from everything that went into it. So a build happens once, and every change of an
# input makes a new one.
#
# The caller sets build_name, with which messages and names in the cache begin, and cache, a
# directory. It has two functions: inputs prints all that decides what the result is; build works in
# the directory $work and puts the result into $work/out. For step it also sets srcdir and log.
#
# shellcheck disable=SC2154  # these variables

unused_days=30	# builds that nothing used for so long are removed

die() {
	echo "$build_name: $*" >&2
	exit 2
}

# say WORD...: what build has done so far.
say() {
	echo "$build_name: $* [$(($(date +%s) - start)) s]"
}

# Run a step with its output in the log, which outlives the build when the step fails. The step
# must not be part of a condition, since that would switch off "set -e" inside it.
step() {
	set +e
	(
		set -e
		"$@"
	) >>"$log" 2>&1
	rc=$?
	set -e
	[ $rc -eq 0 ] || {
		error=$(grep -m 1 -E "^$srcdir/[^:]*:[0-9]+: |: error: |[*]{3} " "$log" ||
			tail -n 1 "$log")
		die "$1 failed, log file $log: $error"
	}
}

# Build in a directory of its own, whose result appears in the cache complete or not at all.
build_and_keep() {
	start=$(date +%s)
	work=$(mktemp -d "$cache/work-$build_name.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	trap 'exit 2' HUP INT TERM
	mkdir "$work/out"
	build
	inputs >"$work/out/inputs"
	chmod -R u=rwX,go=rX "$work/out"
	mv -T "$work/out" "$result"
	say "built"
}

# Remove other builds of this name that are no longer used, and what a killed one left.
prune() {
	find "$cache" -maxdepth 1 -type d -name "$build_name-????????????????" \
		-mtime +$unused_days ! -path "$result" -exec rm -rf {} +
	find "$cache" -maxdepth 1 -type d -name "work-$build_name.*" -mtime +1 -exec rm -rf {} +
}

# Set result to the finished build, which is made now if the cache has none; one at a time, since a
# build uses all processors.
cached_build() {
	result=$cache/$build_name-$(inputs | sha256sum | cut -c 1-16)
	if [ ! -f "$result/inputs" ]; then
		exec 9>"$cache/lock"
		flock -n 9 || {
			echo "$build_name: waiting for another build to end"
			flock 9
		}
		[ -f "$result/inputs" ] || build_and_keep 9>&-
		exec 9>&-
	fi
	touch "$result"
	prune
}
