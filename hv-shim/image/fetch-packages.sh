#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: fetch-packages.sh CACHE
#
# Print the directory CACHE/xen-packages-HASH, with the Debian packages that the image and what runs
# in it are made of: Xen and its tools, the kernel with its headers, busybox, the libraries of the
# tools, and the BIOS. Those that the directory $DISTFILES has are taken from there, all others from
# Debian 12, with this machine's own apt sources. The packages are never installed. HASH comes from
# the list below; to get newer versions, remove the directory.
# The exit status is 2, after one line, if a package is not to be had.
set -eu

series=6.12	# linux-image-6.12-amd64 names the newest kernel of the series
packages="xen-hypervisor-4.17-amd64 xen-utils-4.17 xen-utils-common xenstore-utils libxenmisc4.17
	libxencall1 libxendevicemodel1 libxenevtchn1 libxenforeignmemory1 libxengnttab1 libxenhypfs1
	libxenstore4 libxentoolcore1 libxentoollog1 libyajl2 busybox-static bochsbios vgabios libc6
	libgcc-s1 zlib1g liblzma5 libbz2-1.0 libzstd1 liblzo2-2 libuuid1 libnl-3-200
	libnl-route-3-200 libfdt1"
kernel_packages="linux-image-KERNEL-amd64 linux-headers-KERNEL-amd64 linux-headers-KERNEL-common
	linux-kbuild-KERNEL"

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/debian-archive.sh
. "$here/../../scripts/debian-archive.sh"

die() {
	echo "xen-image: $*" >&2
	exit 2
}

# Lists of our own; the sources are the system's.
update_lists() {
	[ ! -d "$work/lists" ] || return 0
	missing=$(debian_missing)
	[ -z "$missing" ] || die "$missing; or put the packages into \$DISTFILES"
	debian_config "$work"
	apt-get -q update >>"$log" 2>&1 || die "apt-get update failed (see $log)"
}

# distfile PACKAGE: the newest version of a package in $DISTFILES; its name may be a pattern.
distfile() {
	[ -z "${DISTFILES:-}" ] ||
		find "$DISTFILES/" -maxdepth 1 -name "$1_*.deb" | sort -V | tail -n 1
}

# Set kernel to the version in the names of the kernel's packages, e.g. 6.12.1+deb12.
find_kernel() {
	kernel=$(distfile "linux-image-${series}*-amd64" |
		sed -n "s:.*/linux-image-\(.*\)-amd64_.*:\1:p")
	[ -z "$kernel" ] || return 0
	update_lists
	kernel=$(apt-cache depends "linux-image-$series-amd64" 2>>"$log" |
		sed -n "s/.*Depends: linux-image-\($series.*\)-amd64$/\1/p")
	[ -n "$kernel" ] ||
		die "no linux-image-$series-amd64 in this machine's apt sources (see $log)"
}

fetch() {
	find_kernel
	from_apt=
	for package in $packages $(echo "$kernel_packages" | sed "s/KERNEL/$kernel/g"); do
		file=$(distfile "$package")
		if [ -n "$file" ]; then
			cp "$file" "$work/files"
		else
			from_apt="$from_apt $package"
		fi
	done
	if [ -n "$from_apt" ]; then
		update_lists
		echo "xen-image: fetching $(echo "$from_apt" | wc -w) Debian packages" >&2
		# shellcheck disable=SC2086  # a list of words
		(cd "$work/files" && apt-get -q download $from_apt) >>"$log" 2>&1 ||
			die "cannot fetch the Debian packages (see $log)"
	fi
	echo "$kernel" >"$work/files/kernel"
}

[ $# -eq 1 ] || die "usage: fetch-packages.sh CACHE"
mkdir -p "$1"
cache=$(cd "$1" && pwd)
hash=$(echo "$series $packages $kernel_packages" | sha256sum | cut -c 1-16)
result=$cache/xen-packages-$hash
log=$cache/fetch-packages.log

if [ ! -d "$result" ]; then
	exec 9>"$cache/packages.lock"
	flock 9
	if [ ! -d "$result" ]; then
		work=$(mktemp -d "$cache/work-packages.XXXXXX")
		trap 'rm -rf "$work"' EXIT
		trap 'exit 2' HUP INT TERM
		: >"$log"
		mkdir "$work/files"
		APT_CONFIG=$work/apt.conf
		export APT_CONFIG
		fetch
		chmod 755 "$work/files"
		mv -T "$work/files" "$result"
	fi
fi
echo "$result"
