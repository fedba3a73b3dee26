/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libepml: the C reference model of EPML, Intel PML and EPT.
 *
 * One struct epml_cpu per logical processor; no global state, no allocation, no dependency. The
 * host (Bochs, the standalone machine, a proof) provides memory, the virtual interrupt and the
 * trace through struct epml_ops, and carries out what a result code asks for.
 *
 * Names are those of the Intel SDM, volume 3C. GVA, GPA and HPA are guest-virtual, guest-physical
 * and host-physical addresses, all in bytes. Rule ids are those of vmcs-spec/rules.json.
 */
#ifndef EPML_EPML_H
#define EPML_EPML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Design parameters: what the published proposal leaves open ------------------------- */

enum epml_trigger { EPML_TRIGGER_EPT_DIRTY, EPML_TRIGGER_GUEST_DIRTY };
enum epml_translation { EPML_TRANSLATE_AT_VMWRITE, EPML_TRANSLATE_AT_LOG };
enum epml_full { EPML_FULL_DROP, EPML_FULL_EXIT, EPML_FULL_VE };
enum epml_notification { EPML_NOTIFY_WHEN_FULL, EPML_NOTIFY_THRESHOLD };
enum epml_walk_writes { EPML_WALKS_NOT_LOGGED, EPML_WALKS_LOGGED };

struct epml_params {
	enum epml_trigger trigger;
	enum epml_translation translation;
	enum epml_full full;
	enum epml_notification notification;
	enum epml_walk_writes walk_writes;
};

/**
 * Set all parameters from a named profile.
 * @param p	filled in on success, unchanged otherwise
 * @param name	"published" or "hardened"
 * @return	true if the profile is known
 */
bool epml_params_profile(struct epml_params *p, const char *name);

/**
 * Set one parameter by name, as it stands in bochsrc and in vectors.
 * @param key	"trigger", "translation", "full", "notification" or "walk-writes"
 * @param value	a value of that parameter, e.g. "guest-dirty"
 * @return	NULL, or a text that says what was expected
 */
const char *epml_params_set(struct epml_params *p, const char *key, const char *value);

/** Value of parameter @p key as text, or NULL if there is no such parameter. */
const char *epml_params_get(const struct epml_params *p, const char *key);

/* ---- Events: the architectural trace ---------------------------------------------------- */

enum epml_event_type {
	EPML_EV_WALK,		/* EPT translation done: access, gva, gpa, hpa */
	EPML_EV_EPT_FLAGS,	/* EPT accessed/dirty set: addr (HPA of entry), level, value, gpa */
	EPML_EV_PTE_FLAGS,	/* the guest's: addr (GPA of entry), level, value, gva */
	EPML_EV_PML,		/* hypervisor log entry: index, gpa */
	EPML_EV_GPML,		/* guest log entry: index, gva, addr (HPA written) */
	EPML_EV_GPML_DROP,	/* entry lost: gva */
	EPML_EV_SPP,		/* write granted by sub-page permissions: gpa, value (vector) */
	EPML_EV_NOTIFY,		/* self-IPI posted: vector */
	EPML_EV_EXIT,		/* VM exit: reason, value (qualification), gpa, gva */
	EPML_EV_VE,		/* virtualization exception: reason, value, gpa, gva */
	EPML_EV_VMREAD,		/* in VMX non-root: field, value */
	EPML_EV_VMWRITE,	/* in VMX non-root: field, value */
	EPML_EV_VMFAIL,		/* VMREAD/VMWRITE in non-root failed: field, value = error number */
	EPML_EV_VMENTRY,	/* VM entry done: index and addr of the guest's log */
	EPML_EV_INTERRUPT,	/* virtual interrupt delivered: vector */
	EPML_EV_COUNT
};

struct epml_event {
	enum epml_event_type type;
	unsigned access;	/* EPML_ACCESS_* */
	uint32_t reason;	/* VM-exit reason */
	uint32_t field;		/* VMCS encoding */
	unsigned level;		/* 1 = PTE ... 4 = PML4E */
	uint16_t index;		/* log index */
	uint8_t vector;
	uint64_t gva, gpa, hpa, addr, value;
};

/**
 * Format an event as one line without newline; the format is stable (docs/trace.md).
 * @return	length of the line, as snprintf
 */
int epml_event_format(const struct epml_event *ev, char *buf, size_t size);

/* ---- The host --------------------------------------------------------------------------- */

/* What a physical access of the model is for. */
enum epml_mem {
	EPML_MEM_EPT,		/* EPT paging-structure entry */
	EPML_MEM_GUEST_PTE,	/* guest paging-structure entry */
	EPML_MEM_PML,		/* hypervisor's log */
	EPML_MEM_GPML,		/* guest's log */
	EPML_MEM_VE_INFO,	/* virtualization-exception information area */
	EPML_MEM_VMX_BITMAP,	/* VMREAD/VMWRITE bitmap */
	EPML_MEM_SPPT		/* sub-page-permission-table entry */
};

