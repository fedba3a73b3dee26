#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# calls.sh with a guest that is destroyed and created again 20 times.
EPML_ROUNDS=20
export EPML_ROUNDS
exec sh "${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}/hv-shim/xen/tests/calls.sh"
