#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml xen with a program in place of Bochs that plays a boot on the serial line: phases, results,
# how guests end, hangs in each phase, signals. Neither processes nor files are left.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
command -v xorriso >/dev/null || skip_all "no xorriso"
cd "$dir" || exit 99
mkdir tmp seen image
TMPDIR=$dir/tmp
EPML_BOCHS=$dir/fake
EPML_XEN_IMAGE=$dir/image
EPML_XEN=$dir/image/xen
FAKE_SEEN=$dir/seen
export TMPDIR EPML_BOCHS EPML_XEN_IMAGE EPML_XEN FAKE_SEEN FAKE
for part in xen vmlinux dom0.lz4 eltorito.img boot.img bios.bin vgabios.bin; do
	head -c 4096 /dev/zero >image/$part
done
# As builds that are kept in a cache are.
mv image/xen image/built
ln -s built image/xen

# The program in place of Bochs: FAKE tells what happens, and where it hangs.
cat >fake <<'SH'
#!/bin/sh
cp bochsrc grub.cfg initrd "$FAKE_SEEN"
echo $$ >>"$FAKE_SEEN/pids"
tty=$(sed -n 's/^com1: .*dev=//p' bochsrc)
say() {
	printf '%s\r\n' "$@" >"$tty"
}
# Time goes by for a processor that is emulated.
hang() {
	[ "$FAKE" != "hang $1" ] || while :; do :; done
}
hang bios
say "(XEN) Xen version 4.17"
hang xen
say "mapping kernel into physical memory"
hang kernel
say "EPML-PHASE dom0" "EPML-PHASE xenstored" "EPML-PHASE create"
hang create
[ "$FAKE" != error ] || say "EPML-ERROR xl create /job/guest.cfg"
[ "$FAKE" != crash ] || { echo "a line" >log; exit 1; }
say "EPML-PHASE guest-kernel"
[ "$FAKE" != asleep ] || sleep 1000
say "(guest) EPML-PHASE job" '(guest) EPML-RESULT {"pages":3}' "(guest2) EPML-RESULT 4"
say "(guest) no EPML-RESULT 5"
hang job
case $FAKE in
shell)
	say "EPML-PHASE shell"
	stty -F "$tty" raw
	printf '~ # ' >"$tty"
	head -n 1 <"$tty" >"$FAKE_SEEN/typed"
	say "" "EPML-PHASE end"
	;;
status) say "(guest) EPML-STATUS 3" ;;
gone) ;;
*) say "(guest) EPML-STATUS 0" ;;
esac
say "EPML-PHASE power-off"
hang off
echo "0123p[ACPI  ] >>PANIC<< ACPI control: soft power off" >log
exit 1
SH
chmod +x fake

# run STATUS FAKE [OPTION...]: epml xen boot ends so.
run() {
	status=$1 FAKE=$2
	shift 2
	"$epml" xen boot "$@" >out 2>err </dev/null
	[ $? -eq "$status" ]
}

# phases NAME...: these were printed, and no others.
phases() {
	printf '%s\n' "$@" >expected
	sed -n 's/^ *[0-9.]* s  //p' err | diff - expected
}

run 0 well --command true && phases "BIOS and GRUB" Xen "dom0's kernel" dom0 xenstored create \
	guest-kernel job power-off
result "phases of a boot"
printf '{"pages":3}\n4\n' | diff - out
result "results of two guests"
[ "$(find tmp)" = tmp ]
result "no file is left"

run 1 status --command true &&
	grep -q '^epml xen boot: the command of guest has ended with status 3$' err
result "the status of a guest's command"
run 1 gone --command true && grep -q 'a guest has ended before its command in phase "power-off"' err
result "a guest that ends too early"
run 1 error && grep -q '^epml xen boot: xl create /job/guest.cfg in phase "create"; the last' err
result "an error in dom0"
run 1 crash && grep -q 'Bochs has ended (a line) in phase "create"' err &&
	grep -q '^  EPML-PHASE create$' err
result "Bochs ends"

for hang in "bios:BIOS and GRUB" xen:Xen "kernel:dom0's kernel" create:create job:job \
	off:power-off; do
	run 1 "hang ${hang%%:*}" --limit 1 &&
		grep -q "^epml xen boot: no progress for 1 seconds in phase \"${hang#*:}\"" err
	result "hang in ${hang#*:}"
done
run 1 asleep --limit 1 && grep -q 'no progress for 1 seconds in phase "guest-kernel"' err
result "hang without any processor time"

