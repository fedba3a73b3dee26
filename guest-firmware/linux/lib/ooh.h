/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OoH Lib: which pages of a process have been modified, by one of several techniques, with one
 * interface.
 *
 *	struct ooh *o;
 *	ooh_open(&o, OOH_EPML);
 *	ooh_register(o, pid, address, length);
 *	ooh_start(o);
 *	for (;;) {
 *		...
 *		n = ooh_collect(o, &pages);	// deduplicated, ascending; then re-armed
 *	}
 *	ooh_stop(o); ooh_close(o);
 *
 * "Modified" means written by a processor through the process's own address space, in user or
 * kernel mode. Writes by other processes through shared memory, by kernel threads, by devices or
 * by the host are outside of what any of the techniques sees.
 *
 * Functions return 0 or a count, or the negative of an error number; ooh_error() tells in one line
 * what went wrong. A handle is used by one thread at a time.
 */
#ifndef OOH_H
#define OOH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ooh_technique {
	OOH_PROC,		/* soft-dirty: /proc/PID/clear_refs and pagemap */
	OOH_UFD,		/* userfaultfd write protection, faults handled in user space */
	OOH_UFD_ASYNC,		/* userfaultfd WP_ASYNC with the PAGEMAP_SCAN ioctl */
	OOH_SPML,		/* hypervisor's PML; each address looked up in /proc/PID/pagemap */
	OOH_SPML_INDEXED,	/* the same with one pass over pagemap and an index of frames */
	OOH_EPML,		/* guest PML */
	OOH_ORACLE,		/* compares contents with a copy; exact, for checking */
	OOH_TECHNIQUES
};

struct ooh;

/* Of a handle since ooh_register(). Where a technique has no such thing, the number is 0. */
struct ooh_statistics {
	uint64_t collections;	/* ooh_collect() and ooh_collect_bitmap() */
	uint64_t pages;		/* reported by them */
	uint64_t system_calls;	/* made by the library in the tracker */
	uint64_t faults;	/* ufd: handled by the tracker; epml: made entries by the module */
	uint64_t entries;	/* taken out of the ring */
	uint64_t duplicates;	/* of these entries: page was there already */
	uint64_t foreign;	/* of these entries: not in the registered range */
	uint64_t lost;		/* entries that had no room in the ring */
	uint64_t overflows;	/* collections that reported all pages because of lost entries */
	uint64_t reverse_steps;	/* entries of /proc/PID/pagemap looked at to find frames (spml) */
	uint64_t notifications;	/* and the following: of the module, see ooh_uapi.h */
	uint64_t switches;
	uint64_t spills;
	uint64_t hypercalls;
	uint64_t vmaccesses;
};

/* Names are those of the list above in lower case: "proc", "ufd", "ufd-async", "spml",
 * "spml-indexed", "epml", "oracle". */
const char *ooh_technique_name(enum ooh_technique technique);
int ooh_technique_by_name(const char *name, enum ooh_technique *technique);

/*
 * A handle for one technique. -EOPNOTSUPP: kernel or processor lacks what it takes; -EPERM: the
 * caller lacks a right. After a failure there is no handle: ooh_error(NULL) tells why.
 */
int ooh_open(struct ooh **o, enum ooh_technique technique);

/* Only before ooh_register(): pages of the ring of "spml", "spml-indexed" and "epml", 2 to 4096, a
 * power of two; 0, as if not called: by the length of the range. Other techniques ignore it. */
int ooh_set_ring(struct ooh *o, unsigned int pages);

/*
 * The process (it may be the caller's own) and the range of its addresses, in whole pages, of
 * which pages are reported. The range may have holes, and mappings may come and go in it.
 */
int ooh_register(struct ooh *o, pid_t pid, uint64_t address, uint64_t length);

/* Writes from now on are found. Pages that were modified before are not reported. */
int ooh_start(struct ooh *o);

/*
 * The pages modified since the last collection, or since ooh_start(): their number, and their
 * addresses, ascending and each once, which stay until the next call. The pages are re-armed
 * before the function returns; who reads their contents afterwards misses no write.
 *
 * If entries were lost, all pages that are mapped in the range are reported. Once the process has
 * exited or executed another program, what was found before is reported, then -ESRCH. After
 * ooh_stop(), what was modified before it is reported, then 0.
 */
ssize_t ooh_collect(struct ooh *o, const uint64_t **pages);

/* The same in a bitmap: bit i % 8 of byte i / 8 is page i of the range. -ENOSPC, and nothing is
 * collected, if the range has more than 8 * bytes pages. */
ssize_t ooh_collect_bitmap(struct ooh *o, uint8_t *bitmap, size_t bytes);

/*
 * Wait until there is something to collect: 1. 0: timeout_ms milliseconds have passed (-1: no
 * limit). -ESRCH: the process has ended. "spml", "spml-indexed" and "epml" wait for a notification,
 * "ufd" for a fault; the others can't know, and pass the time.
 */
int ooh_wait(struct ooh *o, int timeout_ms);

/* Forget what was modified until now; writes from now on are found. */
int ooh_rearm(struct ooh *o);

/* End tracking. ooh_start() begins anew. */
int ooh_stop(struct ooh *o);

/* Frees the handle, also while tracking. NULL is allowed. */
void ooh_close(struct ooh *o);

int ooh_statistics(struct ooh *o, struct ooh_statistics *statistics);

/* Have a function called inside each collection when the pages have been found and re-arming
 * begins, to measure the two apart. "proc" and "oracle" included; not by "ufd-async", of which
 * re-arming is part of finding. NULL: no function. */
void ooh_on_rearm(struct ooh *o, void (*begin)(void *context), void *context);

/* What the last function that failed on this handle met: one line. NULL: the last ooh_open() of
 * this thread. */
const char *ooh_error(const struct ooh *o);

#ifdef __cplusplus
}
#endif

#endif
