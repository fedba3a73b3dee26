# SPDX-License-Identifier: BSD-2-Clause
#
# The command epml. Its parts that others use too (finding files, running Bochs, running vectors)
# are a library.

noinst_LIBRARIES += %D%/libcli.a
%C%_libcli_a_SOURCES = \
	%D%/bochs_child.c %D%/bochs_child.h \
	%D%/bochs_dir.c %D%/bochs_dir.h \
	%D%/bochs_run.c %D%/bochs_run.h \
	%D%/citations.c %D%/citations.h %D%/citations_file.c \
	%D%/cli_error.c %D%/cli_error.h \
	%D%/cli_options.c %D%/cli_options.h \
	%D%/gnuplot.c %D%/gnuplot.h \
	%D%/cmd_coverage.c %D%/cmd_coverage.h \
	%D%/output_dir.c %D%/output_dir.h \
	%D%/paths.c %D%/paths.h \
	%D%/print_results.c %D%/print_results.h \
	%D%/rule_coverage.c %D%/rule_coverage.h %D%/rule_coverage_json.c \
	%D%/run_vectors.c %D%/run_vectors.h \
	%D%/table.c %D%/table.h \
	%D%/tempdir.c %D%/tempdir.h \
	%D%/timing_print.c %D%/timing_print.h %D%/timing_run.c %D%/timing_run.h \
	%D%/tool.c %D%/tool.h \
	%D%/trace_file.c %D%/trace_file.h \
	%D%/xml.c %D%/xml.h
%C%_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/cpu-model/timing $(PATH_CPPFLAGS) \
	-DINCLUDEDIR='"$(includedir)"'
%C%_libcli_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) -pthread

EPML_LIBS = \
	%D%/libcli.a \
	cpu-model/timing/libtiming-tools.a \
	cpu-model/timing/libepml-timing.a \
	testvectors/libvectors.a \
	cpu-model/machine/libmachine.a \
	cpu-model/lib/libepml.a \
	vmcs-spec/libspec.a \
	vmcs-spec/libjsonfile.a \
	$(JANSSON_LIBS) -lpthread -lm

bin_PROGRAMS += epml
epml_SOURCES = \
	%D%/main.c \
	%D%/cmd_report.c %D%/cmd_report.h \
	%D%/report_data.c %D%/report_data.h \
	%D%/report_doc.h %D%/report_html.c %D%/report_md.c %D%/report_plot.c \
	%D%/report_experiment.c %D%/report_sections.c %D%/report_timing.c \
	%D%/asm_build.c %D%/asm_build.h %D%/asm_elf.c \
	%D%/asm_json.c %D%/asm_result.c %D%/asm_result.h %D%/asm_text.c \
	%D%/asm_timing.c %D%/asm_timing.h %D%/asm_trace.c %D%/asm_trace.h \
	%D%/asm_vector.c %D%/asm_vector.h \
	%D%/cmd_asm.c %D%/cmd_asm.h \
	%D%/cmd_export.c %D%/cmd_export.h \
	%D%/cmd_spec.c %D%/cmd_spec.h \
	%D%/cmd_timing.c %D%/cmd_timing.h %D%/timing_costs_list.c \
	%D%/timing_micro.c %D%/timing_micro.h %D%/timing_micro_print.c %D%/timing_micro_run.c \
	%D%/timing_plot.c \
	%D%/cmd_vectors.c %D%/cmd_vectors.h
epml_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) -pthread
epml_LDADD = $(EPML_LIBS)

dist_check_SCRIPTS += %D%/tests/asm.sh %D%/tests/command.sh %D%/tests/coverage.sh \
	%D%/tests/runner.sh %D%/tests/report.sh %D%/tests/trace.sh
TESTS += %D%/tests/asm.sh %D%/tests/command.sh %D%/tests/coverage.sh \
	%D%/tests/runner.sh %D%/tests/report.sh %D%/tests/trace.sh
EXTRA_DIST += \
	%D%/tests/full-log.drop.expected \
	%D%/tests/full-log.exit.expected \
	%D%/tests/full-log.ve.expected \
	%D%/tests/hello-log.hardened.expected \
	%D%/tests/hello-log.published.expected \
	%D%/tests/rearm.hardened.expected \
	%D%/tests/rearm.published.expected
