/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stress test, its steps (stress_steps.c) and its invariants (stress_check.c) share. */
#ifndef EPML_TESTS_STRESS_H
#define EPML_TESTS_STRESS_H

#include "fixture.h"

/* What a run has met. A stress test that never fills a log shows nothing. */
enum seen {
	SEEN_OK, SEEN_PAGE_FAULT, SEEN_VIOLATION, SEEN_MISCONFIGURATION, SEEN_GUEST_FULL,
	SEEN_PML_FULL, SEEN_VE, SEEN_DROP, SEEN_ENTRY, SEEN_NOTIFY, SEEN_VMFAIL, SEEN_VMWRITE,
	SEEN_OWN_LOG_PAGE, SEEN_SPP_GRANT, SEEN_SPP_DENIAL, SEEN_SPP_MISS,
	SEEN_SPP_MISCONFIGURATION, N_SEEN
};

struct stress {
	struct fixture *fx;
	struct epml_vmcs base;	/* what each world begins with */
	unsigned combination, step;
	unsigned long seen[N_SEEN];
};

extern struct stress run;

#define check(condition) \
	do { \
		if (!(condition)) \
			fail_msg("combination %u, step %u: %s", run.combination, run.step, \
				 #condition); \
	} while (0)

#define STRESS_COMBINATIONS (2 * 2 * 3 * 2 * 2)

/** The parameters of a combination. */
struct epml_params stress_params(unsigned combination);
/** The next random number: for the user of the steps to define. */
uint64_t stress_random(void);
/** Another world, with run.base as its VM-execution state. */
void stress_world(void);
/** Something that software does, sometimes, and an access, with all invariants. */
void stress_step(void);

/* What EPT says, read independently of the model. */
struct translation {
	bool mapped;
	uint64_t rwx, leaf, hpa;
	uint64_t upper;		/* AND of the entries above the leaf */
};

/* What the SPPT says of a write, if it is asked. */
enum sub_pages { NOT_ASKED, GRANTED, DENIED, MISS, MISCONFIGURED };

struct translation stress_translate(uint64_t gpa);

/* One access by a call of the model. */
struct call {
	const struct epml_access *access;
	struct translation own, log;	/* of the access and of the log entry, before the call */
	enum sub_pages sub_pages;
};

/** Before the call. */
struct call stress_begin(const struct epml_access *access);
/** After the call: assert all invariants. */
void stress_end(const struct call *c, enum epml_result r, uint64_t hpa);
/** Of these, the one that holds for VMWRITE as well. */
void stress_check_counts(void);

#endif
