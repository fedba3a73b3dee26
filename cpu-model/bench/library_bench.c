/* SPDX-License-Identifier: BSD-2-Clause */
/* libepml alone, on flat memory: walks and accesses in a second of CPU time. */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "epml-spec.h"
#include "epml/epml.h"

#define PAGE		0x1000ull
#define PAGES		512u
#define RAM_SIZE	0x00800000ull
/* Host-physical: one EPT table per level; EPT maps guest-physical page n to frame FRAMES + n. */
#define EPT_TABLES	0x00100000ull
#define FRAMES		0x00200000ull
/* Guest-physical: data, one guest table per level, the guest's log. */
#define DATA		0x00000000ull
#define GUEST_TABLES	(PAGES * PAGE)
#define GUEST_LOG	(GUEST_TABLES + 4 * PAGE)
#define MAPPED		(PAGES + 5)

#define EPT_UPPER	(EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE | EPML_EPT_ACCESSED)
#define EPT_PAGE	(EPT_UPPER | EPML_EPT_DIRTY | EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT)
#define PTE_FLAGS	(EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_ACCESSED)
#define MIN_SECONDS	0.1	/* of one sample */

struct rate library_rates[LIBRARY_RATES] = {
	[RATE_EPT_READ] = { .name = "ept-read", .title = "EPT walks for a read" },
	[RATE_GUEST_ACCESS] = {
		.name = "guest-write", .title = "guest writes that set no flag"
	},
	[RATE_GUEST_LOG] = {
		.name = "guest-write-logged",
		.title = "guest writes that set the dirty flag and log"
	},
};

static uint8_t *ram;

/* ---- The host ---- */

static uint64_t host_read(void *host, uint64_t hpa, unsigned size, enum epml_mem what)
{
	uint64_t value = 0;

	(void)what;
	memcpy(&value, (uint8_t *)host + hpa, size);
	return value;
}

static void host_write(void *host, uint64_t hpa, unsigned size, uint64_t value,
		       enum epml_mem what)
{
	(void)what;
	memcpy((uint8_t *)host + hpa, &value, size);
}

static void host_self_ipi(void *host, uint8_t vector)
{
	(void)host;
	(void)vector;
}

static const struct epml_ops ops = { host_read, host_write, host_self_ipi, NULL };

static void put(uint64_t hpa, uint64_t value)
{
	memcpy(ram + hpa, &value, sizeof(value));
}

/* Three upper tables, then page tables one after the other. */
static void build_ept(void)
{
	for (unsigned level = 0; level < 3; level++)
		put(EPT_TABLES + level * PAGE, (EPT_TABLES + (level + 1) * PAGE) | EPT_UPPER);
	put(EPT_TABLES + 2 * PAGE + 8, (EPT_TABLES + 4 * PAGE) | EPT_UPPER);
	for (unsigned i = 0; i < MAPPED; i++)
		put(EPT_TABLES + 3 * PAGE + 8 * i, (FRAMES + i * PAGE) | EPT_PAGE);
}

static void init_cpu(struct epml_cpu *cpu)
{
	*cpu = (struct epml_cpu){
		.ops = &ops, .host = ram, .maxphyaddr = 40, .ept_1g = true,
		.v = {
			.proc = EPML_PROC_ACTIVATE_SECONDARY | EPML_PROC_ACTIVATE_TERTIARY,
			.proc2 = EPML_PROC2_ENABLE_EPT,
			.proc3 = EPML_PROC3_ENABLE_GUEST_PML,
			.eptp = EPT_TABLES | EPML_MEMTYPE_WB | 3 << EPML_EPTP_WALK_SHIFT |
				EPML_EPTP_AD,
			.gpml_address = GUEST_LOG,
			.gpml_index = EPML_LOG_FIRST_INDEX,
			.gpml_threshold = EPML_LOG_FULL_INDEX,
		},
	};
	epml_params_profile(&cpu->params, "hardened");
}

/* ---- What is measured: PAGES accesses; false if one did not end well ---- */

static bool ept_reads(struct epml_cpu *cpu)
{
	bool good = true;

	for (unsigned i = 0; i < PAGES; i++) {
		const struct epml_access a = { .gpa = DATA + i * PAGE, .flags = EPML_ACCESS_READ };
		uint64_t hpa = 0;

		good &= epml_ept_access(cpu, &a, &hpa) == EPML_OK;
		good &= hpa == FRAMES + DATA + i * PAGE;
	}
	return good;
}

/* A walk whose entries are read already, as the host hands it over. */
static struct epml_guest_walk finished_walk(unsigned i, uint64_t leaf_flags)
{
	struct epml_guest_walk w = {
		.access = {
			.gpa = DATA + i * PAGE, .gva = DATA + i * PAGE,
			.flags = EPML_ACCESS_WRITE | EPML_ACCESS_LINEAR,
		},
		.entry_size = 8, .top = 4, .leaf = 1,
	};

	for (unsigned level = 1; level <= 4; level++) {
		w.entry[level].gpa = GUEST_TABLES + (4 - level) * PAGE + (level == 1 ? 8 * i : 0);
		w.entry[level].hpa = FRAMES + w.entry[level].gpa;
		w.entry[level].value = PTE_FLAGS;
	}
	w.entry[1].value |= leaf_flags;
	return w;
}

static bool guest_writes(struct epml_cpu *cpu, uint64_t leaf_flags)
{
	bool good = true;

	for (unsigned i = 0; i < PAGES; i++) {
		struct epml_guest_walk w = finished_walk(i, leaf_flags);
		uint64_t hpa = 0;

		good &= epml_guest_access(cpu, &w, &hpa) == EPML_OK;
		good &= hpa == FRAMES + DATA + i * PAGE;
	}
	return good;
}

static bool plain_writes(struct epml_cpu *cpu)
{
	return guest_writes(cpu, EPML_PTE_DIRTY);
}

/* They fill the log exactly. */
static bool logged_writes(struct epml_cpu *cpu)
{
	cpu->v.gpml_index = EPML_LOG_FIRST_INDEX;
	return guest_writes(cpu, 0) && cpu->v.gpml_index == EPML_LOG_FULL_INDEX;
}

/* ---- Rounds ---- */

static int measure(struct rate *rate, bool (*batch)(struct epml_cpu *cpu))
{
	struct epml_cpu cpu;
	double begin, seconds;
	uint64_t n = 0;

	init_cpu(&cpu);
	begin = seconds_of_thread();
	do {
		if (!batch(&cpu))
			return bench_error("%s: an access did not end as it must", rate->name);
		n += PAGES;
		seconds = seconds_of_thread() - begin;
	} while (seconds < MIN_SECONDS);
	samples_add(&rate->per_second, (double)n / seconds);
	return 0;
}

int library_round(const struct bench_options *o, unsigned round)
{
	static bool (*const batches[LIBRARY_RATES])(struct epml_cpu *cpu) = {
		[RATE_EPT_READ] = ept_reads,
		[RATE_GUEST_ACCESS] = plain_writes,
		[RATE_GUEST_LOG] = logged_writes,
	};
	int status = 0;

	if (!bench_selected(o, "library"))
		return 0;
	ram = calloc(1, RAM_SIZE);
	if (!ram)
		return bench_error("out of memory");
	build_ept();
	for (unsigned i = 0; i < LIBRARY_RATES && !status; i++) {
		const unsigned n = (round + i) % LIBRARY_RATES;

		bench_progress(o, "round %u of %u: %s", round + 1, o->rounds,
			       library_rates[n].name);
		status = measure(&library_rates[n], batches[n]);
	}
	free(ram);
	return status;
}
