#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: build-image.sh SRCDIR BUILDDIR CACHE
#
# Make BUILDDIR/xen/image: what a boot of Xen, dom0 and guests is put together from, all but our own
# hypervisor and the job.
#
#	xen		Debian's hypervisor, an ELF file
#	vmlinux		the kernel of dom0 and guests, an ELF file: Bochs would take a while to
#			decompress what the package has
#	dom0.lz4	dom0's initramfs, with vmlinux and the initramfs of guests in it; reading it from
#			the disk takes longer in Bochs than LZ4 does
#	eltorito.img	GRUB, which reads /boot/grub.cfg; boot.img in front of the image finds it
#	boot.img	where the image is booted as a disk
#	bios.bin, vgabios.bin
#	kernel, packages	version of the kernel; names of the packages
#
# BUILDDIR gets a symbolic link to the image, which is kept in CACHE. The same packages and the same
# files of ours give the same bytes, whoever builds them.
set -eu

build_name=xen-image
dom0_modules="xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc"
guest_modules="uio"
dom0_tools="xl xenstored xenconsoled xenconsole xen-init-dom0 libxl-save-helper"
grub_files=/usr/lib/grub/i386-pc
grub_modules="biosdisk configfile iso9660 multiboot2 normal part_msdos"

# shellcheck source=scripts/cached-build.sh
. "$(dirname "$0")/../../scripts/cached-build.sh"

# Everything that decides what the result is, as text. Its hash names the image.
inputs() {
	(cd "$packages" && sha256sum -- *)
	# shellcheck disable=SC2086  # a list of words
	(cd "$here" && sha256sum $ours)
	(cd "$grub_files" && sha256sum kernel.img boot_hybrid.img)
}

unpack() {
	mkdir "$work/root"
	for deb in "$packages"/*.deb; do
		case $deb in
		*/linux-headers-* | */linux-kbuild-*) ;;
		*) dpkg-deb -x "$deb" "$work/root" ;;
		esac
	done
}

# The one file of the packages that matches PATTERN.
packaged() {
	found=$(find "$work/root" -path "$work/root/$1" ! -type d)
	[ "$(echo "$found" | wc -w)" -eq 1 ] || die "packages: not one file $1: $found"
	echo "$found"
}

# extract_kernel BZIMAGE ELF: the payload that the header of the packaged kernel points to; its last
# four bytes are a length that zstd does not know.
extract_kernel() {
	sectors=$(od -An -t u1 -j $((0x1f1)) -N 1 "$1")
	offset=$(od -An -t u4 -j $((0x248)) -N 4 "$1")
	length=$(od -An -t u4 -j $((0x24c)) -N 4 "$1")
	tail -c +$(((sectors + 1) * 512 + offset + 1)) "$1" | head -c $((length - 4)) |
		zstd -q -d -o "$2" || die "$1: cannot extract the kernel"
}

# base_root DIR: what dom0 and guests have in common.
base_root() {
	mkdir -p "$1/bin" "$1/dev" "$1/etc" "$1/lib/modules" "$1/proc" "$1/run" "$1/sbin" "$1/sys" \
		"$1/tmp" "$1/usr" "$1/var"
	cp "$(packaged bin/busybox)" "$1/bin/busybox"
	for name in $("$1/bin/busybox" --list); do
		[ -e "$1/bin/$name" ] || ln -s busybox "$1/bin/$name"
	done
	echo "root:x:0:0:root:/:/bin/sh" >"$1/etc/passwd"
	echo "root:x:0:" >"$1/etc/group"
}

