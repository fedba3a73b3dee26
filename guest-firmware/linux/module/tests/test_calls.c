// SPDX-License-Identifier: BSD-2-Clause
/*
 * The calls of /dev/ooh: what they refuse, and who may use them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

#define OTHER_UID 1000

static int try_register(pid_t pid, uint32_t kind, uint32_t ring_pages)
{
	struct ooh_register arg = {.pid = pid, .kind = kind, .ring_pages = ring_pages};
	int fd = open_ooh(), error = call(fd, OOH_IOC_REGISTER, &arg);

	close(fd);
	return error;
}

static void register_refuses(void)
{
	const pid_t self = getpid();

	check(try_register(self, OOH_KIND_EPML, 2) == 0, "the smallest ring is made");
	check(try_register(self, OOH_KIND_EPML, 1) == -EINVAL, "a ring of one page is refused");
	check(try_register(self, OOH_KIND_EPML, 4097) == -EINVAL, "one of 4097 pages is refused");
	check(try_register(self, 0, 64) == -EINVAL, "kind 0 is refused");
	check(try_register(self, 3, 64) == -EINVAL, "kind 3 is refused");
	check(try_register(0, OOH_KIND_EPML, 64) == -EINVAL, "process 0 is refused");
	check(try_register(-1, OOH_KIND_EPML, 64) == -EINVAL, "process -1 is refused");
	check(try_register(2, OOH_KIND_EPML, 64) == -ESRCH, "a kernel thread is refused");
	check(try_register(4000000, OOH_KIND_EPML, 64) == -ESRCH, "no process is refused");
}

static void without_tracker(void)
{
	int fd = open_ooh();
	struct ooh_stats stats;
	struct ooh_rearm all = {0};
	uint32_t phase = 256;

	check(call(fd, OOH_IOC_START, NULL) == -EINVAL, "START without a tracker is refused");
	check(call(fd, OOH_IOC_STOP, NULL) == -EINVAL, "STOP without a tracker is refused");
	check(call(fd, OOH_IOC_DRAIN, NULL) == -EINVAL, "DRAIN without a tracker is refused");
	check(call(fd, OOH_IOC_REARM, &all) == -EINVAL, "REARM without a tracker is refused");
	check(call(fd, OOH_IOC_STATS, &stats) == -EINVAL, "STATS without a tracker is refused");
	check(call(fd, OOH_IOC_REGISTER, NULL) == -EFAULT, "REGISTER of no memory is refused");
	check(call(fd, OOH_IOC_CAPS, NULL) == -EFAULT, "CAPS to no memory is refused");
	check(call(fd, OOH_IOC_MARK, &phase) == -EINVAL, "MARK of phase 256 is refused");
	check(call(fd, _IO('o', 99), NULL) == -ENOTTY, "an unknown request is refused");
	check(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED,
	      "mmap without a pool is refused");
	close(fd);
}

static void with_tracker(void)
{
	struct ooh_register again = {.pid = getpid(), .kind = OOH_KIND_EPML, .ring_pages = 64};
	struct ooh_rearm bad = {.addresses = 8, .n = 1};
	uint64_t kernel = 0xffff888000000000;
	struct ooh_rearm outside = {.addresses = (uintptr_t)&kernel, .n = 1};
	struct ooh_spp spp = {.pages = 1, .frequency = 2};
	struct tracker t;

	tracker_open(&t, getpid(), OOH_KIND_EPML, 64);
	check(t.ring->entries == 32 * 512, "the ring has the greatest power of two");
	check(call(t.fd, OOH_IOC_REGISTER, &again) == -EBUSY, "a second REGISTER is refused");
	check(call(t.fd, OOH_IOC_SPP, &spp) == -EBUSY, "a pool beside a tracker is refused");
	check(call(t.fd, OOH_IOC_DRAIN, NULL) == -EINVAL, "DRAIN before START is refused");
	check(call(t.fd, OOH_IOC_STOP, NULL) == 0, "STOP before START does nothing");
	check(call(t.fd, OOH_IOC_START, NULL) == 0, "START");
	check(call(t.fd, OOH_IOC_START, NULL) == -EBUSY, "a second START is refused");
	check(call(t.fd, OOH_IOC_REARM, &bad) == -EFAULT, "REARM of a list that is not there");
	check(call(t.fd, OOH_IOC_REARM, &outside) == -EINVAL, "REARM of a kernel address");
	check(call(t.fd, OOH_IOC_STOP, NULL) == 0, "STOP");
	check(call(t.fd, OOH_IOC_START, NULL) == 0, "START again");
	tracker_close(&t);
}

static void spp_refuses(void)
{
	static const struct ooh_spp bad[] = {{0, 2}, {513, 2}, {1, 0}, {1, 1}, {1, 3}, {1, 64}};
	const int expected = caps & CAP_SPP ? -EINVAL : -EOPNOTSUPP;
	int fd = open_ooh();
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ooh_spp arg = bad[i];

		check(call(fd, OOH_IOC_SPP, &arg) == expected,
		      "a pool of %u pages with frequency %u is refused", bad[i].pages,
		      bad[i].frequency);
	}
	close(fd);
}

/* As another user with an open /dev/ooh: 0 if it may track the process. */
static int register_as_other(pid_t pid)
{
	struct ooh_register arg = {.pid = pid, .kind = OOH_KIND_EPML, .ring_pages = 2};
	int fd = open_ooh();
	int status;
	pid_t child = fork();

	if (!child) {
		if (setgid(OTHER_UID) || setuid(OTHER_UID))
			_exit(99);
		_exit(-call(fd, OOH_IOC_REGISTER, &arg));
	}
	waitpid(child, &status, 0);
	close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void permissions(void)
{
	pid_t own = fork();
	uint32_t phase = 1;
	int fd = open_ooh(), status;

	if (!own) {
		if (setgid(OTHER_UID) || setuid(OTHER_UID) || prctl(PR_SET_DUMPABLE, 1))
			_exit(1);
		pause();
	}
	usleep(200000);
	check(register_as_other(getpid()) == EPERM, "another user's process cannot be tracked");
	check(register_as_other(1) == EPERM, "process 1 cannot be tracked by a user");
	check(register_as_other(own) == 0, "a user's own process can be tracked");
	kill(own, SIGKILL);
	waitpid(own, &status, 0);
	own = fork();
	if (!own)
		_exit(setuid(OTHER_UID) ? 99 : -call(fd, OOH_IOC_MARK, &phase));
	waitpid(own, &status, 0);
	check(WEXITSTATUS(status) == EPERM, "a user cannot mark phases");
	close(fd);
}

void test_calls(void)
{
	register_refuses();
	without_tracker();
	with_tracker();
	spp_refuses();
	permissions();
}
