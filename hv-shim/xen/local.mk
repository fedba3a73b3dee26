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
