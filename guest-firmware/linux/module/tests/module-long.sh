#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The OoH Module in a guest with two virtual processors.
top=${abs_srcdir:-$(cd "$(dirname "$0")/../../../.." && pwd)}
exec /bin/sh "$top/guest-firmware/linux/module/tests/module.sh" long