struct epml_ops {
	/* Read @p size (1, 2, 4 or 8) bytes at host-physical @p hpa. */
	uint64_t (*read)(void *host, uint64_t hpa, unsigned size, enum epml_mem what);
	/* Write @p size (1, 2, 4 or 8) bytes at host-physical @p hpa. */
	void (*write)(void *host, uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what);
	/* Virtual self-IPI: as a write of @p vector to the virtual SELF IPI register. */
	void (*self_ipi)(void *host, uint8_t vector);
	/* Trace sink, or NULL. */
	void (*event)(void *host, const struct epml_event *ev);
};

/* ---- Processor state -------------------------------------------------------------------- */

/* The VM-execution state that EPML, PML and EPT use; loaded at VM entry, saved at VM exit. */
struct epml_vmcs {
	uint32_t pin, proc, proc2;	/* VM-execution controls */
	uint64_t proc3;			/* tertiary processor-based controls; 0 if not activated */
	uint64_t eptp;
	uint64_t spptp;			/* sub-page-permission-table pointer */
	uint64_t pml_address;
	uint16_t pml_index;
	uint64_t gpml_address;		/* HPA with at-vmwrite, GPA with at-log */
	uint16_t gpml_index;
	uint16_t gpml_vector;
	uint16_t gpml_threshold;
	uint64_t vmread_bitmap, vmwrite_bitmap;	/* HPA */
	uint64_t link_pointer;		/* VMCS link pointer */
	uint64_t ve_info;		/* HPA */
	uint16_t eptp_index;
};

struct epml_exit {
	uint32_t reason;		/* basic exit reason */
	uint64_t qualification;
	uint64_t gpa, gva;		/* guest-physical and guest-linear address fields */
	bool gpa_valid, gva_valid;	/* does the exit write these fields? */
};

/* What a host may cache of a granted write: permission for the page, or for its sub-pages. */
struct epml_spp {
	bool limited;			/* only sub-pages; else the page as a whole */
	uint32_t writable;		/* bit i: bytes 128 * i to 128 * i + 127 */
	bool write_only;		/* EPT permits no reads: a host that cannot say so for a
					 * translation keeps none */
};

struct epml_cpu {
	struct epml_params params;
	const struct epml_ops *ops;
	void *host;
	unsigned maxphyaddr;		/* 36 to 52 */
	bool ept_1g;			/* 1-GByte EPT pages supported */
	struct epml_vmcs v;		/* valid in VMX non-root operation */
	struct epml_exit exit;		/* valid after EPML_VMEXIT and EPML_VE */
	struct epml_spp spp;		/* of the access, after EPML_OK for a write */
};

enum epml_result {
	EPML_OK,
	EPML_VMEXIT,	/* the host performs the VM exit in cpu->exit (fault-like) */
	EPML_VE,	/* the host raises #VE; the information area is written */
};

/* ---- Accesses --------------------------------------------------------------------------- */

#define EPML_ACCESS_READ	0x01u
#define EPML_ACCESS_WRITE	0x02u	/* with _READ: a read-modify-write; of a page walk: both */
#define EPML_ACCESS_FETCH	0x04u
#define EPML_ACCESS_LINEAR	0x10u	/* made with a linear address: gva is valid */
#define EPML_ACCESS_WALK	0x20u	/* access to a guest paging-structure entry */
#define EPML_ACCESS_IN_EVENT	0x40u	/* during delivery of an event through the IDT */
#define EPML_ACCESS_NMI_IRET	0x80u	/* NMI unblocking due to IRET */
#define EPML_ACCESS_LOG		0x100u	/* on account of the guest's log: a write of an entry, or
					 * VMWRITE of its address. Never becomes #VE. */
#define EPML_ACCESS_NO_PE	0x200u	/* CR0.PE = 0: no #VE */

struct epml_access {
	uint64_t gpa;
	uint64_t gva;		/* valid with EPML_ACCESS_LINEAR */
	unsigned flags;		/* EPML_ACCESS_* */
	unsigned size;		/* bytes from gpa on, in its page only; 0 counts as 1. For a write
				 * by a linear address. */
};

