/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The OoH Module's interface to user space.
 *
 * /dev/ooh is the control device. OOH_IOC_REGISTER makes a tracker: it names the process to be
 * tracked (the caller has to be allowed to ptrace it: -EPERM), the kind of log and the size of the
 * ring, and returns the number N of a UIO device /dev/uioN, through which the tracker maps its ring
 * (mmap at offset 0, shared, read and write: the tail is the tracker's) and waits (poll or a 4-byte
 * read, which gives the count of notifications so far). The tracker lives as long as the
 * descriptor of /dev/ooh on which it was made: one for each descriptor (-EBUSY). Closing it stops
 * logging and takes the UIO device away; so does the tracker's death.
 *
 * Several trackers may exist at once, also of the same process; each sees the pages of its process
 * only.
 */
#ifndef OOH_UAPI_H
#define OOH_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define OOH_KIND_EPML	1	/* entries are guest-virtual addresses of pages */
#define OOH_KIND_SPML	2	/* entries are guest-physical addresses of pages */

struct ooh_register {
	__s32 pid;		/* thread-group id, in the caller's pid name space */
	__u32 kind;		/* OOH_KIND_* */
	__u32 ring_pages;	/* 2 to 4096, a power of two plus one header page is made of it */
	__u32 uio;		/* out: N of /dev/uioN */
};

/* Re-arm pages: addresses as in the ring (GVAs or GPAs). n = 0: all pages of the process. */
struct ooh_rearm {
	__u64 addresses;	/* user address of an array of __u64 */
	__u64 n;
};

struct ooh_stats {
	__u64 entries;		/* put into the ring */
	__u64 lost;		/* no room in the ring; the tracker takes all pages as dirty */
	__u64 notifications;	/* self-IPIs handled for this tracker */
	__u64 spills;		/* full logs emptied by the hypervisor */
	__u64 switches;		/* switches to and from the process: N of the formulas */
	__u64 faults;		/* page faults for writing, which are entries of their own */
	__u64 hypercalls;	/* OoH calls on behalf of this tracker */
	__u64 vmaccesses;	/* VMREADs and VMWRITEs on behalf of this tracker */
};

#define OOH_IOC_REGISTER	_IOWR('o', 1, struct ooh_register)
#define OOH_IOC_START		_IO('o', 2)	/* re-arms all pages, then logs */
#define OOH_IOC_STOP		_IO('o', 3)	/* drains, then logs no more */
#define OOH_IOC_DRAIN		_IO('o', 4)	/* log pages of all processors into the ring, now */
#define OOH_IOC_REARM		_IOW('o', 5, struct ooh_rearm)
#define OOH_IOC_STATS		_IOR('o', 6, struct ooh_stats)
#define OOH_IOC_CAPS		_IOR('o', 7, __u32)	/* what OOH_OP_QUERY said */
#define OOH_IOC_MARK		_IOW('o', 8, __u32)	/* phase of the count; CAP_SYS_ADMIN */

/*
 * The header of a tracker's ring, as the hypervisor's (ooh_call.h) but with 8-byte entries: entry i
 * is at byte 4096 + 8 * (i % entries). head and lost are written by the module, tail by the
 * tracker.
 */
struct ooh_user_ring {
	__u64 entries;
	__u64 head;
	__u64 lost;
	__u64 ended;		/* 1: the process has exited, 2: it has executed another program */
	__u64 pad[4];
	__u64 tail;
};

/* SPP: /dev/ooh on a descriptor without tracker. mmap of a pool set up before; see ooh_spp. */
struct ooh_spp {
	__u32 pages;		/* 1 to 512 */
	__u32 frequency;	/* 2, 4, 8, 16, 32: one sub-page in so many is write-protected */
};

#define OOH_IOC_SPP		_IOW('o', 9, struct ooh_spp)

#endif
