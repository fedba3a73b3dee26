#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# linux.sh with a guest that is destroyed while it tracks, and created again, 20 times.
EPML_ROUNDS=20
export EPML_ROUNDS
exec sh "${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}/hv-shim/xen/tests/linux.sh"