/**
 * Translate a guest-physical address through EPT and do all that the access entails: permission
 * and misconfiguration checks, accessed and dirty flags, the hypervisor's log and, with trigger
 * ept-dirty, the guest's log. Nothing is changed unless EPML_OK is returned, but for what the
 * access of the guest's log entry itself has done before (rule GPML-ADDR-3).
 * @param cpu	in VMX non-root operation, "enable EPT" = 1
 * @param a	the access; one page
 * @param hpa	result, for EPML_OK
 * @return	EPML_OK, EPML_VMEXIT or EPML_VE
 * @see		SDM 3C "The EPT translation mechanism"; rules EPT-*, PML-*, GPML-*
 */
enum epml_result epml_ept_access(struct epml_cpu *cpu, const struct epml_access *a, uint64_t *hpa);

#define EPML_GUEST_LEVELS 5

/* A finished walk of the guest's paging structures, before accessed and dirty flags are set. */
struct epml_guest_walk {
	struct epml_access access;	/* the access that was translated; gpa is its result */
	unsigned entry_size;		/* 8, or 4 with 32-bit paging */
	unsigned top, leaf;		/* levels used: top (4, 3, 2) down to leaf (1, 2, 3) */
	struct {
		uint64_t gpa, hpa;	/* of the entry */
		uint64_t value;		/* as read; updated with the flags set */
	} entry[EPML_GUEST_LEVELS];	/* by level, 1 to 4 */
};

/**
 * Complete a linear access whose guest page walk succeeded: translate its guest-physical address
 * (as epml_ept_access does), set accessed and dirty flags in the guest's paging structures as
 * checked guest-physical writes, and with trigger guest-dirty write the guest's log. Either all
 * of it happens or nothing of the access's own does.
 * @return	as epml_ept_access
 * @see		rules GWALK-*, GPML-*
 */
enum epml_result epml_guest_access(struct epml_cpu *cpu, struct epml_guest_walk *w, uint64_t *hpa);

/* ---- VMCS access in VMX non-root operation ---------------------------------------------- */

enum epml_insn {
	EPML_INSN_OK,		/* done; VMsucceed */
	EPML_INSN_SHADOW,	/* not a field of the model: the host uses the shadow VMCS */
	EPML_INSN_VMEXIT,	/* exit with the instruction's own reason (VMREAD or VMWRITE) */
	EPML_INSN_FAULT,	/* the operand's translation caused cpu->exit */
	EPML_INSN_VMFAIL,	/* VMfailValid with *error */
};

/**
 * Does VMREAD or VMWRITE in VMX non-root operation cause a VM exit? The host asks before it checks
 * CPL and looks at a memory operand.
 * @param field	encoding from the instruction's register operand, 64 bits
 * @param write	VMWRITE
 * @see		rule VMACC-1
 */
bool epml_vmcs_access_exits(const struct epml_cpu *cpu, uint64_t field, bool write);

/**
 * VMREAD in VMX non-root operation, after the CPL check.
 * @param field	encoding from the instruction's register operand, 64 bits
 * @param value	result for EPML_INSN_OK, zero-extended
 * @param error	VM-instruction error number for EPML_INSN_VMFAIL
 * @see		rules VMACC-*
 */
enum epml_insn epml_guest_vmread(struct epml_cpu *cpu, uint64_t field, uint64_t *value,
				 unsigned *error);

/** VMWRITE in VMX non-root operation, after the CPL check; as epml_guest_vmread. */
enum epml_insn epml_guest_vmwrite(struct epml_cpu *cpu, uint64_t field, uint64_t value,
				  unsigned *error);

/* ---- VM entries and exits --------------------------------------------------------------- */

/**
 * Check the VM-execution controls and fields of the model at VM entry.
 * @param v	the state that VM entry would load
 * @return	NULL, or the id of the first rule that is broken (VM entry then fails with
 *		VM-instruction error 7)
 * @see		SDM 3C "Checks on VMX controls"; rules ENTRY-*
 */
const char *epml_vmentry_check(const struct epml_cpu *cpu, const struct epml_vmcs *v);

/** Load the state at a successful VM entry (rules STATE-*). */
void epml_vmentry_load(struct epml_cpu *cpu, const struct epml_vmcs *v);

/* ---- Queries ---------------------------------------------------------------------------- */

/**
 * Do these sub-page write permissions grant a write? A host that caches cpu->spp asks this for
 * each later write to the page.
 * @param writable	struct epml_spp
 * @param address	GVA, GPA or HPA of the first byte
 * @param size		bytes, in the page only; 0 counts as 1
 * @see			rules SPP-SPAN-1, SPP-TLB-1
 */
bool epml_spp_grants(uint32_t writable, uint64_t address, unsigned size);

/** Is "enable guest PML" in force? */
bool epml_gpml_enabled(const struct epml_vmcs *v);

/** Is @p field one of the four Guest PML fields (full or high)? */
bool epml_is_gpml_field(uint64_t field);

#ifdef __cplusplus
}
#endif

#endif
