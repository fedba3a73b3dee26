# SPDX-License-Identifier: BSD-2-Clause
#
# Test vectors: the loader, the compiler to vector images, and the comparison with a run.
# Needs libspec.a, libjsonfile.a, libepml.a (parameters) and jansson.

noinst_LIBRARIES += %D%/libvectors.a
%C%_libvectors_a_SOURCES = \
	%D%/addrexpr.c %D%/addrexpr.h \
	%D%/arena.c %D%/arena.h \
	%D%/compare.c %D%/report.c %D%/report.h \
	%D%/compile.c %D%/compile.h %D%/compile_priv.h \
	%D%/compile_expect.c %D%/compile_fields.c %D%/compile_world.c \
	%D%/emit.c %D%/vecimg.h \
	%D%/jread.c %D%/load.c %D%/load.h %D%/load_priv.h \
	%D%/load_expect.c %D%/load_pages.c %D%/load_setup.c %D%/load_steps.c \
	%D%/vector.h \
	%D%/world.c %D%/world.h
%C%_libvectors_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
