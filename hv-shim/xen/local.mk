# SPDX-License-Identifier: BSD-2-Clause
#
# The hypervisor with the OoH part: xen/hypervisor/xen. build-xen.sh looks at everything that goes
# into it each time and ends at once if a finished build is in the cache, so that no prerequisites
# are listed here.

.PHONY: xen-hypervisor
xen-hypervisor: vmcs-spec/epml-spec.h
	@CC='$(CC)' $(SHELL) $(srcdir)/hv-shim/xen/build-xen.sh $(srcdir) . '$(CACHE_DIR)' \
		'$(XEN_SOURCE)'

CLEANFILES += xen/hypervisor/xen xen/hypervisor/xen-syms xen/hypervisor/build.log

EXTRA_DIST += \
	hv-shim/include/ooh_call.h \
	hv-shim/xen/build-xen.sh \
	hv-shim/xen/fetch-xen.sh \
	hv-shim/xen/insert-xen.sh \
	hv-shim/xen/insertions \
	hv-shim/xen/ooh.c \
	hv-shim/xen/ooh.h \
	hv-shim/xen/ooh_epml.c \
	hv-shim/xen/ooh_ept.c \
	hv-shim/xen/ooh_memory.h \
	hv-shim/xen/ooh_ring.c \
	hv-shim/xen/ooh_spml.c \
	hv-shim/xen/ooh_spp.c \
	hv-shim/xen/ooh_sppt.c \
	hv-shim/xen/sources \
	hv-shim/xen/xen.config

XEN_TESTS = %D%/tests/fetch.sh %D%/tests/insert.sh
dist_check_SCRIPTS += $(XEN_TESTS)
TESTS += $(XEN_TESTS)

dist_doc_DATA += docs/xen.md

# The test guest: a kernel of our own for a PVH guest, which tests the calls from ring 0.
OOH_GUEST_C = \
	%D%/tests/guest/guest.c \
	%D%/tests/guest/main.c \
	%D%/tests/guest/test_both.c \
	%D%/tests/guest/test_epml.c \
	%D%/tests/guest/test_published.c \
	%D%/tests/guest/test_ring.c \
	%D%/tests/guest/test_spml.c \
	%D%/tests/guest/test_spp.c \
	%D%/tests/guest/test_two.c
OOH_GUEST_S = %D%/tests/guest/entry.S
OOH_GUEST_OBJECTS = $(OOH_GUEST_S:.S=.guest.o) $(OOH_GUEST_C:.c=.guest.o)
OOH_GUEST_CFLAGS = -std=gnu11 -O2 $(EPML_WARNINGS) -m64 -ffreestanding -fno-pic \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -mno-red-zone \
	-mgeneral-regs-only -Ivmcs-spec -I$(srcdir)/hv-shim/include

%.guest.o: %.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) $(OOH_GUEST_CFLAGS) -c -o $@ $<
%.guest.o: %.S
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) -m64 -c -o $@ $<

$(OOH_GUEST_OBJECTS): %D%/tests/guest/guest.h hv-shim/include/ooh_call.h vmcs-spec/epml-spec.h

%D%/tests/ooh-guest: $(OOH_GUEST_OBJECTS) %D%/tests/guest/guest.ld
	$(AM_V_GEN)$(LD) -m elf_x86_64 -n --no-warn-rwx-segments --build-id=none \
		-T $(srcdir)/%D%/tests/guest/guest.ld -o $@ $(OOH_GUEST_OBJECTS)

check_DATA += %D%/tests/ooh-guest
MOSTLYCLEANFILES += $(OOH_GUEST_OBJECTS)
CLEANFILES += %D%/tests/ooh-guest
EXTRA_DIST += $(OOH_GUEST_C) $(OOH_GUEST_S) %D%/tests/guest/guest.h %D%/tests/guest/guest.ld

# A tool for dom0, and the jobs that need it.
check_PROGRAMS += %D%/tests/log-dirty
%C%_tests_log_dirty_SOURCES = %D%/tests/log-dirty.c
%C%_tests_log_dirty_LDFLAGS = -static
XEN_BOOT_TESTS = %D%/tests/calls.sh %D%/tests/linux.sh %D%/tests/memory.sh
XEN_LONG_TESTS = %D%/tests/calls-long.sh %D%/tests/linux-long.sh
dist_check_SCRIPTS += $(XEN_BOOT_TESTS) $(XEN_LONG_TESTS)
BOOT_TESTS += $(XEN_BOOT_TESTS)
LONG_TESTS += $(XEN_LONG_TESTS)
EXTRA_DIST += %D%/tests/calls.dom0 %D%/tests/guests.dom0 %D%/tests/guests.sh \
	%D%/tests/linux.dom0 %D%/tests/memory.dom0 %D%/tests/test.cfg
