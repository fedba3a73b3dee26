#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# make fuzz-inputs [FUZZ_SECONDS=n]: build the fuzz targets with clang, libFuzzer and the sanitizers
# for addresses and undefined behaviour, and run each for n seconds from the inputs that are kept.
#
# The Makefile sets in the environment: CLANG, FUZZ_SECONDS, abs_srcdir, abs_builddir, FUZZ_FLAGS,
# FUZZ_LIBS. New inputs stay in the build tree, in cpu-model/fuzz/inputs/found.
set -eu

out=$abs_builddir/cpu-model/fuzz/inputs
kept=$abs_srcdir/cpu-model/fuzz/inputs
seconds=${FUZZ_SECONDS:-60}
log=$out/fuzz-inputs.log

die()
{
	echo "fuzz-inputs: $*" >&2
	exit 2
}

case $seconds in
*[!0-9]* | '') die "FUZZ_SECONDS=$seconds: expected a number of seconds" ;;
esac
command -v "$CLANG" > /dev/null ||
	die "$CLANG is missing; install the packages clang and libclang-rt-dev"
mkdir -p "$out/clang" "$out/found" "$out/crashes"
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n && 0; }' \
	> "$out/clang/probe.c"
"$CLANG" -fsanitize=fuzzer,address -o "$out/clang/probe" "$out/clang/probe.c" > "$log" 2>&1 ||
	die "$CLANG has no libFuzzer; install the package libclang-rt-dev"

cd "$abs_srcdir"
includes="-I$abs_builddir/vmcs-spec -Ivmcs-spec -Icpu-model/include -Icpu-model/machine
	-Itestvectors -Icpu-model/fuzz -Icpu-model/cli -Icpu-model/timing
	-Iguest-firmware/rom/micro"
model=$(echo cpu-model/lib/*.c)
vectors="$(echo testvectors/*.c) vmcs-spec/jsonfile.c vmcs-spec/newfile.c vmcs-spec/spec-tables.c
	$abs_builddir/vmcs-spec/epml-spec-tables.c"
machine=$(echo cpu-model/machine/*.c)

sources()
{
	case $1 in
	vectors) echo "$model $vectors $machine $kept/target-machine.c" ;;
	spec) echo vmcs-spec/jsonfile.c vmcs-spec/spec-load.c vmcs-spec/spec-check.c \
		vmcs-spec/spec-rules.c vmcs-spec/emit-*.c ;;
	report) echo "$model $vectors cpu-model/fuzz/difference.c" ;;
	image) echo "$model $machine $kept/target-machine.c vmcs-spec/spec-tables.c" \
		"$abs_builddir/vmcs-spec/epml-spec-tables.c" ;;
	libepml) echo "$model cpu-model/tests/fixture.c cpu-model/tests/stress_check.c" \
		cpu-model/tests/stress_steps.c ;;
	timing) echo cpu-model/timing/*.c vmcs-spec/jsonfile.c ;;
	esac
}

# A null pointer plus 0, as in loops over empty arrays, is left alone: every compiler has it so, and
# the next C standard too.
checks="-fsanitize=fuzzer,address,undefined -fno-sanitize=pointer-overflow
	-fno-sanitize-recover=all"

failed=0
for target in vectors spec report image libepml timing; do
	# shellcheck disable=SC2046,SC2086  # lists of words
	"$CLANG" $FUZZ_FLAGS $includes -DSPEC_DIR="\"$abs_srcdir/vmcs-spec\"" -g -O1 $checks \
		-o "$out/clang/$target" \
		"$kept/target-$target.c" "$kept/target.c" $(sources $target) $FUZZ_LIBS \
		> "$log" 2>&1 || {
		cat "$log" >&2
		die "$target cannot be built"
	}
	mkdir -p "$out/found/$target"
	status=0
	CMOCKA_TEST_ABORT=1 "$out/clang/$target" -max_total_time="$seconds" -timeout=20 \
		-rss_limit_mb=3000 -max_len=16384 -close_fd_mask=3 -print_final_stats=1 \
		-artifact_prefix="$out/crashes/$target-" "$out/found/$target" \
		"$kept/corpus/$target" > "$log" 2>&1 || status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ $status -eq 0 ]; then
		echo "ok $target: $runs inputs in $seconds s"
	else
		grep -E '^(==[0-9]+==|SUMMARY|Test unit|artifact)|ERROR|runtime error|: ' "$log" |
			head -n 20 | sed 's/^/     /'
		echo "FAIL $target: see $log"
		cp "$log" "$out/crashes/$target.log"
		failed=1
	fi
done
exit $failed
