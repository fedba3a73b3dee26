/* SPDX-License-Identifier: BSD-2-Clause */
/* VMX operation and the VMCS. */
#include "cpu.h"
#include "rom.h"

#define XCR0_WANTED	0xE7u		/* x87, SSE, AVX, AVX-512 */
#define CPUID_1_XSAVE	(1u << 26)	/* ECX */
#define DR7_RESET	0x400u
#define SHADOW_VMCS	0x80000000u	/* in the revision identifier */
#define LINK_NONE	~0ull
#define LIMIT_ALL	0xFFFFFFFFu

/* Access rights of 64-bit code, data and a busy TSS. */
#define AR_CODE		(EPML_AR_G | EPML_AR_L | EPML_AR_P | EPML_AR_S | 0xB)
#define AR_DATA		(EPML_AR_G | EPML_AR_DB | EPML_AR_P | EPML_AR_S | 0x3)
#define AR_TSS		(EPML_AR_P | 0xB)
#define AR_CPL3		EPML_AR_DPL_MASK

#define CR0_GUEST	(EPML_CR0_PG | EPML_CR0_WP | EPML_CR0_NE | EPML_CR0_ET | EPML_CR0_MP | \
			 EPML_CR0_PE)
#define CR4_GUEST	(EPML_CR4_OSXSAVE | EPML_CR4_VMXE | EPML_CR4_OSXMMEXCPT | \
			 EPML_CR4_OSFXSR | EPML_CR4_PGE | EPML_CR4_PAE)
#define EFER_64BIT	(EPML_EFER_NXE | EPML_EFER_LMA | EPML_EFER_LME)

#define EXIT_CONTROLS	(EPML_EXITCTL_HOST_ADDRESS_SPACE_SIZE | EPML_EXITCTL_SAVE_EFER | \
			 EPML_EXITCTL_LOAD_EFER)
#define ENTRY_CONTROLS	(EPML_ENTRYCTL_IA32E_MODE_GUEST | EPML_ENTRYCTL_LOAD_EFER)

bool vmcs_launched;

/* Guest and host state that is the same in all vectors and depends on no address. */
static const struct vi_field constant_fields[] = {
	{ EPML_VMCS_GUEST_CR0, CR0_GUEST },
	{ EPML_VMCS_GUEST_CR4, CR4_GUEST },
	{ EPML_VMCS_CR4_READ_SHADOW, CR4_GUEST },
	{ EPML_VMCS_CR0_READ_SHADOW, CR0_GUEST },
	{ EPML_VMCS_GUEST_IA32_EFER, EFER_64BIT },
	{ EPML_VMCS_GUEST_DR7, DR7_RESET },
	{ EPML_VMCS_LINK_POINTER, LINK_NONE },
	{ EPML_VMCS_GUEST_CS_LIMIT, LIMIT_ALL },
	{ EPML_VMCS_GUEST_SS_LIMIT, LIMIT_ALL },
	{ EPML_VMCS_GUEST_DS_ACCESS_RIGHTS, EPML_AR_UNUSABLE },
	{ EPML_VMCS_GUEST_ES_ACCESS_RIGHTS, EPML_AR_UNUSABLE },
	{ EPML_VMCS_GUEST_FS_ACCESS_RIGHTS, EPML_AR_UNUSABLE },
	{ EPML_VMCS_GUEST_GS_ACCESS_RIGHTS, EPML_AR_UNUSABLE },
	{ EPML_VMCS_GUEST_LDTR_ACCESS_RIGHTS, EPML_AR_UNUSABLE },
	{ EPML_VMCS_GUEST_TR_SELECTOR, SEL_TSS },
	{ EPML_VMCS_GUEST_TR_LIMIT, sizeof(struct tss) - 1 },
	{ EPML_VMCS_GUEST_TR_ACCESS_RIGHTS, AR_TSS },
	{ EPML_VMCS_GUEST_GDTR_LIMIT, sizeof(guest_tables.gdt) - 1 },
	{ EPML_VMCS_GUEST_IDTR_LIMIT, 256 * 16 - 1 },
	{ EPML_VMCS_HOST_CS_SELECTOR, SEL_CODE },
	{ EPML_VMCS_HOST_SS_SELECTOR, SEL_DATA },
	{ EPML_VMCS_HOST_DS_SELECTOR, SEL_DATA },
	{ EPML_VMCS_HOST_ES_SELECTOR, SEL_DATA },
	{ EPML_VMCS_HOST_TR_SELECTOR, SEL_TSS },
	{ EPML_VMCS_HOST_IA32_EFER, EFER_64BIT },
};

static void vmwrite_fields(const struct vi_field *f, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		vmwrite(f[i].field, f[i].value);
}

static uint32_t revision(void)
{
	return rdmsr(EPML_MSR_VMX_BASIC) & EPML_BASIC_REVISION_MASK;
}

