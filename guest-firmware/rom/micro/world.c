/* SPDX-License-Identifier: BSD-2-Clause */
/* Paging structures, EPT, SPP table and VMCS: what there is, and its state before an operation. */
#include "micro.h"

#define PTE_RW_DATA	(EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_ACCESSED | EPML_PTE_DIRTY)
#define EPT_TABLE	(EPML_EPT_READ | EPML_EPT_WRITE | EPML_EPT_EXECUTE | EPML_EPT_ACCESSED)
#define EPT_WB		(6ull << EPML_EPT_MEMTYPE_SHIFT)
#define EPT_PAGE	(EPT_TABLE | EPT_WB | EPML_EPT_DIRTY)
#define SPPT_TABLES	4		/* one of each level */
#define SPP_ALL		0x5555555555555555ull
#define VIRR		0x200		/* in the virtual-APIC page */

static void zero_pages(uint64_t hpa, unsigned n)
{
	for (; n; n--, hpa += 0x1000)
		memory_zero_page(hpa);
}

static void write_entry(uint64_t table, uint64_t index, uint64_t value)
{
	((uint64_t *)table)[index & 511] = value;
}

/* ---- Once ---------------------------------------------------------------------------------- */

/* The same for root and guest. All that is not measured is accessed and dirty from the start. */
static void build_paging(void)
{
	unsigned i;

	for (i = 0; i < RAM_2M_PAGES; i++)
		((uint64_t *)(ROM_PAGING + 0x2000))[i] |= EPML_PTE_ACCESSED | EPML_PTE_DIRTY;
	write_entry(ROM_PAGING, W_ALIAS >> 39, (ROM_PAGING + 0x1000) | PTE_RW_DATA);
	write_entry(ROM_PAGING, PAGES_LIN >> 39, M_PDPT | PTE_RW_DATA);
	zero_pages(M_PDPT, 2 + PAGE_TABLES);
	write_entry(M_PDPT, 0, M_PD | PTE_RW_DATA);
	for (i = 0; i < PAGE_TABLES; i++)
		write_entry(M_PD, i, (M_PT + 0x1000 * i) | PTE_RW_DATA);
}

static void build_ept(void)
{
	const unsigned first = PAGES_HPA >> 21;
	unsigned i;

	zero_pages(M_EPT_PML4, 3 + PAGE_TABLES);
	write_entry(M_EPT_PML4, 0, M_EPT_PDPT | EPT_TABLE);
	write_entry(M_EPT_PDPT, 0, M_EPT_PD | EPT_TABLE);
	for (i = 0; i < RAM_2M_PAGES; i++)
		write_entry(M_EPT_PD, i, (uint64_t)i << 21 | EPT_PAGE | EPML_EPT_LARGE);
	for (i = 0; i < PAGE_TABLES; i++)
		write_entry(M_EPT_PD, first + i, (M_EPT_PT + 0x1000 * i) | EPT_TABLE);
}

static void build_sppt(void)
{
	unsigned i;

	zero_pages(W_SPPT, SPPT_TABLES);
	for (i = 0; i < SPPT_TABLES - 1; i++)
		write_entry(W_SPPT + 0x1000 * i, PAGES_HPA >> (39 - 9 * i),
			    (W_SPPT + 0x1000 * (i + 1)) | EPML_SPPT_VALID);
}

/* VMREAD and VMWRITE exit, but for what the shadow VMCS is used for and the Guest PML fields. */
static void build_bitmaps(void)
{
	static const uint16_t open[] = {
		EPML_VMCS_GUEST_PML_ADDRESS, EPML_VMCS_GUEST_PML_INDEX, EPML_VMCS_GUEST_RSP
	};
	unsigned i;

	for (i = 0; i < 512; i++) {
		write_entry(W_VMREAD_BM, i, ~0ull);
		write_entry(W_VMWRITE_BM, i, ~0ull);
	}
	for (i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		((uint64_t *)W_VMREAD_BM)[open[i] / 64] &= ~(1ull << open[i] % 64);
		((uint64_t *)W_VMWRITE_BM)[open[i] / 64] &= ~(1ull << open[i] % 64);
	}
}

