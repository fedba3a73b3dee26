# SPDX-License-Identifier: BSD-2-Clause
#
# epml-bench, and "make bench", which runs it and leaves bench.json in the build tree.

noinst_PROGRAMS += epml-bench
epml_bench_SOURCES = \
	%D%/bench.h %D%/main.c \
	%D%/bochs_bench.c %D%/library_bench.c %D%/timing_bench.c %D%/vectors_bench.c \
	%D%/guest.h %D%/workload.c %D%/workload.h \
	%D%/output.c %D%/stats.c %D%/stats.h \
	cpu-model/cli/table.c cpu-model/cli/table.h \
	cpu-model/cli/timing_run.c cpu-model/cli/timing_run.h
epml_bench_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/cpu-model/cli -I$(top_srcdir)/cpu-model/timing
epml_bench_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) -pthread
epml_bench_LDADD = %D%/guest.o $(EPML_LIBS)

# The guest's programs are data of epml-bench.
%D%/guest.o: %D%/guest.S %D%/guest.h vmcs-spec/epml-spec.inc
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) -I$(srcdir)/%D% -Ivmcs-spec -m64 -c -o $@ \
		$(srcdir)/%D%/guest.S
EXTRA_DIST += %D%/guest.S
MOSTLYCLEANFILES += %D%/guest.o
CLEANFILES += bench.json

.PHONY: bench
bench: all
	./epml-bench$(EXEEXT) --output bench.json $(BENCH_OPTIONS)

dist_check_SCRIPTS += %D%/tests/bench.sh
TESTS += %D%/tests/bench.sh
