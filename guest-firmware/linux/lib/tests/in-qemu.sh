#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Usage: in-qemu.sh KERNEL PROGRAM [ARGUMENT]...
#
# Run a static program as the only one of a Linux kernel (a bzImage) in QEMU, with its output on
# standard output and its exit status. A quick way to try what needs another kernel than the
# machine's own; there is no hypervisor below it that knows EPML. Needs qemu-system-x86,
# busybox-static and cpio.
set -eu

[ $# -ge 2 ] || {
	sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
	exit 2
}
kernel=$1 program=$2
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM

mkdir -p "$dir/root/bin" "$dir/root/proc" "$dir/root/sys" "$dir/root/dev" "$dir/root/tmp"
cp /bin/busybox "$dir/root/bin/busybox"
cp "$program" "$dir/root/bin/program"
cat >"$dir/root/init" <<-INIT
	#!/bin/busybox sh
	/bin/busybox mount -t proc proc /proc
	/bin/busybox mount -t sysfs sysfs /sys
	/bin/busybox mount -t devtmpfs dev /dev
	/bin/program $*
	echo "exit status \$?"
	/bin/busybox poweroff -f
INIT
chmod +x "$dir/root/init"
(cd "$dir/root" && find . | cpio -o -H newc --quiet) >"$dir/initrd"

timeout -k 5 "${QEMU_SECONDS:-300}" qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 512 \
	-display none -serial stdio -net none -no-reboot -kernel "$kernel" -initrd "$dir/initrd" \
	-append "console=ttyS0 quiet loglevel=3 panic=-1" </dev/null 2>"$dir/qemu.err" |
	tr -d '\r' >"$dir/out" || true
grep -v '^exit status ' "$dir/out" || true
status=$(sed -n 's/^exit status //p' "$dir/out")
[ -n "$status" ] || {
	echo "in-qemu.sh: the kernel ended without the program's exit status" >&2
	cat "$dir/qemu.err" >&2
	exit 1
}
exit "$status"
