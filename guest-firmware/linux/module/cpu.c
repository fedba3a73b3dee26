// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a processor logs, and where: one log at a time, that of the target whose process runs or the
 * trash. All functions here act on the processor that executes them, with interrupts off.
 */
#define pr_fmt(fmt) "ooh: " fmt

#include <linux/cpu.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <asm/irq_vectors.h>

#include "epml-spec.h"
#include "cpu.h"

static u16 threshold;

DEFINE_PER_CPU(struct ooh_cpu, ooh_cpu);

/* The hypervisor has turned logging off, since it could not write the log page. */
static void logging_failed(struct ooh_cpu *cpu)
{
	pr_err_once("the hypervisor has turned logging off on processor %u\n", smp_processor_id());
	cpu->log = NULL;
	cpu->failed = true;
}

static bool read_index(struct ooh_cpu *cpu, u64 *index)
{
	if (ooh_vmread(EPML_VMCS_GUEST_PML_INDEX, index))
		return true;
	logging_failed(cpu);
	return false;
}

/* The target whose log is loaded; NULL if that is the trash, or nothing is logged. */
static struct ooh_target *log_owner(const struct ooh_cpu *cpu)
{
	return cpu->log && cpu->log != &cpu->trash ? cpu->target : NULL;
}

/* The first entry that an index stands for. */
static unsigned int first_entry(u64 index)
{
	return index > OOH_INDEX_EMPTY ? 0 : index + 1;
}

static void push_entries(struct ooh_target *target, const struct ooh_log *log, unsigned int from,
			 unsigned int to)
{
	if (target && from < to)
		ooh_target_push(target, OOH_KIND_EPML, log->entries + from, to - from);
}

/*
 * Empty the log that the processor is writing to. Entries written meanwhile are not lost: the index
 * is read again until it stays. Between its last reading and the reset nothing is logged, since the
 * kernel maps its own data with the dirty flag set.
 */
static void collect_live(struct ooh_cpu *cpu)
{
	unsigned int done = OOH_LOG_ENTRIES, first;
	u64 index, accesses = 2;

	if (!read_index(cpu, &index))
		return;
	while ((first = first_entry(index)) < done) {
		push_entries(log_owner(cpu), cpu->log, first, done);
		done = first;
		accesses++;
		if (!read_index(cpu, &index))
			return;
	}
	if (done < OOH_LOG_ENTRIES && !ooh_vmwrite(EPML_VMCS_GUEST_PML_INDEX, OOH_INDEX_EMPTY))
		logging_failed(cpu);
	if (cpu->target)
		this_cpu_ptr(cpu->target->cpus)->vmaccesses += accesses;
}

/* Empty a log that the processor is not writing to. */
static void collect_saved(struct ooh_target *target, struct ooh_log *log)
{
	push_entries(target, log, first_entry(log->index), OOH_LOG_ENTRIES);
	log->index = OOH_INDEX_EMPTY;
}

/* An entry of the hypervisor's ring. */
static void take_spilled(struct ooh_cpu *cpu, const struct ooh_entry *entry)
{
	const u64 address = entry->address;
	struct ooh_target *target;

	if (!entry->log) {
		if (cpu->target)
			ooh_target_push(cpu->target, OOH_KIND_SPML, &address, 1);
		return;
	}
	target = ooh_target_of_log(smp_processor_id(), entry->log);
	if (target)
		ooh_target_push(target, OOH_KIND_EPML, &address, 1);
}

/*
 * Empty the hypervisor's ring of this processor. It is done before each change of the target, so
 * that what was lost or spilled is the target's that runs.
 */
static void drain_ring(struct ooh_cpu *cpu)
{
	struct ooh_ring *ring = cpu->ring;
	struct ooh_target *target = cpu->target;
	u64 head, lost, spills;

	if (!ring)
		return;
	head = smp_load_acquire(&ring->head);
	for (; cpu->tail != head; cpu->tail++)
		take_spilled(cpu, &cpu->entries[cpu->tail % cpu->n_entries]);
	smp_store_release(&ring->tail, cpu->tail);
	lost = READ_ONCE(ring->lost);
	spills = READ_ONCE(ring->spills);
	if (target) {
		if (lost != cpu->lost)
			ooh_target_lost(target);
		this_cpu_ptr(target->cpus)->spills += spills - cpu->spills;
	}
	cpu->lost = lost;
	cpu->spills = spills;
}

static void spml_start(struct ooh_cpu *cpu)
{
	this_cpu_ptr(cpu->target->cpus)->hypercalls++;
	if (ooh_call(OOH_OP_SPML_START, 0, 0, 0) < 0)
		ooh_target_lost(cpu->target);
	cpu->spml_started = true;
}

static void spml_stop(struct ooh_cpu *cpu)
{
	if (!cpu->spml_started)
		return;
	this_cpu_ptr(cpu->target->cpus)->hypercalls++;
	if (ooh_call(OOH_OP_SPML_STOP, 0, 0, 0) < 0)
		ooh_target_lost(cpu->target);
	cpu->spml_started = false;
}

/*
 * Make the processor write to a log. The accesses are the target's that comes or, with the trash,
 * of the one that goes.
 */
