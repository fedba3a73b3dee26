# SPDX-License-Identifier: BSD-2-Clause
#
# The OoH Module for the guest's kernel: ooh.ko. The kernel's own build decides what is out of date,
# so that no prerequisites are listed here.

.PHONY: ooh-module
ooh-module: vmcs-spec/epml-spec.h
	@$(SHELL) $(srcdir)/%D%/build-module.sh '$(CACHE_DIR)' %D% vmcs-spec

CLEANFILES += %D%/*.ko %D%/ooh-module.log %D%/kbuild/*

# Its tests run in the guest; they need Bochs and all that it boots.
check_PROGRAMS += %D%/ooh-module-test
%C%_ooh_module_test_SOURCES = \
	%D%/tests/main.c %D%/tests/test_calls.c %D%/tests/test_kernel.c %D%/tests/test_life.c \
	%D%/tests/test_pages.c %D%/tests/test_storage.c %D%/tests/world.c %D%/tests/world.h
%C%_ooh_module_test_CPPFLAGS = $(LINUX_CPPFLAGS) -I$(srcdir)/guest-firmware/linux
%C%_ooh_module_test_CFLAGS = $(LINUX_CFLAGS)
%C%_ooh_module_test_LDFLAGS = -static -pthread
dist_check_SCRIPTS += %D%/tests/module.sh %D%/tests/module-long.sh
BOOT_TESTS += %D%/tests/module.sh
LONG_TESTS += %D%/tests/module-long.sh

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