add_modules() {
	root=$1
	shift
	for module; do
		xz -dc "$(packaged "lib/modules/*/$module.ko.xz")" >"$root/lib/modules/$module.ko"
	done
}

# add_libraries DIR: the libraries that the programs of DIR need, and those that these need.
add_libraries() {
	more=yes
	while [ $more = yes ]; do
		more=no
		for name in $(find "$1/bin" "$1/lib" -type f -exec readelf -d {} + 2>/dev/null |
			sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p' | sort -u); do
			[ ! -e "$1/lib/$name" ] || continue
			library=$(find "$work/root/lib" "$work/root/usr/lib" -name "$name" | head -n 1)
			[ -n "$library" ] || die "packages: no library $name"
			cp -L "$library" "$1/lib/$name"
			more=yes
		done
	done
	mkdir -p "$1/lib64"
	ln -s ../lib/ld-linux-x86-64.so.2 "$1/lib64/ld-linux-x86-64.so.2"
}

# pack DIR FILE: the same bytes at any time and for any user.
pack() {
	chmod -R u=rwX,go=rX "$1"
	find "$1" -exec touch -h -d @0 {} +
	(cd "$1" && find . | LC_ALL=C sort |
		cpio --quiet -o -H newc --reproducible --owner=0:0) >"$2"
}

guest_root() {
	base_root "$work/guest"
	# shellcheck disable=SC2086  # a list of words
	add_modules "$work/guest" $guest_modules
	install -m 755 "$here/guest-init" "$work/guest/init"
	pack "$work/guest" "$work/guest.cpio"
}

dom0_root() {
	base_root "$work/dom0"
	# shellcheck disable=SC2086  # a list of words
	add_modules "$work/dom0" $dom0_modules
	for tool in $dom0_tools; do
		cp "$(packaged "usr/lib/xen-*/bin/$tool")" "$work/dom0/bin"
	done
	cp "$(packaged usr/bin/xenstore)" "$work/dom0/bin"
	for name in exists list ls read rm watch write; do
		ln -s xenstore "$work/dom0/bin/xenstore-$name"
	done
	# xl loads this one when it ends, without being linked to it.
	cp "$(packaged 'lib/*/libgcc_s.so.1')" "$work/dom0/lib"
	add_libraries "$work/dom0"

	# Where the tools look for each other, and where they keep their state.
	xen_bin=$(dirname "$(packaged "usr/lib/xen-*/bin/xl")")
	mkdir -p "$work/dom0${xen_bin#"$work/root"}" "$work/dom0/var/lib/xen" \
		"$work/dom0/var/log/xen/console" "$work/dom0/etc/xen" "$work/dom0/guest"
	for tool in $dom0_tools; do
		ln -s "/bin/$tool" "$work/dom0${xen_bin#"$work/root"}/$tool"
	done
	: >"$work/dom0/etc/xen/xl.conf"
	ln -s /run "$work/dom0/var/run"
	ln -s /run/lock "$work/dom0/var/lock"
	install -m 755 "$here/dom0-init" "$work/dom0/init"
	install -m 644 "$here/dom0-job.sh" "$work/dom0/lib/dom0-job.sh"
	cp "$work/guest.cpio" "$work/dom0/guest/initrd"
	cp "$work/out/vmlinux" "$work/dom0/guest/vmlinux"
	pack "$work/dom0" "$work/dom0.cpio"
	lz4 -l -9 -q "$work/dom0.cpio" "$work/out/dom0.lz4"
}

build() {
	unpack
	say "packages unpacked"
	extract_kernel "$(packaged 'boot/vmlinuz-*')" "$work/out/vmlinux"
	gzip -dc "$(packaged 'boot/xen-*.gz')" >"$work/out/xen"
	cp "$(packaged usr/share/bochs/BIOS-bochs-latest)" "$work/out/bios.bin"
	cp -L "$(packaged usr/share/vgabios/vgabios.bin)" "$work/out/vgabios.bin"
	guest_root
	dom0_root
	# shellcheck disable=SC2086  # a list of words
	grub-mkimage -d "$grub_files" -O i386-pc-eltorito -p /boot -o "$work/out/eltorito.img" $grub_modules ||
		die "grub-mkimage failed"
	cp "$grub_files/boot_hybrid.img" "$work/out/boot.img"
	cp "$packages/kernel" "$work/out/kernel"
	(cd "$packages" && ls -- *.deb) >"$work/out/packages"
}

[ $# -eq 3 ] || die "usage: build-image.sh SRCDIR BUILDDIR CACHE"
here=$(cd "$1/hv-shim/image" && pwd)
ours="build-image.sh dom0-init dom0-job.sh guest-init"
mkdir -p "$3" "$2/xen"
builddir=$(cd "$2" && pwd)
cache=$(cd "$3" && pwd)
for program in grub-mkimage cpio lz4 zstd xz readelf dpkg-deb; do
	command -v $program >/dev/null ||
		die "$program is missing; ./quickstart packages lists the packages it needs"
done
[ -f "$grub_files/boot_hybrid.img" ] ||
	die "$grub_files is missing; ./quickstart packages lists the packages that are needed"
packages=$("$here/fetch-packages.sh" "$cache")
cached_build
ln -sfn "$result" "$builddir/xen/image"
