/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Usage: log-dirty DOMAIN on|off|clean|save
 *        log-dirty DOMAIN check FIRST N CLEAN M
 *
 * Xen's log-dirty mode as live migration uses it, for tests in dom0. "clean" reads what is dirty
 * and begins anew. So does "check", and tells whether all N frames from FIRST are dirty and none
 * of the M from CLEAN. "save" asks for the state of the processors, the last step of saving a
 * domain. The status is 1 if a check fails, 2 if Xen refuses.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES		65536u		/* of the domain's memory, as far as tests look */

/* Of Xen's and Linux's public interfaces. */
#define HYPERCALL_DOMCTL	36
#define DOMCTL_SHADOW_OP	10
#define DOMCTL_GETHVMCONTEXT	33
#define OP_OFF			0
#define OP_LOGDIRTY		2
#define OP_CLEAN		11
#define OP_SAVE			99u		/* ours */

struct domctl {
	uint32_t cmd, version;
	uint16_t domain, pad[3];
	union {
		struct {
			uint32_t op, mode, mb, pad;
			uint64_t bitmap, pages;
			uint32_t faults, dirty;
		} shadow;
		struct {
			uint32_t size, pad;
			uint64_t buffer;
		} context;
		uint8_t all[128];
	};
};

struct hypercall {
	uint64_t op, arg[5];
};
#define IOCTL_HYPERCALL	_IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))

/* What Xen reads and writes: locked, so that it is there. */
static struct {
	struct domctl domctl;
	union {
		uint8_t bitmap[FRAMES / 8];
		uint8_t context[65536];
	};
} *shared;

static void die(const char *what)
{
	fprintf(stderr, "log-dirty: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void set_shadow(uint32_t op)
{
	shared->domctl.cmd = DOMCTL_SHADOW_OP;
	shared->domctl.shadow.op = op;
	if (op == OP_CLEAN) {
		shared->domctl.shadow.bitmap = (uint64_t)(uintptr_t)shared->bitmap;
		shared->domctl.shadow.pages = FRAMES;
	}
}

static void set_context(void)
{
	shared->domctl.cmd = DOMCTL_GETHVMCONTEXT;
	shared->domctl.context.size = sizeof(shared->context);
	shared->domctl.context.buffer = (uint64_t)(uintptr_t)shared->context;
}

/* The interface has the version of Xen's tools; what is used here is the same in all of them. */
static int domctl(int fd, uint16_t domain, uint32_t op)
{
	struct hypercall call = { HYPERCALL_DOMCTL, { (uint64_t)(uintptr_t)&shared->domctl } };
	uint32_t version;
	int rc;

	for (version = 0x10; version < 0x20; version++) {
		memset(shared, 0, sizeof(*shared));
		if (op == OP_SAVE)
			set_context();
		else
			set_shadow(op);
		shared->domctl.version = version;
		shared->domctl.domain = domain;
		rc = ioctl(fd, IOCTL_HYPERCALL, &call);
		if (rc >= 0 || errno != EACCES)
			return rc;
	}
	return -1;
}

static unsigned int count(unsigned int first, unsigned int n)
{
	unsigned int i, dirty = 0;

	for (i = first; i < first + n; i++)
		dirty += shared->bitmap[i / 8] >> i % 8 & 1;
	return dirty;
}

static unsigned int frame_number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (*end || n > FRAMES / 2) {
		errno = EINVAL;
		die(text);
	}
	return n;
}

static int check(char **arg)
{
	unsigned int n = frame_number(arg[1]), m = frame_number(arg[3]);
	unsigned int dirty = count(frame_number(arg[0]), n);
	unsigned int spurious = count(frame_number(arg[2]), m);

	printf("log-dirty: %u of %u are dirty, %u of %u others, %u in all\n", dirty, n, spurious, m,
		count(0, FRAMES));
	return dirty != n || spurious;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";
	bool checks = !strcmp(what, "check") && argc == 7;
	uint32_t op;
	int fd;

	if (checks || (!strcmp(what, "clean") && argc == 3)) {
		op = OP_CLEAN;
	} else if (!strcmp(what, "save") && argc == 3) {
		op = OP_SAVE;
	} else if ((!strcmp(what, "on") || !strcmp(what, "off")) && argc == 3) {
		op = what[1] == 'n' ? OP_LOGDIRTY : OP_OFF;
	} else {
		fprintf(stderr,
			"usage: log-dirty DOMAIN on|off|clean|save|check FIRST N CLEAN M\n");
		return 2;
	}
	fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("/dev/xen/privcmd");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
	if (shared == MAP_FAILED)
		die("memory");
	if (domctl(fd, frame_number(argv[1]), op) < 0)
		die(what);
	return checks ? check(argv + 3) : 0;
}
