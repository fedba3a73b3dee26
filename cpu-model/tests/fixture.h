/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host for libepml in which nothing happens unseen: sparse memory that knows what each page is
 * for, recorded events and self-IPIs, and a comparison of all memory with what it was before.
 *
 *	HPA			what
 *	FX_EPT_PML4 ...		EPT paging structures, one table for each level
 *	FX_PML			hypervisor's log
 *	FX_VE_INFO		virtualization-exception information area
 *	FX_VMREAD, FX_VMWRITE	bitmaps
 *	FX_SPPT_ROOT ...	sub-page-permission table, one table for each level
 *	FX_FRAME + GPA		frame of a guest page, GPA below 40000H
 *
 *	GPA			what
 *	FX_GPA_PML4 ...		guest paging structures, one table for each level
 *	FX_GPA_LOG		guest's log;  FX_GPA_LOG2: another page for it
 *	FX_GPA_DATA, _DATA2	mapped at FX_GVA_DATA and FX_GVA_DATA2
 *
 * At the start everything is on and settled: profile hardened, both logs with 512 free entries,
 * VMCS shadowing without exits, EPT accessed and dirty flags. Every flag is set but those of the
 * entries that map the data pages, in EPT and in the guest's tables. Sub-page write permissions are
 * off; the SPPT has valid entries down to leaves that make nothing writable.
 */
#ifndef EPML_TESTS_FIXTURE_H
#define EPML_TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "epml/epml.h"
#include "epml-spec.h"

#define FX_EPT_PML4	0x10000ull
#define FX_EPT_PDPT	0x11000ull
#define FX_EPT_PD	0x12000ull
#define FX_EPT_PT	0x13000ull
#define FX_PML		0x20000ull
#define FX_VE_INFO	0x21000ull
#define FX_VMREAD	0x22000ull
#define FX_VMWRITE	0x23000ull
#define FX_SPPT_ROOT	0x24000ull
#define FX_FRAME	0x100000ull

#define FX_GPA_PML4	0x1000ull
#define FX_GPA_PDPT	0x2000ull
#define FX_GPA_PD	0x3000ull
#define FX_GPA_PT	0x4000ull
#define FX_GPA_LOG	0x5000ull
#define FX_GPA_LOG2	0x6000ull
#define FX_GPA_DATA	0x8000ull
#define FX_GPA_DATA2	0x9000ull
#define FX_GPA_END	0x40000ull

/* Four different indices, none of them 0, and bits 63:48 set. */
#define FX_GVA_DATA	0xFFFFC28305008000ull
#define FX_GVA_DATA2	(FX_GVA_DATA + 0x1000)

#define FX_VECTOR	0xE7
#define FX_THRESHOLD	100

#define FX_WRITE	(EPML_ACCESS_WRITE | EPML_ACCESS_LINEAR)
#define FX_READ		(EPML_ACCESS_READ | EPML_ACCESS_LINEAR)
#define FX_FETCH	(EPML_ACCESS_FETCH | EPML_ACCESS_LINEAR)
#define FX_WALK		(EPML_ACCESS_READ | EPML_ACCESS_LINEAR | EPML_ACCESS_WALK)

#define FX_EPT_RWX	(EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE)
#define FX_EPT_AD	(EPML_EPT_ACCESSED | EPML_EPT_DIRTY)
#define FX_PTE_AD	(EPML_PTE_ACCESSED | EPML_PTE_DIRTY)

#define FX_PAGES	512	/* a power of two */
#define FX_EVENTS	64
#define FX_WRITES	64

struct fx_page {
	uint64_t hpa;
	unsigned uses;			/* 1 << enum epml_mem: what the model may touch it for */
	uint64_t *now, *then;		/* content, and content when fx_save() was called */
};

struct fx_write {
	uint64_t hpa, value, old;
	unsigned size;
	enum epml_mem what;
};

struct fixture {
	struct epml_cpu cpu;
	struct epml_vmcs then;
	struct fx_page pages[FX_PAGES];	/* hash table */
	unsigned n_events, n_ipis, n_writes;
	struct epml_event events[FX_EVENTS];
	uint8_t ipis[FX_EVENTS];
	uint16_t ipi_index[FX_EVENTS];	/* Guest PML Index when the self-IPI was posted */
	struct fx_write writes[FX_WRITES];
};

/** CMocka setup and teardown: *state is a struct fixture. */
int fx_setup(void **state);
int fx_teardown(void **state);

#define fx_test(f) cmocka_unit_test_setup_teardown(f, fx_setup, fx_teardown)