static const struct vi_field fields[] = {
	{ EPML_VMCS_PIN_BASED_CONTROLS, EPML_PIN_EXTERNAL_INTERRUPT_EXITING },
	{ EPML_VMCS_PROC_BASED_CONTROLS,
	  EPML_PROC_USE_TPR_SHADOW | EPML_PROC_USE_MSR_BITMAPS | EPML_PROC_ACTIVATE_SECONDARY |
	  EPML_PROC_ACTIVATE_TERTIARY },
	{ EPML_VMCS_SECONDARY_CONTROLS,
	  EPML_PROC2_ENABLE_EPT | EPML_PROC2_ENABLE_VPID | EPML_PROC2_VMCS_SHADOWING |
	  EPML_PROC2_VIRTUALIZE_X2APIC | EPML_PROC2_APIC_REGISTER_VIRTUALIZATION |
	  EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY },
	{ EPML_VMCS_TERTIARY_CONTROLS, 0 },
	{ EPML_VMCS_EPTP, EPTP },
	{ EPML_VMCS_VPID, VPID },
	{ EPML_VMCS_GUEST_CR3, ROM_PAGING },
	{ EPML_VMCS_LINK_POINTER, W_SHADOW_VMCS },
	{ EPML_VMCS_VMREAD_BITMAP, W_VMREAD_BM },
	{ EPML_VMCS_VMWRITE_BITMAP, W_VMWRITE_BM },
	{ EPML_VMCS_MSR_BITMAP_ADDRESS, W_MSR_BITMAP },
	{ EPML_VMCS_VIRTUAL_APIC_ADDRESS, W_VAPIC },
	{ EPML_VMCS_TPR_THRESHOLD, 0 },
	{ EPML_VMCS_EOI_EXIT_BITMAP_0, 0 },
	{ EPML_VMCS_EOI_EXIT_BITMAP_1, 0 },
	{ EPML_VMCS_EOI_EXIT_BITMAP_2, 0 },
	{ EPML_VMCS_EOI_EXIT_BITMAP_3, 0 },
	{ EPML_VMCS_VE_INFO_ADDRESS, W_VE_INFO },
	{ EPML_VMCS_EPTP_INDEX, 0 },
	{ EPML_VMCS_SPPTP, W_SPPT },
	{ EPML_VMCS_PML_ADDRESS, W_PML },
	{ EPML_VMCS_GUEST_PML_ADDRESS, M_LOG },
	{ EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, NOTIFICATION },
};

#define N_FIELDS	(sizeof(fields) / sizeof(fields[0]))

/** Build everything; a guest can then be entered. */
void world_init(void)
{
	const struct vi_vector v = { .n_fields = N_FIELDS };

	build_paging();
	build_ept();
	build_sppt();
	build_bitmaps();
	zero_pages(W_MSR_BITMAP, 1);
	tables_set_ist(ALIAS(ist_stack_top));
	event_stack = ALIAS(handler_stack_top);
	tables_set_handler(EPML_VECTOR_PF, page_fault_stub);
	tables_set_handler(EPML_VECTOR_VE, ve_stub);
	tables_set_handler(NOTIFICATION, notification_stub);
	if (!vmx_offers(fields, N_FIELDS))
		rom_shutdown();
	vmcs_init(&v, fields);
	vmcs_restart_guest();
}

/* ---- Before each operation ------------------------------------------------------------------ */

/** Turn bits of a control field on or off. */
void world_control(uint64_t field, uint64_t bits, bool on)
{
	const uint64_t value = vmread(field);

	vmwrite(field, on ? value | bits : value & ~bits);
}