static void load_log(struct ooh_cpu *cpu, struct ooh_log *log, struct ooh_target *payer)
{
	cpu->log = log;
	if (!ooh_vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, log->gpa) ||
	    !ooh_vmwrite(EPML_VMCS_GUEST_PML_INDEX, log->index))
		logging_failed(cpu);
	if (payer)
		this_cpu_ptr(payer->cpus)->vmaccesses += 2;
}

/*
 * A log that is half full would not notify anybody when it is loaded again, since the threshold has
 * been passed; it is emptied here.
 */
static void save_log(struct ooh_cpu *cpu)
{
	struct ooh_target *target = log_owner(cpu);
	u64 index;

	if (!target || !read_index(cpu, &index))
		return;
	this_cpu_ptr(target->cpus)->vmaccesses++;
	cpu->log->index = min_t(u64, index, U16_MAX);
	if (index > OOH_INDEX_EMPTY || index <= threshold)
		collect_saved(target, cpu->log);
}

static void leave_target(struct ooh_cpu *cpu)
{
	if (cpu->target)
		this_cpu_ptr(cpu->target->cpus)->switches++;
	save_log(cpu);
	spml_stop(cpu);
	drain_ring(cpu);
}

static void enter_target(struct ooh_cpu *cpu, struct ooh_target *target)
{
	struct ooh_target *payer = target ? target : cpu->target;

	cpu->target = target;
	if (target)
		this_cpu_ptr(target->cpus)->switches++;
	if (target && target->epml && cpu->failed)
		ooh_target_lost(target);
	if (cpu->log && target && target->epml)
		load_log(cpu, &this_cpu_ptr(target->cpus)->log, payer);
	else if (cpu->log)
		load_log(cpu, &cpu->trash, payer);
	if (target && target->spml && cpu->spml)
		spml_start(cpu);
}

static void change_target(struct ooh_cpu *cpu, struct ooh_target *target)
{
	if (!target && !cpu->target)
		return;
	leave_target(cpu);
	enter_target(cpu, target);
}

/**
 * ooh_cpu_switch - log for the address space that is going to run
 * @mm: the address space, NULL for one that no one tracks
 *
 * For the scheduler's hook: interrupts are off, and nothing may sleep or wake anybody.
 */
void ooh_cpu_switch(struct mm_struct *mm)
{
	struct ooh_cpu *cpu = this_cpu_ptr(&ooh_cpu);
	struct ooh_target *target = ooh_target_find(mm);

	if (target != cpu->target)
		change_target(cpu, target);
}

static void refresh(void *unused)
{
	change_target(this_cpu_ptr(&ooh_cpu), ooh_target_find(current->mm));
}

/* Look again, on all processors, at what runs: trackers have been started or stopped. */
void ooh_cpus_refresh(void)
{
	on_each_cpu(refresh, NULL, 1);
}

static void drain(void *data)
{
	struct ooh_cpu *cpu = this_cpu_ptr(&ooh_cpu);
	struct ooh_target *target = data;

	if (cpu->failed && target->epml)
		ooh_target_lost(target);
	if (cpu->target != target) {
		collect_saved(target, &this_cpu_ptr(target->cpus)->log);
		return;
	}
	if (cpu->log)
		collect_live(cpu);
	if (cpu->spml_started) {
		spml_stop(cpu);
		drain_ring(cpu);
		spml_start(cpu);
	} else {
		drain_ring(cpu);
	}
}

/* Put what all processors have logged for a target into the rings of its trackers. */
void ooh_cpus_drain(struct ooh_target *target)
{
	unsigned int cpu;

	cpus_read_lock();
	on_each_cpu(drain, target, 1);
	for_each_possible_cpu(cpu) {
		if (!cpu_online(cpu))
			collect_saved(target, &per_cpu_ptr(target->cpus, cpu)->log);
	}
	cpus_read_unlock();
}

/*
 * The notification. Its target may have been switched away meanwhile; then its log was emptied if
 * the threshold had been passed, and the one that is loaded now has nothing or little.
 */
void ooh_cpu_notified(void)
{
	struct ooh_cpu *cpu = this_cpu_ptr(&ooh_cpu);

	drain_ring(cpu);
	if (cpu->log)
		collect_live(cpu);
	if (!cpu->target)
		return;
	this_cpu_ptr(cpu->target->cpus)->notifications++;
	ooh_target_notify(cpu->target);
}

void ooh_cpu_set_threshold(u16 value)
{
	threshold = value;
}

/* Turn logging on, with the trash as log. */
int ooh_cpu_epml_on(struct ooh_cpu *cpu)
{
	const u64 how = POSTED_INTR_WAKEUP_VECTOR | (u64)threshold << OOH_THRESHOLD_SHIFT;
	long error = ooh_call(OOH_OP_EPML_ENABLE, cpu->trash.gpa, how, 0);

	if (error)
		return error;
	cpu->epml = true;
	cpu->failed = false;
	cpu->log = &cpu->trash;
	return 0;
}

/* No target is loaded. -EFAULT tells of a log page that could not be written, which is known. */
int ooh_cpu_epml_off(struct ooh_cpu *cpu)
{
	long error = ooh_call(OOH_OP_EPML_DISABLE, 0, 0, 0);

	cpu->epml = false;
	cpu->log = NULL;
	return error == -EFAULT ? 0 : error;
}

/* Before logging is turned off: what the processor has logged is the target's. */
void ooh_cpu_leave(struct ooh_cpu *cpu)
{
	change_target(cpu, NULL);
}
