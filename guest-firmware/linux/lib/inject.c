/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A userfaultfd belongs to the address space of the process that makes it. To get one of another
 * process, that process is stopped, one of its threads executes the system call at a SYSCALL
 * instruction that is in its memory anyway (in the vDSO), and the descriptor is fetched with
 * pidfd_getfd and closed there. Nothing is written into the process's memory; its registers and
 * signal mask are as before.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/rseq.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>
#include "internal.h"

#define USER_CS_64 0x33 /* CS of a thread in 64-bit mode */

/* Where a thread has been taken from, to be put back. */
struct taken {
	pid_t tid;
	struct user_regs_struct regs;
	uint64_t signal_mask;
	uint64_t syscall; /* address of a SYSCALL instruction */
};

static uint64_t find_in(struct ooh *o, int mem, const struct mapping *map)
{
	size_t bytes = map->end - map->start;
	char *text = malloc(bytes), *at = NULL;
	ssize_t got = text ? ooh_sys_pread(o, mem, text, bytes, map->start) : 0;
	uint64_t address = 0;

	if (got > 0)
		at = memmem(text, (size_t)got, "\x0f\x05", 2);
	if (at)
		address = map->start + (uint64_t)(at - text);
	free(text);
	return address;
}

static int find_syscall(struct ooh *o, uint64_t *address)
{
	struct maps maps = {0};
	int mem = ooh_open_proc(o, "mem", O_RDONLY), error;

	if (mem < 0)
		return mem;
	error = ooh_maps_read(o, &maps, 0, USER_LIMIT);
	*address = 0;
	/* The vDSO is the smallest and the last or last but one. */
	for (size_t i = maps.n; i-- > 0 && !*address && !error;)
		if (maps.map[i].executable)
			*address = find_in(o, mem, &maps.map[i]);
	ooh_maps_free(&maps);
	close(mem);
	if (!error && !*address)
		error = ooh_fail(o, EOPNOTSUPP, "process %d has no SYSCALL instruction",
				 (int)o->pid);
	return error;
}

static bool read_memory(const struct ooh *o, uint64_t address, void *buffer, size_t bytes)
{
	struct iovec to = {buffer, bytes}, from = {(void *)(uintptr_t)address, bytes};

	return process_vm_readv(o->pid, &to, 1, &from, 1, 0) == (ssize_t)bytes;
}

/*
 * A restartable sequence (rseq) that is interrupted must not go on where it was. The kernel sees to
 * that on the way back to user mode, but it looks at RIP, which is that of the SYSCALL instruction
 * then; so its work is done here.
 */
static void abort_sequence(struct ooh *o, struct taken *taken)
{
	struct __ptrace_rseq_configuration rseq;
	struct rseq_cs sequence;
	uint64_t at;

	if (ooh_sys_ptrace(o, PTRACE_GET_RSEQ_CONFIGURATION, taken->tid, (void *)sizeof(rseq),
			   &rseq) <= 0 ||
	    !rseq.rseq_abi_pointer ||
	    !read_memory(o, rseq.rseq_abi_pointer + offsetof(struct rseq, rseq_cs), &at, 8) ||
	    !at || !read_memory(o, at, &sequence, sizeof(sequence)))
		return;
	if (taken->regs.rip - sequence.start_ip < sequence.post_commit_offset)
		taken->regs.rip = sequence.abort_ip;
}

static int take(struct ooh *o, struct taken *taken, pid_t tid)
{
	uint64_t all = ~0ull;
	int error = find_syscall(o, &taken->syscall);

	if (error)
		return error;
	taken->tid = tid;
	if (ooh_sys_ptrace(o, PTRACE_GETREGS, tid, NULL, &taken->regs) ||
	    ooh_sys_ptrace(o, PTRACE_GETSIGMASK, tid, (void *)8, &taken->signal_mask))
		return ooh_fail_ended(o);
	if (taken->regs.cs != USER_CS_64)
		return ooh_fail(o, EOPNOTSUPP, "process %d: a 64-bit program was expected",
				(int)o->pid);
	abort_sequence(o, taken);
	if (ooh_sys_ptrace(o, PTRACE_SETSIGMASK, tid, (void *)8, &all))
		return ooh_fail_ended(o);
	return 0;
}

/* Run to the next entry or exit of a system call. */
static int to_syscall(struct ooh *o, pid_t tid)
{
	int signal = 0, error;

	do {
		error = ooh_sys_ptrace(o, PTRACE_SYSCALL, tid, NULL, (void *)(long)signal);
		if (!error)
			error = ooh_wait_for_stop(o, tid, &signal);
	} while (!error && !(signal & 0x80));
	return error;
}

static int remote_call(struct ooh *o, const struct taken *taken, long number, long argument,
		       long *result)
{
	struct user_regs_struct regs = taken->regs;

	regs.rip = taken->syscall;
	regs.rax = (unsigned long)number;
	regs.rdi = (unsigned long)argument;
	/* If it was taken out of a system call, the kernel must not restart that one now. */
	regs.orig_rax = ~0ul;
	if (ooh_sys_ptrace(o, PTRACE_SETREGS, taken->tid, NULL, &regs) ||
	    to_syscall(o, taken->tid) || to_syscall(o, taken->tid) ||
	    ooh_sys_ptrace(o, PTRACE_GETREGS, taken->tid, NULL, &regs))
		return ooh_fail_ended(o);
	*result = (long)regs.rax;
	return 0;
}

/* An interrupted system call is only restarted on the way out of a stop by PTRACE_INTERRUPT. */
static void put_back(struct ooh *o, struct taken *taken)
{
	int signal;

	if (ooh_sys_ptrace(o, PTRACE_SETREGS, taken->tid, NULL, &taken->regs) ||
	    ooh_sys_ptrace(o, PTRACE_INTERRUPT, taken->tid, NULL, NULL) ||
	    ooh_sys_ptrace(o, PTRACE_CONT, taken->tid, NULL, NULL) ||
	    ooh_wait_for_stop(o, taken->tid, &signal))
		return;
	ooh_sys_ptrace(o, PTRACE_SETSIGMASK, taken->tid, (void *)8, &taken->signal_mask);
}

static int fetch(struct ooh *o, const struct taken *taken, int flags)
{
	long remote, closed;
	int fd, error = remote_call(o, taken, SYS_userfaultfd, flags, &remote);

	if (error)
		return error;
	if (remote < 0)
		return ooh_fail(o, (int)-remote,
				"userfaultfd in process %d: %s (it needs CAP_SYS_PTRACE there, or "
				"vm.unprivileged_userfaultfd = 1)",
				(int)o->pid, strerror((int)-remote));
	fd = (int)syscall(SYS_pidfd_getfd, o->pidfd, (int)remote, 0);
	if (fd < 0)
		fd = ooh_fail(o, errno, "pidfd_getfd from process %d: %s", (int)o->pid,
			      strerror(errno));
	error = remote_call(o, taken, SYS_close, remote, &closed);
	if (error && fd >= 0) {
		close(fd);
		return error;
	}
	return fd;
}

int ooh_remote_userfaultfd(struct ooh *o, int flags)
{
	struct stopped stopped;
	struct taken taken;
	int fd = ooh_stop_threads(o, &stopped);

	if (fd)
		return fd;
	fd = take(o, &taken, stopped.tid[0]);
	if (!fd) {
		fd = fetch(o, &taken, flags);
		put_back(o, &taken);
	}
	ooh_continue_threads(o, &stopped);
	return fd;
}