static void enable_vector_registers(void)
{
	uint32_t r[4];

	cpuid(1, 0, r);
	if (!(r[2] & CPUID_1_XSAVE))
		return;
	write_cr4(read_cr4() | EPML_CR4_OSXSAVE);
	cpuid(0xD, 0, r);
	xsetbv(0, r[0] & XCR0_WANTED);
}

/** Enter VMX root operation. */
void vmx_init(void)
{
	uint64_t lock = rdmsr(EPML_MSR_FEATURE_CONTROL);

	write_cr4(read_cr4() | EPML_CR4_OSFXSR | EPML_CR4_OSXMMEXCPT | EPML_CR4_VMXE);
	enable_vector_registers();
	if (!(lock & EPML_FEATCTL_LOCK))
		wrmsr(EPML_MSR_FEATURE_CONTROL, lock | EPML_FEATCTL_LOCK | EPML_FEATCTL_VMX);
	memory_write(ROM_VMXON, 4, revision());
	if (vmxon(ROM_VMXON)) {
		report_text("VMXON failed");
		rom_shutdown();
	}
}

/** Make the next VM entry a launch: VMCLEAR of the VMCS, then VMPTRLD. */
void vmcs_clear(void)
{
	vmclear(ROM_VMCS);
	vmptrld(ROM_VMCS);
	vmcs_launched = false;
}

/* A fresh VMCS, and a shadow VMCS that the link pointer may name. */
static void vmcs_create(void)
{
	vmclear(ROM_VMCS);
	memory_zero_page(ROM_VMCS);
	memory_write(ROM_VMCS, 4, revision());
	memory_write(W_SHADOW_VMCS, 4, revision() | SHADOW_VMCS);
	vmclear(W_SHADOW_VMCS);
	vmcs_clear();
}

/** Let the guest run for the whole limit of its vector. */
void vmcs_set_timer(void)
{
	vmwrite(EPML_VMCS_PREEMPTION_TIMER_VALUE, run.limit);
}

static void set_host_state(void)
{
	vmwrite(EPML_VMCS_HOST_CR0, read_cr0());
	vmwrite(EPML_VMCS_HOST_CR3, read_cr3());
	vmwrite(EPML_VMCS_HOST_CR4, read_cr4());
	vmwrite(EPML_VMCS_HOST_GDTR_BASE, (uint64_t)root_tables.gdt);
	vmwrite(EPML_VMCS_HOST_IDTR_BASE, root_tables.idt);
	vmwrite(EPML_VMCS_HOST_TR_BASE, (uint64_t)&root_tables.tss);
	vmwrite(EPML_VMCS_HOST_RSP, (uint64_t)exit_stack_top);
	vmwrite(EPML_VMCS_HOST_RIP, (uint64_t)vmx_exit);
}

static void set_guest_state(const struct vi_vector *v)
{
	vmwrite(EPML_VMCS_GUEST_GDTR_BASE, ALIAS(guest_tables.gdt));
	vmwrite(EPML_VMCS_GUEST_IDTR_BASE, guest_tables.idt);
	vmwrite(EPML_VMCS_GUEST_TR_BASE, ALIAS(&guest_tables.tss));
	vmwrite(EPML_VMCS_GUEST_RFLAGS, v->flags & VI_F_IF ? EPML_RFLAGS_IF : 0);
	vmcs_set_timer();
}

/*
 * Set a 32-bit control field. Bits that the processor requires are added; bits that it does not
 * have are kept, so that the failing VM entry tells of them.
 */
static void set_control(uint64_t field, uint64_t value, uint32_t msr)
{
	vmwrite(field, value | (uint32_t)rdmsr(msr));
}

static void set_image_field(const struct vi_field *f, uint64_t timer)
{
	switch (f->field) {
	case EPML_VMCS_PIN_BASED_CONTROLS:
		set_control(f->field, f->value | timer, EPML_MSR_VMX_TRUE_PINBASED_CTLS);
		break;
	case EPML_VMCS_PROC_BASED_CONTROLS:
		set_control(f->field, f->value, EPML_MSR_VMX_TRUE_PROCBASED_CTLS);
		break;
	case EPML_VMCS_SECONDARY_CONTROLS:
		set_control(f->field, f->value, EPML_MSR_VMX_PROCBASED_CTLS2);
		break;
	default:
		/* A processor without the Guest PML fields refuses them: so be it. */
		vmwrite(f->field, f->value);
	}
}

/*
 * Controls: the ROM's own, then what the image says. The timer stops a vector that hangs.
 */
