/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the OoH Module share. docs/linux-guest.md tells how they work together.
 *
 * A *target* is an address space that is tracked, a *tracker* somebody who wants to know: each
 * tracker has one target, and the trackers of the same process share theirs. Each processor has one
 * log for each target and one, the trash, for all that is not tracked.
 */
#ifndef OOH_MODULE_H
#define OOH_MODULE_H

#include <linux/irq_work.h>
#include <linux/kref.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/uio_driver.h>

#include "ooh_uapi.h"
#include "ooh_call.h"

#define OOH_LOG_ENTRIES 512
#define OOH_INDEX_EMPTY (OOH_LOG_ENTRIES - 1)

/* A page that the processor logs to, and its index while it is not in the processor. */
struct ooh_log {
	u64 *entries;
	u64 gpa;
	u16 index;
};

/* What a target has on each processor. Used by that processor only, with interrupts off. */
struct ooh_target_cpu {
	struct ooh_log log;
	u64 notifications;
	u64 spills;
	u64 switches;
	u64 hypercalls;
	u64 vmaccesses;
};

/* Pages whose dirty flags the kernel has set or moved: an entry for each that is dirty is due. */
struct ooh_range {
	unsigned long start;
	unsigned long end;
};

#define OOH_RANGES 64

struct ooh_target {
	struct list_head node;		/* of ooh_targets; read under RCU */
	struct kref refs;
	struct rcu_head rcu;
	struct mm_struct *mm;		/* mm_count is held, mm_users is not */
	struct ooh_target_cpu __percpu *cpus;
	struct list_head trackers;	/* that are started; read under RCU */
	unsigned int epml;		/* trackers of this kind that are started */
	unsigned int spml;

	raw_spinlock_t lock;		/* of rings and of what follows */
	u64 faults;
	unsigned int n_ranges;
	struct ooh_range ranges[OOH_RANGES];
};

struct ooh_tracker {
	struct list_head node;
	struct ooh_target *target;
	struct pid *pid;		/* of the thread group */
	u32 kind;
	bool started;
	u64 ended;			/* as in the ring */
	struct ooh_user_ring *ring;	/* shared with user space: head and lost are only written */
	u64 *entries;
	u64 mask;
	u64 head;
	u64 lost;
	u64 hypercalls;			/* made by the tracker itself */
	struct ooh_stats base;		/* the target's counts at START, then those at STOP */
	struct irq_work wake;
	struct uio_info uio;
	char name[24];
};

struct ooh_spp_pool;

/* An open /dev/ooh. */
struct ooh_file {
	struct mutex lock;
	struct ooh_tracker *tracker;
	struct ooh_spp_pool *pool;
};

/* main.c */
extern u32 ooh_caps;
extern struct mutex ooh_mutex;	/* of targets, trackers and of what is turned on */

static inline bool ooh_trigger_is_ept(void)
{
	return ooh_caps & OOH_CAP_EPT_DIRTY;
}

/* cpu.c */
int ooh_cpus_init(unsigned int threshold);
void ooh_cpus_exit(void);
int ooh_cpus_on(u32 kind);
void ooh_cpus_off(u32 kind);
void ooh_cpus_refresh(void);
void ooh_cpus_drain(struct ooh_target *target);
void ooh_cpu_switch(struct mm_struct *mm);

/* target.c */
struct ooh_target *ooh_target_get(struct mm_struct *mm);
void ooh_target_put(struct ooh_target *target);
struct ooh_target *ooh_target_find(const struct mm_struct *mm);
struct ooh_target *ooh_target_of_log(unsigned int cpu, u64 gpa);
void ooh_target_push(struct ooh_target *target, u32 kind, const u64 *addresses, unsigned int n);
void ooh_target_push_fault(struct ooh_target *target, unsigned long address);
void ooh_target_push_range(struct ooh_target *target, unsigned long start, unsigned long end);
unsigned int ooh_target_take_ranges(struct ooh_target *target, struct ooh_range *ranges);
void ooh_target_lost(struct ooh_target *target);
void ooh_targets_lost(void);
void ooh_target_notify(struct ooh_target *target);
void ooh_targets_ended(struct pid *pid, u64 how);
void ooh_target_counts(struct ooh_target *target, struct ooh_stats *stats);

/* tracker.c */
int ooh_tracker_create(struct device *parent, struct ooh_register *arg, struct ooh_tracker **made);
void ooh_tracker_destroy(struct ooh_tracker *tracker);
int ooh_tracker_start(struct ooh_tracker *tracker);
int ooh_tracker_stop(struct ooh_tracker *tracker);
int ooh_tracker_drain(struct ooh_tracker *tracker);
void ooh_tracker_stats(struct ooh_tracker *tracker, struct ooh_stats *stats);

/* access.c */
struct mm_struct *ooh_access_mm(struct pid *pid);

/* hooks.c */
int ooh_hooks_init(void);
int ooh_hooks_on(void);
void ooh_hooks_off(void);

/* changes.c */
int ooh_changes_init(void);
void ooh_changes_exit(void);
int ooh_changes_on(void);
void ooh_changes_off(void);
void ooh_changes_missed(void);

/* pages.c */
int ooh_pages_small(struct mm_struct *mm);
void ooh_pages_dirty(struct ooh_target *target);

/* rearm.c */
int ooh_rearm_all(struct ooh_tracker *tracker);
int ooh_rearm_list(struct ooh_tracker *tracker, const u64 __user *addresses, u64 n);

/* spp.c */
int ooh_spp_create(struct ooh_file *file, const struct ooh_spp *arg);
int ooh_spp_mmap(struct ooh_file *file, struct vm_area_struct *vma);
void ooh_spp_destroy(struct ooh_file *file);

#endif
