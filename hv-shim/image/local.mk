# SPDX-License-Identifier: BSD-2-Clause
#
# The image that Bochs boots: xen/image, a link to a directory in the cache. build-image.sh looks at
# everything that goes into it each time, so that no prerequisites are listed here.

.PHONY: xen-image
xen-image:
	@$(SHELL) $(srcdir)/%D%/build-image.sh $(srcdir) . '$(CACHE_DIR)'

CLEANFILES += xen/image
EXTRA_DIST += \
	%D%/build-image.sh \
	%D%/dom0-init \
	%D%/dom0-job.sh \
	%D%/fetch-packages.sh \
	%D%/guest-init