static uint64_t pte_value(unsigned page, unsigned prepare)
{
	uint64_t value = (PAGES_HPA + ((uint64_t)page << 12)) | PTE_RW_DATA;

	if (prepare & PREP_ABSENT)
		return 0;
	if (prepare & PREP_READ_ONLY)
		value &= ~(uint64_t)EPML_PTE_WRITE;
	if (prepare & (PREP_CLEAN | PREP_READ_ONLY))
		value &= ~(uint64_t)EPML_PTE_DIRTY;
	return value;
}

static uint64_t ept_value(unsigned page, unsigned prepare)
{
	uint64_t value = (PAGES_HPA + ((uint64_t)page << 12)) | EPT_PAGE;

	if (prepare & PREP_NO_EPT)
		return 0;
	if (prepare & (PREP_SPP_GRANT | PREP_SPP_DENY))
		value = (value & ~EPML_EPT_WRITE) | EPML_EPT_SPP;
	if (prepare & PREP_CLEAN)
		value &= ~EPML_EPT_DIRTY;
	return value;
}

/* Only the pages of an operation differ; the loads of the walks need all. */
static void prepare_pages(unsigned prepare)
{
	const uint64_t spp = prepare & PREP_SPP_GRANT ? SPP_ALL : 0;
	unsigned i, what;

	for (i = 0; i < PAGES_MAX; i++) {
		what = i < MICRO_PAGES ? prepare : 0;
		*pte(i) = pte_value(i, what);
		*ept_leaf(i) = ept_value(i, what);
	}
	for (i = 0; i < MICRO_PAGES; i++)
		write_entry(W_SPPT + 0x1000 * (SPPT_TABLES - 1), i, spp);
}

static void prepare_logs(unsigned prepare)
{
	const uint64_t index = prepare & PREP_FULL ? EPML_LOG_FULL_INDEX
			     : prepare & PREP_LAST ? 0 : EPML_LOG_FIRST_INDEX;

	vmwrite(EPML_VMCS_PML_INDEX, index);
	vmwrite(EPML_VMCS_GUEST_PML_INDEX, index);
	/* Index 0 is never reached by operations that are not about the notification. */
	vmwrite(EPML_VMCS_GUEST_PML_THRESHOLD, prepare & PREP_LAST ? EPML_LOG_FULL_INDEX : 0);
	vmwrite(EPML_VMCS_GUEST_INTERRUPT_STATUS, 0);
	memory_zero_page(W_VAPIC);
	memory_zero_page(W_VE_INFO);
	micro.ring_on = 0;
	micro.ring = 0;
}

/** Make pages, logs and controls what an operation needs, and drop all translations. */
void world_prepare(unsigned prepare)
{
	prepare_pages(prepare);
	prepare_logs(prepare);
	world_control(EPML_VMCS_SECONDARY_CONTROLS, EPML_PROC2_ENABLE_PML, prepare & PREP_PML);
	world_control(EPML_VMCS_SECONDARY_CONTROLS, EPML_PROC2_EPT_VIOLATION_VE,
		      prepare & (PREP_VE | PREP_GPML));
	world_control(EPML_VMCS_SECONDARY_CONTROLS, EPML_PROC2_SUB_PAGE_WRITE,
		      prepare & (PREP_SPP_GRANT | PREP_SPP_DENY));
	world_control(EPML_VMCS_TERTIARY_CONTROLS, EPML_PROC3_ENABLE_GUEST_PML,
		      prepare & PREP_GPML);
	invept(EPML_INVEPT_ALL, 0);
	invvpid(EPML_INVVPID_ALL, 0, 0);
	write_cr3(read_cr3());
}

/** Clear EPT's dirty flags of the tracked pages, so that they are logged again. */
void world_clean_ept(void)
{
	unsigned i;

	for (i = 0; i < MICRO_TRACKED_PAGES; i++)
		*ept_leaf(i) &= ~EPML_EPT_DIRTY;
	invept(EPML_INVEPT_SINGLE, EPTP);
}
