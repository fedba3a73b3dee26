# SPDX-License-Identifier: BSD-2-Clause
#
# The image that Bochs boots: xen/image, a link to a directory in the cache. build-image.sh looks at
# everything that goes into it each time, so that no prerequisites are listed here.

.PHONY: xen-image
xen-image:
	@$(SHELL) $(srcdir)/%D%/build-image.sh $(srcdir) . '$(CACHE_DIR)'

# Not a part of "make install": it is large, and few want it elsewhere than in the build tree.
.PHONY: install-xen uninstall-xen
install-xen: xen
	$(MKDIR_P) '$(DESTDIR)$(pkgdatadir)/xen/image' '$(DESTDIR)$(pkgdatadir)/xen/hypervisor'
	$(INSTALL_DATA) xen/image/* '$(DESTDIR)$(pkgdatadir)/xen/image'
	$(INSTALL_DATA) xen/hypervisor/xen '$(DESTDIR)$(pkgdatadir)/xen/hypervisor/xen'
	$(INSTALL_DATA) guest-firmware/linux/module/ooh.ko '$(DESTDIR)$(pkgdatadir)/xen/ooh.ko'
uninstall-xen:
	rm -rf '$(DESTDIR)$(pkgdatadir)/xen'
UNINSTALL_LOCAL += uninstall-xen

CLEANFILES += xen/image
dist_check_SCRIPTS += %D%/tests/boot.sh %D%/tests/engine.sh %D%/tests/image.sh
TESTS += %D%/tests/engine.sh
BOOT_TESTS += %D%/tests/image.sh %D%/tests/boot.sh

EXTRA_DIST += \
	%D%/build-image.sh \
	%D%/dom0-init \
	%D%/dom0-job.sh \
	%D%/fetch-packages.sh \
	%D%/guest-init

# Jobs on that image, and epml xen.
noinst_LIBRARIES += %D%/libxenjob.a
%C%_libxenjob_a_SOURCES = \
	%D%/cmd_xen.c %D%/cmd_xen.h \
	%D%/newc.c %D%/newc.h \
	%D%/xen_attach.c %D%/xen_attach.h \
	%D%/xen_console.c %D%/xen_console.h \
	%D%/xen_dir.c %D%/xen_dir.h \
	%D%/xen_initrd.c \
	%D%/xen_job.h \
	%D%/xen_run.c \
	%D%/xen_serial.c %D%/xen_serial.h \
	%D%/xen_terminal.c %D%/xen_terminal.h
%C%_libxenjob_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/cpu-model/cli \
	-I$(top_srcdir)/cpu-model/timing -I$(top_srcdir)/hv-shim/experiment
%C%_libxenjob_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)

epml_CPPFLAGS += -I$(top_srcdir)/%D%
epml_LDADD += %D%/libxenjob.a $(EPML_LIBS)
