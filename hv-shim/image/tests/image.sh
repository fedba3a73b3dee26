#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The image is built again, elsewhere, and is the same, byte by byte; so are the files of a job on
# it. Initial file systems hold nothing of this machine.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
[ -e "$build/xen/image/inputs" ] || skip_all "no $build/xen/image"
image=$(realpath "$build/xen/image")
packages=$(dirname "$image")
set -- "$packages"/xen-packages-*
[ -d "$1" ] || skip_all "no packages in $packages"
cd "$dir" || exit 99

# Another cache, with the same packages, and the umask of another user.
mkdir cache out
ln -s "$packages"/xen-packages-* cache
(umask 077 && sh "$top/hv-shim/image/build-image.sh" "$top" out cache) >log 2>&1
result "the image is built again" || sed 's/^/# /' log
[ "$(realpath out/xen/image)" != "$image" ] && diff -r "$image" out/xen/image
result "it is the same"

mkdir root
(lz4 -d -q "$image/dom0.lz4" - | cpio -tv --quiet) >list
[ -s list ] && ! awk '$3 != "root" || $4 != "root"' list | grep -q . &&
	! awk '{ print $6, $7, $8 }' list | grep -v '^Jan 1 1970$' | grep -q .
result "all files belong to root and are from 1970"

# A source tree with a file missing.
cp -r "$top/hv-shim" "$top/scripts" .
chmod -R u+w hv-shim scripts
rm hv-shim/image/dom0-init
! sh hv-shim/image/build-image.sh . out cache >log 2>&1 && [ -z "$(find cache -name 'work-*')" ]
result "a build that fails leaves nothing in the cache"
finish
