/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test vector in memory, for one profile. docs/vectors.md explains every key; the names here are
 * those of the keys. "at" members point to the JSON value that an item came from, for messages.
 */
#ifndef EPML_VECTOR_H
#define EPML_VECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include <epml/epml.h>

#include "arena.h"
#include "jsonfile.h"
#include "vecimg.h"

/* ---- Address expressions (addrexpr.c) ---- */

enum addr_kind {
	ADDR_NUMBER,		/* a */
	ADDR_PTE,		/* guest entry of GVA a at level (0: the entry that maps it) */
	ADDR_EPTE,		/* EPT entry of GPA a at level (0: the entry that maps it) */
	ADDR_HPA,		/* frame of GPA a */
	ADDR_GLOG,		/* guest's log, entry a */
	ADDR_PLOG,		/* hypervisor's log, entry a */
	ADDR_SPPTE,		/* SPPT entry of GPA a at level (0: the leaf) */
	ADDR_SPP,		/* no address: SPPT leaf for the sub-pages a, see sppt_leaf() */
};

struct addr {
	enum addr_kind kind;
	bool alias;		/* GVA and GPA of the system alias of the address */
	unsigned level;
	uint64_t a;
	uint64_t offset;
	const json_t *at;
};

/* ---- setup ---- */

enum {
	CTL_PML = 1, CTL_GUEST_PML = 2, CTL_VMCS_SHADOWING = 4, CTL_EPT_VE = 8, CTL_VMFUNC = 16,
	CTL_VPID = 32, CTL_SPP = 64,
};

enum { NOCTL_EPT = 1, NOCTL_VID = 2, NOCTL_TERTIARY = 4 };

#define LEVELS 4

struct entry_flags {
	bool given;
	uint64_t bits;			/* of the entry that maps the page */
	uint64_t raw_set[LEVELS + 1], raw_clear[LEVELS + 1];	/* by level; [0]: that entry */
};

struct vpage {
	bool has_gva, has_hpa, has_ept_size;
	uint64_t gva, gpa, hpa;
	unsigned level, ept_level;	/* 1 = 4K, 2 = 2M, 3 = 1G */
	unsigned count;
	struct entry_flags guest, ept;
	struct entry_flags spp;		/* SPPT leaf and the entries above it */
	const json_t *at;
};

struct vfield {
	uint32_t field;
	struct addr value;
	const json_t *at;
};

struct vmem {
	struct addr where, value;
	unsigned size;
	const json_t *at;
};

struct vbit {
	bool write;			/* VMWRITE bitmap */
	bool set;
	uint32_t field;
};

struct vsetup {
	unsigned cpl;
	bool interrupts;
	unsigned controls, no_controls;
	bool eptp_raw;
	uint64_t eptp;
	struct entry_flags guest_tables, log_page;
	bool has_log_hpa;
	uint64_t log_hpa;
	uint64_t ist;
	bool regs;			/* report the guest's registers (user programs) */
	uint64_t text_hpa;		/* a page to be reported, 0 = none (user programs) */
	struct vfield *fields;
	struct vpage *pages;
	struct vmem *memory;
	struct vbit *bits;
	unsigned n_fields, n_pages, n_memory, n_bits;
	const json_t *log_at;
};

/* ---- steps ---- */

struct vstep {
	enum vi_op op;
	unsigned size;
	unsigned handler;		/* as in struct vi_step */
	bool invept_eptp;		/* b of INVEPT is the EPTP of the vector */
	bool current_cr3;		/* a of MOV to CR3 is the initial value */
	struct addr a, b, c;
	const json_t *at;
};

/* ---- expect ---- */

enum entry_kind { ENTRY_OK, ENTRY_VMFAIL, ENTRY_EXIT };

#define HAS_QUAL	0x001u
#define HAS_GPA		0x002u
#define HAS_GVA		0x004u
#define HAS_STEP	0x008u
#define HAS_IDT		0x010u
#define HAS_IDT_ERROR	0x020u
#define HAS_INT		0x040u
#define HAS_ERROR	0x080u
#define HAS_CR2		0x100u
#define HAS_VALUE	0x200u
#define HAS_CF		0x400u
#define HAS_ZF		0x800u

struct xexit {
	unsigned has;
	uint32_t reason;
	struct addr qualification, gpa, gva;
	unsigned step;
	uint64_t idt_vectoring, idt_error, int_info;
};

struct xevent {
	unsigned has;
	unsigned vector, step;
	uint64_t error;
	struct addr cr2;
};

struct xresult {
	unsigned has;
	struct addr value;
	bool cf, zf;
};

struct xlog {
	bool compared;
	struct addr *entries;
	unsigned n;
	bool has_index;
	uint16_t index;
};

/* Accessed and dirty flags of an entry. */
struct xflags {
	uint64_t address;		/* GPA (EPT) or GVA (guest) */
	bool accessed, dirty;
	const json_t *at;
};

struct vexpect {
	enum entry_kind entry;
	unsigned entry_error;
	struct xexit entry_exit;
	struct xexit *exits;
	struct xevent *events;
	struct xresult *results;
	bool has_results;
	unsigned n_exits, n_events, n_results;
	struct xlog guest_log, pml_log;
	struct vfield *fields;
	struct vmem *memory;
	struct xflags *ept, *pte;
	unsigned n_fields, n_memory, n_ept, n_pte;
};

/* ---- The vector ---- */

enum profile { PROFILE_PUBLISHED, PROFILE_HARDENED, PROFILES };

extern const char *const profile_names[PROFILES];

/** The enum profile of a name, or -1. */
int profile_find(const char *name);

struct compiled;

struct vector {
	const char *id, *title;
	const char **rules;
	unsigned n_rules;
	unsigned properties;		/* bit n - 1 for Pn */
	bool sdm;			/* runs on any processor with PML */
	bool once;			/* first variant of its id: the one that stock Bochs runs */
	unsigned stock_defect;		/* 0: stock Bochs must pass */
	const char *stock_text;
	enum profile profile;
	struct epml_params params;
	const char *param_text;		/* ", full=ve": what differs from the profile, or "" */
	struct vsetup setup;
	struct vstep *steps;		/* main sequence, then handlers */
	unsigned n_steps;
	struct vexpect expect;
	struct compiled *compiled;	/* the loader compiles what it loads */
	const struct jsonfile *file;	/* NULL: not from a file */
	bool silent;			/* mistakes print nothing: made by a program that looks */
	const json_t *at;
};

/**
 * Print one line about a mistake in a vector on stderr: "file:line: id: text", unless it is silent.
 * @param at	the value that is wrong, or NULL for the vector as a whole
 * @return	-1
 */
int vector_error(const struct vector *v, const json_t *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
