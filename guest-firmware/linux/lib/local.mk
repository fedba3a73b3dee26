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