/** Turn sub-page write permissions on. FX_GPA_DATA has those of @p leaf, its SPPT entry. */
void fx_set_spp(struct fixture *fx, uint64_t leaf);
/** Choose a profile; translation at-vmwrite makes Guest PML Address an HPA. */
void fx_profile(struct fixture *fx, const char *name);
void fx_set_translation(struct fixture *fx, enum epml_translation translation);
void fx_set_ve(struct fixture *fx, bool on);

/** Add a zeroed page that the model may use for @p uses, a mask of 1 << enum epml_mem. */
void fx_add_page(struct fixture *fx, uint64_t hpa, unsigned uses);
/** The 8 bytes at @p hpa. */
uint64_t *fx_word(struct fixture *fx, uint64_t hpa);

/** HPA of the EPT entry of level 1 to 4 for @p gpa. */
uint64_t fx_epte(uint64_t gpa, unsigned level);
/** HPA of the SPPT entry of level 1 (leaf) to 4 for @p gpa. */
uint64_t fx_sppte(uint64_t gpa, unsigned level);
/** HPA and GPA of the guest entry of level 1 to 4 for @p gva. */
uint64_t fx_pte(uint64_t gva, unsigned level);
uint64_t fx_pte_gpa(uint64_t gva, unsigned level);
/** Clear, then set bits of an EPT or guest entry of a level. */
void fx_ept_change(struct fixture *fx, uint64_t gpa, unsigned level, uint64_t clear,
		   uint64_t set);
void fx_pte_change(struct fixture *fx, uint64_t gva, unsigned level, uint64_t clear,
		   uint64_t set);
/** HPA of entry @p index of the guest's log, and of the hypervisor's. */
uint64_t fx_log_entry(unsigned index);
uint64_t fx_pml_entry(unsigned index);

/** The finished walk of the guest's structures in memory for an access. */
struct epml_guest_walk fx_walk(struct fixture *fx, uint64_t gva, unsigned flags);
/** Complete a linear access (epml_guest_access). */
enum epml_result fx_access(struct fixture *fx, uint64_t gva, unsigned flags, uint64_t *hpa);
/** The same, of @p size bytes. */
enum epml_result fx_access_size(struct fixture *fx, uint64_t gva, unsigned size, unsigned flags,
				uint64_t *hpa);
/** A guest-physical access (epml_ept_access). */
enum epml_result fx_physical(struct fixture *fx, uint64_t gpa, unsigned flags, uint64_t *hpa);

/** Remember memory and VM-execution state, and forget events, self-IPIs and writes. */
void fx_save(struct fixture *fx);
/** Number of writes of a kind since fx_save(). */
unsigned fx_count_writes(const struct fixture *fx, enum epml_mem what);
/** The cheap part of fx_save(): everything but memory. */
void fx_forget(struct fixture *fx);
/** Put memory and VM-execution state back to what fx_save() has remembered. */
void fx_restore(struct fixture *fx);
/** Assert that since fx_save() exactly these 8-byte words have changed, in any order. */
void fx_expect_changed(struct fixture *fx, unsigned n, const uint64_t *hpas);
/** Assert that two VM-execution states are the same, field by field. */
void fx_expect_state(const struct epml_vmcs *v, const struct epml_vmcs *expected);
/** Assert that neither memory nor the VM-execution state has changed since fx_save(). */
void fx_expect_unchanged(struct fixture *fx);
/** Assert the types of all events since fx_save(). */
void fx_expect_events(struct fixture *fx, unsigned n, const enum epml_event_type *types);
/** Assert the VM exit (or #VE) that the last call left in cpu->exit. */
void fx_expect_exit(struct fixture *fx, uint32_t reason, uint64_t qualification);
void fx_expect_exit_addresses(struct fixture *fx, bool gpa_valid, uint64_t gpa, bool gva_valid,
			      uint64_t gva);

/** fx_save(), and then a write to FX_GVA_DATA or FX_GVA_DATA2. */
enum epml_result fx_write(struct fixture *fx, uint64_t gva);
/** fx_write(), which completes and writes @p n entries of the guest's log. */
void fx_expect_entries(struct fixture *fx, uint64_t gva, unsigned n);
/** fx_write(), which exits and leaves everything as it was. */
void fx_expect_write_exits(struct fixture *fx, uint64_t gva, uint32_t reason,
			   uint64_t qualification);

#define FX_CHANGED(fx, ...) \
	fx_expect_changed(fx, sizeof((uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t), \
			  (uint64_t[]){ __VA_ARGS__ })
#define FX_EVENTS_ARE(fx, ...) \
	fx_expect_events(fx, sizeof((enum epml_event_type[]){ __VA_ARGS__ }) / \
			 sizeof(enum epml_event_type), (enum epml_event_type[]){ __VA_ARGS__ })

#endif
