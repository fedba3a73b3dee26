# SPDX-License-Identifier: BSD-2-Clause
#
# The OoH Module for the guest's kernel: ooh.ko. The kernel's own build decides what is out of date,
# so that no prerequisites are listed here.

.PHONY: ooh-module
ooh-module: vmcs-spec/epml-spec.h
	@$(SHELL) $(srcdir)/%D%/build-module.sh '$(CACHE_DIR)' %D% vmcs-spec

CLEANFILES += %D%/ooh.ko %D%/irqsoff.ko %D%/ooh-module.log %D%/kbuild/*
EXTRA_DIST += \
	%D%/Kbuild \
	%D%/access.c \
	%D%/build-module.sh \
	%D%/changes.c \
	%D%/cpu.c \
	%D%/cpu.h \
	%D%/cpus.c \
	%D%/hooks.c \
	%D%/hw.h \
	%D%/main.c \
	%D%/module.h \
	%D%/pages.c \
	%D%/rearm.c \
	%D%/spp.c \
	%D%/target.c \
	%D%/tests/irqsoff.c \
	%D%/tracker.c \
	guest-firmware/linux/ooh_uapi.h
