# SPDX-License-Identifier: BSD-2-Clause
# Programs for the guest, without libraries: an initramfs needs nothing but the file.

pkglibexec_PROGRAMS += %D%/ooh-bench %D%/ooh-track

BENCH_OPTIONS = %D%/options.c %D%/options.h cpu-model/cli/cli_error.c cpu-model/cli/cli_error.h
BENCH_CPPFLAGS = $(LINUX_CPPFLAGS) -I$(top_srcdir)/cpu-model/cli

%C%_ooh_bench_SOURCES = \
	%D%/bench.h %D%/clock.c %D%/mark.c %D%/ooh_bench.c %D%/plan.c %D%/result.c %D%/run.c \
	%D%/sets.c %D%/tracked.c $(BENCH_OPTIONS)
%C%_ooh_bench_CPPFLAGS = $(BENCH_CPPFLAGS)
%C%_ooh_bench_CFLAGS = $(LINUX_CFLAGS)
%C%_ooh_bench_LDFLAGS = -static
%C%_ooh_bench_LDADD = guest-firmware/linux/lib/libooh.a -lpthread -lm

%C%_ooh_track_SOURCES = %D%/maps.c %D%/ooh_track.c %D%/track.h %D%/watch.c $(BENCH_OPTIONS)
%C%_ooh_track_CPPFLAGS = $(BENCH_CPPFLAGS)
%C%_ooh_track_CFLAGS = $(LINUX_CFLAGS)
%C%_ooh_track_LDFLAGS = -static
%C%_ooh_track_LDADD = guest-firmware/linux/lib/libooh.a -lpthread

dist_check_SCRIPTS += %D%/tests/bench.sh
TESTS += %D%/tests/bench.sh
