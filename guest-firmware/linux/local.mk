# SPDX-License-Identifier: BSD-2-Clause
#
# What runs in a Linux guest. The programs for the guest are linked statically and have options of
# their own: neither sanitizers nor coverage can be taken along.

LINUX_CFLAGS = -std=gnu11 $(EPML_WARNINGS)
LINUX_CPPFLAGS = -D_GNU_SOURCE -I$(top_srcdir)/%D%/lib

include %D%/lib/local.mk
include %D%/module/local.mk
include %D%/bench/local.mk
