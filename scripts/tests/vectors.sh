#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# All vectors, in both profiles, on the standalone model. On Bochs they run in quickstart check.
exec "${abs_builddir:-.}/epml" vectors --on model --profile all
