# SPDX-License-Identifier: BSD-2-Clause
# OoH Lib: static and shared, with what is installed beside them.

OOH_LIB_C = \
	%D%/device.c %D%/epml.c %D%/inject.c %D%/log.c %D%/ooh.c %D%/oracle.c %D%/pages.c \
	%D%/proc.c %D%/process.c %D%/ring.c %D%/spml.c %D%/stop.c %D%/sys.c %D%/ufd.c \
	%D%/ufd_async.c %D%/userfault.c
OOH_LIB_H = %D%/internal.h %D%/ooh.h %D%/../ooh_uapi.h hv-shim/include/ooh_call.h

include_HEADERS += %D%/ooh.h
lib_LIBRARIES += %D%/libooh.a
%C%_libooh_a_SOURCES = $(OOH_LIB_C) $(OOH_LIB_H)
%C%_libooh_a_CPPFLAGS = $(LINUX_CPPFLAGS)
%C%_libooh_a_CFLAGS = $(LINUX_CFLAGS)

# Automake makes shared libraries with libtool only; one for one system needs no more than this.
OOH_SHARED = %D%/libooh.so.1
OOH_SHARED_OBJECTS = $(OOH_LIB_C:.c=.pic.o)

%.pic.o: %.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) $(LINUX_CPPFLAGS) $(CPPFLAGS) $(LINUX_CFLAGS) \
		$(CFLAGS) -fPIC -pthread -c -o $@ $<
$(OOH_SHARED_OBJECTS): $(OOH_LIB_H)
$(OOH_SHARED): $(OOH_SHARED_OBJECTS) %D%/libooh.map
	$(AM_V_CCLD)$(CC) $(CFLAGS) $(LDFLAGS) -shared -pthread -Wl,-soname,libooh.so.1 \
		-Wl,-z,defs -Wl,--version-script=$(srcdir)/%D%/libooh.map -o $@ \
		$(OOH_SHARED_OBJECTS)

oohlibdir = $(libdir)
oohlib_DATA = $(OOH_SHARED)
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/ooh.pc
INSTALL_LOCAL += install-ooh-link
UNINSTALL_LOCAL += uninstall-ooh-link
install-ooh-link:
	$(MKDIR_P) $(DESTDIR)$(libdir)
	ln -sf libooh.so.1 $(DESTDIR)$(libdir)/libooh.so
uninstall-ooh-link:
	rm -f $(DESTDIR)$(libdir)/libooh.so
.PHONY: install-ooh-link uninstall-ooh-link

%D%/ooh.pc: %D%/ooh.pc.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) -e 's:%prefix%:$(prefix):' \
		-e 's:%libdir%:$(libdir):' -e 's:%includedir%:$(includedir):' \
		-e 's:%version%:$(PACKAGE_VERSION):' $(srcdir)/%D%/ooh.pc.in > $@

CLEANFILES += $(OOH_SHARED) %D%/ooh.pc
MOSTLYCLEANFILES += $(OOH_SHARED_OBJECTS)
EXTRA_DIST += %D%/libooh.map %D%/ooh.pc.in
dist_man_MANS += %D%/ooh.3
dist_doc_DATA += docs/ooh-lib.md
EXTRA_DIST += %D%/examples/track.c

# The test with a kernel is also a program for the guest.
check_PROGRAMS += %D%/ooh-test
TESTS += %D%/ooh-test
%C%_ooh_test_SOURCES = \
	%D%/tests/basic.c %D%/tests/calls.c %D%/tests/mappings.c %D%/tests/ooh_test.c \
	%D%/tests/ooh_test.h %D%/tests/process.c %D%/tests/races.c %D%/tests/setup.c \
	%D%/tests/tap.c %D%/tests/tap.h %D%/tests/tracked.c %D%/tests/tracked.h
%C%_ooh_test_CPPFLAGS = $(LINUX_CPPFLAGS)
%C%_ooh_test_CFLAGS = $(LINUX_CFLAGS)
%C%_ooh_test_LDFLAGS = -static -pthread
%C%_ooh_test_LDADD = %D%/libooh.a

# The ring, filled by the test; the library once more, with sanitizers.
check_PROGRAMS += %D%/tests/test_log
TESTS += %D%/tests/test_log
%C%_tests_test_log_SOURCES = \
	%D%/tests/fake_device.c %D%/tests/fake_device.h %D%/tests/test_log.c \
	%D%/epml.c %D%/inject.c %D%/log.c %D%/ooh.c %D%/oracle.c %D%/pages.c %D%/proc.c \
	%D%/process.c %D%/ring.c %D%/spml.c %D%/stop.c %D%/sys.c %D%/ufd.c %D%/ufd_async.c \
	%D%/userfault.c
%C%_tests_test_log_CPPFLAGS = $(LINUX_CPPFLAGS)
%C%_tests_test_log_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SANITIZE)
%C%_tests_test_log_LDFLAGS = -pthread
%C%_tests_test_log_LDADD = $(CMOCKA_LIBS)

# By hand: the test on another kernel than this machine's.
EXTRA_DIST += %D%/tests/in-qemu.sh

dist_check_SCRIPTS += %D%/tests/shared.sh %D%/tests/on-xen.sh
TESTS += %D%/tests/shared.sh
LONG_TESTS += %D%/tests/on-xen.sh
check_DATA += $(OOH_SHARED) %D%/ooh.pc
