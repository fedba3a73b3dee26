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

/* Names are those of the list above in lower case: "proc", "ufd", "ufd-async", "spml",
 * "spml-indexed", "epml", "oracle". */
const char *ooh_technique_name(enum ooh_technique technique);
int ooh_technique_by_name(const char *name, enum ooh_technique *technique);

int ooh_open(struct ooh **o, enum ooh_technique technique);
int ooh_register(struct ooh *o, pid_t pid, uint64_t address, uint64_t length);
int ooh_start(struct ooh *o);
ssize_t ooh_collect(struct ooh *o, const uint64_t **pages);
ssize_t ooh_collect_bitmap(struct ooh *o, uint8_t *bitmap, size_t bytes);
int ooh_wait(struct ooh *o, int timeout_ms);
int ooh_rearm(struct ooh *o);
int ooh_stop(struct ooh *o);
void ooh_close(struct ooh *o);
const char *ooh_error(const struct ooh *o);

#ifdef __cplusplus
}
#endif

#endif
