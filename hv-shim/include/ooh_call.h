/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The OoH call: how a guest asks the hypervisor for page-modification logging and sub-page write
 * permissions. Shared by hv-shim/xen (the hypervisor's side) and guest-firmware/linux/module (the
 * guest's side).
 *
 * The guest executes VMCALL at CPL 0 with
 *
 *	RAX = OOH_CALL + operation, RDI, RSI, RDX = arguments (64 bits each)
 *
 * and finds the result in RAX: 0 or a positive value, or the negative of a Linux error number. The
 * other registers stay. Where the caller may not use an operation, or the hypervisor has no OoH
 * part, the result is -ENOSYS, as of any hypercall that does not exist; a guest can therefore ask
 * OOH_OP_QUERY first and needs no other sign. Operations of a virtual processor (vCPU) act on the
 * one that executes VMCALL.
 *
 *	operation	RDI		RSI		RDX		result
 *	QUERY		-		-		-		capabilities, see below
 *	RING		GPA of ring	bytes of ring	-		0
 *	EPML_ENABLE	GPA of log	vector|thresh.	-		0
 *	EPML_DISABLE	-		-		-		0
 *	SPML_ENABLE	-		-		-		0
 *	SPML_DISABLE	-		-		-		0
 *	SPML_START	-		-		-		0
 *	SPML_STOP	-		-		-		entries put into the ring
 *	REARM		GPA of list	entries, 0: all	-		pages re-armed
 *	SPP_SET		GPA of page	pages		frequency	0
 *	SPP_CLEAR	GPA of page	pages		-		0
 *	SPP_VIOLATION	GPA of record	-		-		1: record written, 0: none
 *	MARK		phase 0 to 255	-		-		0
 */
#ifndef OOH_CALL_H
#define OOH_CALL_H

#define OOH_CALL		0x4f6f4800u

#define OOH_OP_QUERY		0
#define OOH_OP_RING		1
#define OOH_OP_EPML_ENABLE	2
#define OOH_OP_EPML_DISABLE	3
#define OOH_OP_SPML_ENABLE	4
#define OOH_OP_SPML_DISABLE	5
#define OOH_OP_SPML_START	6
#define OOH_OP_SPML_STOP	7
#define OOH_OP_REARM		8
#define OOH_OP_SPP_SET		9
#define OOH_OP_SPP_CLEAR	10
#define OOH_OP_SPP_VIOLATION	11
#define OOH_OP_MARK		12
#define OOH_OPS			13

/*
 * QUERY: version in bits 31:16, capabilities in bits 15:0.
 *
 *	EPML	the processor has guest PML and virtual-interrupt delivery
 *	SPML	the processor has PML
 *	SPP	the processor has sub-page write permissions
 *	EPT_DIRTY	the trigger of guest PML is the dirty flag in EPT: the guest re-arms with
 *			REARM (else it clears the dirty flags of its own page tables)
 *	LOG_EXITS	a full log of the guest is emptied into the ring (else the processor drops)
 */
#define OOH_VERSION		1u
#define OOH_VERSION_SHIFT	16
#define OOH_CAP_EPML		(1u << 0)
#define OOH_CAP_SPML		(1u << 1)
#define OOH_CAP_SPP		(1u << 2)
#define OOH_CAP_EPT_DIRTY	(1u << 3)
#define OOH_CAP_LOG_EXITS	(1u << 4)

/*
 * RING: memory of the guest that it shares with the hypervisor, one for each vCPU. The GPA is a
 * multiple of 4096, contiguous; the size is 2 to 4096 whole pages; size 0 takes the ring away
 * (logging that needs it has to be off: -EBUSY). The hypervisor resets the header. The first page
 * is the header, the others hold entries; their number, a multiple of 256, is in the header.
 *
 * The hypervisor writes entries at head, the guest takes them at tail; both count up without end
 * (entry i is at i % entries; full is head - tail == entries). What does not fit is counted in
 * lost, never silently dropped.
 *
 *	log = 0		address is a GPA from the processor's PML (SPML), bits 11:0 zero
 *	log = GPA	address is a GVA that the processor wrote to the guest's log at that GPA,
 *			which was full (LOG_EXITS)
 */
struct ooh_entry {
	unsigned long long log;
	unsigned long long address;
};

struct ooh_ring {
	unsigned long long entries;	/* of the ring; written by RING */
	unsigned long long head;	/* written by the hypervisor */
	unsigned long long lost;	/* written by the hypervisor */
	unsigned long long spills;	/* full logs that were emptied into the ring */
	unsigned long long pad[4];
	unsigned long long tail;	/* written by the guest; in a cache line of its own */
};

/*
 * EPML_ENABLE: the log is a page of the guest's RAM; RSI bits 7:0 are the notification vector (32
 * to 255), bits 31:16 the threshold (0 to 510, or FFFFH). The hypervisor sets the Guest PML fields
 * (index 511) and opens exactly these fields (0010H, 0012H, 0820H, 2060H, 2061H) to VMREAD and
 * VMWRITE, then sets "enable guest PML". From then on the guest changes the fields itself. With
 * LOG_EXITS a ring has to be set before (-EINVAL). A second ENABLE: -EBUSY. Pages that are dirty
 * already are not re-armed. EPML_DISABLE: controls off, nothing is logged any more; what the log
 * holds is the guest's. Without an enable before: -EINVAL.
 *
 * If the page that Guest PML Address names cannot be written (it was ballooned out, or is no RAM),
 * the hypervisor turns logging off and posts the notification. VMREAD and VMWRITE of the fields
 * then fail (VMfailInvalid), and EPML_DISABLE results in -EFAULT, once; logging is off after it.
 *
 * SPML_ENABLE prepares this vCPU (a ring has to be set: -EINVAL), SPML_START turns logging on and
 * re-arms all pages of the guest, SPML_STOP empties the processor's log into the ring and turns
 * logging off until the next START; the hypervisor's own use of PML goes on beside. START while
 * started and STOP while stopped: 0. SPML_DISABLE ends it (also if started).
 *
 * REARM: the dirty flags in EPT of the pages in the list (GPAs, at most 512 in a page of the
 * guest) are cleared, their translations invalidated on all processors. 0 entries: of all pages of
 * the guest.
 *
 * SPP_SET: each page of the guest's RAM (GPA a multiple of 4096, 1 to 512 pages) is cleared and
 * gets one write-protected sub-page in each group of 2, 4, 8, 16 or 32 (frequency): the last of
 * the group. SPP_CLEAR makes the pages ordinary again. A denied write injects #GP(0) and leaves a
 * record, of which the hypervisor keeps the last 16 of each vCPU; SPP_VIOLATION takes the oldest.
 */
struct ooh_spp_record {
	unsigned long long gpa;		/* of the first byte denied */
	unsigned long long gla;
	unsigned long long rip;
	unsigned long long lost;	/* records that were overwritten before this one */
};

#define OOH_THRESHOLD_SHIFT	16
#define OOH_RING_PAGES_MIN	2
#define OOH_RING_PAGES_MAX	4096
#define OOH_REARM_MAX		512
#define OOH_SPP_PAGES_MAX	512

#endif