static void set_controls(const struct vi_field *f, uint32_t n, bool limited)
{
	uint64_t timer = limited ? EPML_PIN_PREEMPTION_TIMER : 0;
	uint64_t save_timer = limited ? EPML_EXITCTL_SAVE_PREEMPTION_TIMER : 0;
	uint32_t i;

	set_control(EPML_VMCS_PIN_BASED_CONTROLS, timer, EPML_MSR_VMX_TRUE_PINBASED_CTLS);
	set_control(EPML_VMCS_PROC_BASED_CONTROLS, 0, EPML_MSR_VMX_TRUE_PROCBASED_CTLS);
	set_control(EPML_VMCS_EXIT_CONTROLS, EXIT_CONTROLS | save_timer,
		    EPML_MSR_VMX_TRUE_EXIT_CTLS);
	set_control(EPML_VMCS_ENTRY_CONTROLS, ENTRY_CONTROLS, EPML_MSR_VMX_TRUE_ENTRY_CTLS);
	for (i = 0; i < n; i++)
		set_image_field(&f[i], timer);
}

/**
 * Does the processor have what a vector needs and only some processors have? If not, that is
 * reported. Other controls that it does not have are left to the failing VM entry.
 * @param f	VMCS fields that the vector's image gives
 */
bool vmx_offers(const struct vi_field *f, uint32_t n)
{
	uint32_t offered = rdmsr(EPML_MSR_VMX_PROCBASED_CTLS2) >> 32;
	uint32_t i;

	for (i = 0; i < n; i++)
		if (f[i].field == EPML_VMCS_SECONDARY_CONTROLS &&
		    (f[i].value & ~offered & EPML_PROC2_SUB_PAGE_WRITE)) {
			report_text("this processor has no sub-page write permissions: bit 55 of "
				    "MSR 48BH is 0");
			return false;
		}
	return true;
}

/* Drop every translation that the previous vector has left behind. */
static void invalidate_translations(void)
{
	invept(EPML_INVEPT_ALL, 0);
	invvpid(EPML_INVVPID_ALL, 0, 0);
}

/**
 * Make a VMCS for a vector and make it current.
 * @param v	the vector
 * @param f	VMCS fields that its image gives
 */
void vmcs_init(const struct vi_vector *v, const struct vi_field *f)
{
	invalidate_translations();
	vmcs_create();
	vmwrite_fields(constant_fields, sizeof(constant_fields) / sizeof(constant_fields[0]));
	set_host_state();
	set_guest_state(v);
	set_controls(f, v->n_fields, v->limit != 0);
}

/**
 * Let the next VM entry begin at guest_start with empty stacks, at the vector's CPL. Only IF of
 * the interrupted main sequence is kept.
 */
void vmcs_restart_guest(void)
{
	bool user = run.flags & VI_F_CPL3;
	uint64_t rflags = run.depth ? run.outer_rflags : vmread(EPML_VMCS_GUEST_RFLAGS);

	vmwrite(EPML_VMCS_GUEST_CS_SELECTOR, user ? SEL_USER_CODE : SEL_CODE);
	vmwrite(EPML_VMCS_GUEST_CS_ACCESS_RIGHTS, AR_CODE | (user ? AR_CPL3 : 0));
	vmwrite(EPML_VMCS_GUEST_SS_SELECTOR, user ? SEL_USER_DATA : SEL_DATA);
	vmwrite(EPML_VMCS_GUEST_SS_ACCESS_RIGHTS, AR_DATA | (user ? AR_CPL3 : 0));
	vmwrite(EPML_VMCS_GUEST_SS_LIMIT, LIMIT_ALL);
	vmwrite(EPML_VMCS_GUEST_RIP, ALIAS(guest_start));
	vmwrite(EPML_VMCS_GUEST_RSP, ALIAS(guest_stack_top));
	vmwrite(EPML_VMCS_GUEST_RFLAGS, (rflags & EPML_RFLAGS_IF) | EPML_RFLAGS_FIXED);
	vmwrite(EPML_VMCS_GUEST_INTERRUPTIBILITY_STATE, 0);
	vmwrite(EPML_VMCS_GUEST_ACTIVITY_STATE, EPML_ACTIVITY_ACTIVE);
	vmwrite(EPML_VMCS_GUEST_PENDING_DEBUG_EXCEPTIONS, 0);
	vmwrite(EPML_VMCS_ENTRY_INTERRUPTION_INFO, 0);
}

/**
 * If the last VM exit interrupted the delivery of an event, let the next VM entry deliver it.
 */
void vmcs_reinject(void)
{
	uint64_t info = vmread(EPML_VMCS_IDT_VECTORING_INFO);

	if (!(info & EPML_EVENT_VALID))
		return;
	vmwrite(EPML_VMCS_ENTRY_EXCEPTION_ERROR_CODE,
		vmread(EPML_VMCS_IDT_VECTORING_ERROR_CODE));
	vmwrite(EPML_VMCS_ENTRY_INSTRUCTION_LENGTH, vmread(EPML_VMCS_EXIT_INSTRUCTION_LENGTH));
	vmwrite(EPML_VMCS_ENTRY_INTERRUPTION_INFO,
		info & (EPML_EVENT_VALID | EPML_EVENT_ERROR_CODE | EPML_EVENT_TYPE_MASK |
			EPML_EVENT_VECTOR_MASK));
}
