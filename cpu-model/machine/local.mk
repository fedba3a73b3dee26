# SPDX-License-Identifier: BSD-2-Clause
# libmachine: the standalone machine around libepml. Needs libepml.a and the tables of vmcs-spec.

noinst_LIBRARIES += %D%/libmachine.a
%C%_libmachine_a_SOURCES = \
	%D%/event.c %D%/guest.c %D%/host.c %D%/linear.c %D%/machine.c %D%/machine.h \
	%D%/machine_priv.h %D%/mem.c %D%/steps.c %D%/steps_mem.c %D%/steps_vmx.c %D%/tlb.c \
	%D%/vapic.c %D%/vmcs.c %D%/vmx.c %D%/walk.c
