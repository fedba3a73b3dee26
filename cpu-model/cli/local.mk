# SPDX-License-Identifier: BSD-2-Clause
#
# The command epml. Its parts that others use too (finding files, running Bochs, running vectors)
# are a library.

noinst_LIBRARIES += %D%/libcli.a
%C%_libcli_a_SOURCES = \
	%D%/bochs_dir.c %D%/bochs_dir.h \
	%D%/bochs_run.c %D%/bochs_run.h \
	%D%/paths.c %D%/paths.h \
	%D%/print_results.c %D%/print_results.h \
	%D%/run_vectors.c %D%/run_vectors.h \
	%D%/tempdir.c %D%/tempdir.h \
	%D%/trace_file.c %D%/trace_file.h
%C%_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) $(PATH_CPPFLAGS)
%C%_libcli_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) -pthread

EPML_LIBS = \
	%D%/libcli.a \
	testvectors/libvectors.a \
	cpu-model/machine/libmachine.a \
	cpu-model/lib/libepml.a \
	vmcs-spec/libspec.a \
	vmcs-spec/libjsonfile.a \
	$(JANSSON_LIBS) -lpthread

bin_PROGRAMS += epml
epml_SOURCES = \
	%D%/main.c \
	%D%/cmd_spec.c %D%/cmd_spec.h %D%/table.c %D%/table.h \
	%D%/cmd_vectors.c %D%/cmd_vectors.h
epml_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) -pthread
epml_LDADD = $(EPML_LIBS)

dist_check_SCRIPTS += %D%/tests/command.sh %D%/tests/runner.sh %D%/tests/trace.sh
TESTS += %D%/tests/command.sh %D%/tests/runner.sh %D%/tests/trace.sh
