# SPDX-License-Identifier: BSD-2-Clause
# libepml: the reference model.

include_epmldir = $(includedir)/epml
include_epml_HEADERS = %D%/../include/epml/epml.h

lib_LIBRARIES += %D%/libepml.a
%C%_libepml_a_SOURCES = \
	%D%/access.c %D%/ept.c %D%/exit.c %D%/gpml.c %D%/gwalk.c %D%/internal.h %D%/params.c \
	%D%/pml.c %D%/spp.c %D%/trace.c %D%/vmcs.c %D%/vmentry.c
