# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# What a job's /job/dom0.sh can use. It is sourced by the first program of dom0.

# phase NAME: tell epml how far things have come.
phase() {
	echo "EPML-PHASE $1"
}

# stop: power off. Xen enters ACPI S5, which ends Bochs.
stop() {
	phase power-off
	poweroff -f
	sleep 60
}

# fail TEXT: the job cannot go on.
fail() {
	echo "EPML-ERROR $*"
	stop
}

# await SECONDS COMMAND...: until the command succeeds.
await() {
	await_tries=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		await_tries=$((await_tries - 1))
		[ $await_tries -gt 0 ] || return 1
		usleep 50000
	done
}

start_toolstack() {
	xenstored || fail "xenstored does not start"
	await 30 xenstore-exists / || fail "xenstored does not answer"
	xen-init-dom0 >/dev/null || fail "xen-init-dom0"
	xenconsoled || fail "xenconsoled does not start"
	phase xenstored
}

# guest_name CFG
guest_name() {
	sed -n 's/^name *= *"\(.*\)".*/\1/p' "$1"
}

# create CFG [OPTION...]: start a guest with xl create. The initramfs that its configuration names
# is made from that of the image and the guests' part of the job.
create() {
	[ -f /run/guest.initrd ] || cat /guest/initrd /job/guest.cpio >/run/guest.initrd
	xl create "$@" >/dev/null || fail "xl create $1"
}

# forward NAME: copy what a guest prints to the serial line, with its name in front, until the guest
# is gone.
forward() {
	forward_tty=$(xenstore-read "/local/domain/$(xl domid "$1")/console/tty") || return 1
	while read -r forward_line; do
		echo "($1) $forward_line"
	done <"$forward_tty"
}

# alive NAME: is there such a guest?
alive() {
	xl domid "$1" >/dev/null 2>&1
}

# run_guests: start all guests of the job and wait until they have ended.
run_guests() {
	phase create
	for cfg in /job/guest*.cfg; do
		create "$cfg" -p
		forward "$(guest_name "$cfg")" &
	done
	phase guest-kernel
	for cfg in /job/guest*.cfg; do
		xl unpause "$(guest_name "$cfg")"
	done
	wait
}

# run_shell: start a guest whose console is this one, and wait until it has ended or the user has
# left its console.
run_shell() {
	phase create
	create /job/guest.cfg -p
	phase guest-kernel
	(usleep 200000 && xl unpause guest) &
	setsid cttyhack xl console guest
	! alive guest || xl destroy guest
}