# A signal in the midst of a boot.
FAKE=asleep "$epml" xen boot --limit 300 >out 2>err </dev/null &
pid=$!
until [ -n "$(find tmp -name console -size +0)" ]; do sleep 0.1; done
kill -TERM $pid
wait $pid
[ $? -eq 143 ] && [ "$(find tmp)" = tmp ]
result "a signal ends it"
alive=0
while read -r pid; do
	! kill -0 "$pid" 2>/dev/null || alive=1
done <seen/pids
[ $alive -eq 0 ]
result "no process is left"

# Another terminal on the console.
FAKE=asleep "$epml" xen boot --limit 300 >out 2>err </dev/null &
pid=$!
until [ -n "$(find tmp -name console -size +50c)" ]; do sleep 0.1; done
mkfifo keys
exec 3<>keys	# nobody types
"$epml" xen console <keys >seen/console 2>err &
console=$!
tries=100
until grep -qs 'EPML-PHASE guest-kernel' seen/console || [ $tries -eq 0 ]; do
	sleep 0.1
	tries=$((tries - 1))
done
kill -TERM $pid
[ $tries -gt 0 ]
result "epml xen console shows the last lines"
wait $pid
wait $console
result "it ends with the boot"

FAKE=shell
export FAKE
echo "uname -a" | "$epml" xen shell >out 2>err && [ "$(cat seen/typed)" = "uname -a" ] &&
	[ "$(tail -n 1 out | tr -d '\r')" = "~ # " ]
result "shell: input goes in, marks do not come out"
FAKE=well

# What is given to Bochs, GRUB and the guests.
echo data >my-file
run 0 well --profile published --memory 1500 --guest-memory 256 --vcpus 2 --guests 2 \
	--file my-file --file my-file=/etc/x --guest-config 'cpuid = 1' --guest-cmdline 'a=b' \
	--xen-cmdline 'c=d' --command 'echo hi' --gui --keep kept
[ -f kept/console ] && xorriso -indev kept/boot.iso -find /boot -type f >list 2>err
result "--keep keeps the files"
sort list >files
printf "'/boot/%s'\n" eltorito.img grub.cfg initrd vmlinux xen | diff - files
result "the image has files, not links"
grep -q '^epml: enabled=1, seed=1, profile=published$' seen/bochsrc &&
	grep -q '^megs: 1500$' seen/bochsrc && grep -q '^display_library: sdl2$' seen/bochsrc
result "bochsrc"
grep -q '^multiboot2 /boot/xen dom0_mem=512M.* ooh=published c=d$' seen/grub.cfg
result "Xen's command line"
mkdir root && (cd root && cpio -id --quiet <../seen/initrd) &&
	[ "$(cd root/job && echo ./*)" = "./guest.cfg ./guest.cpio ./guest2.cfg" ] &&
	grep -q '^memory = 256$' root/job/guest2.cfg && grep -q '^vcpus = 2$' root/job/guest.cfg &&
	grep -q '^cpuid = 1$' root/job/guest.cfg &&
	grep -q '^extra = .* a=b"$' root/job/guest.cfg
result "configurations of guests"
(cd root/job && cpio -id --quiet <guest.cpio) && diff my-file root/job/job/my-file &&
	diff my-file root/job/etc/x && [ -x root/job/job/run ] &&
	grep -q '^echo hi$' root/job/job/run
result "files for guests"

# refuses "LINE" ARGUMENT...
refuses() {
	line=$1
	shift
	refusal "epml xen$line" "$epml" xen "$@"
}
refuses ': expected boot, shell, console or run; "epml xen --help" explains them'
refuses ': there is no command "boat"; "epml xen --help" lists them' boat
refuses " boot: unrecognized option '--fast'" boot --fast
refuses ' boot: x: expected an option' boot x
refuses ' boot: --profile x: expected published or hardened' boot --profile x
refuses ' boot: --timing x: expected off, events or full' boot --timing x
refuses ' boot: --vcpus 0: expected a number from 1 to 8' boot --vcpus 0
refuses ' boot: --costs is for --timing' boot --costs i7-8565u
refuses ' boot: --file none: No such file or directory' boot --file none
refuses ' boot: --file my-file=x: expected FILE or FILE=PATH, with an absolute path' \
	boot --file my-file=x
refuses ' boot: the guests would need 2736 MByte; Bochs has at most 2048' \
	boot --guest-memory 1000 --guests 2
refuses ' boot: tmp: File exists' boot --keep tmp
refuses ' console: no boot is running' console
refuses ' console: tmp: no boot is running there' console tmp
EPML_XEN_IMAGE=$dir/none
refuses " boot: $dir/none/xen is missing; run \"make xen-image\"" boot
EPML_XEN_IMAGE=$dir/image EPML_XEN=$dir/none
refuses " boot: $dir/none is missing; run \"make xen-hypervisor\"" boot
finish
