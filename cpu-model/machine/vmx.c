/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VM entries and VM exits.
 *
 * Of the checks at VM entry, those of the model's chapters are libepml's; here are those that
 * concern what only a whole processor has. All translations are dropped at VM entries and exits,
 * with VPIDs too, as the SDM permits.
 */
#include "machine_priv.h"

/* Bits that must be 1 (IA32_VMX_TRUE_PINBASED_CTLS, IA32_VMX_TRUE_PROCBASED_CTLS). */
#define PIN_DEFAULT1	0x00000016u
#define PROC_DEFAULT1	0x04006172u

/* Controls that this processor supports. Those without a line of code cannot show in a vector. */
#define PIN_ALLOWED1	(PIN_DEFAULT1 | EPML_PIN_EXTERNAL_INTERRUPT_EXITING | \
			 EPML_PIN_NMI_EXITING | EPML_PIN_VIRTUAL_NMIS | EPML_PIN_PREEMPTION_TIMER)
#define PROC_ALLOWED1	(PROC_DEFAULT1 | EPML_PROC_INTERRUPT_WINDOW_EXITING | \
			 EPML_PROC_USE_TSC_OFFSETTING | EPML_PROC_HLT_EXITING | \
			 EPML_PROC_INVLPG_EXITING | EPML_PROC_MWAIT_EXITING | \
			 EPML_PROC_RDPMC_EXITING | EPML_PROC_RDTSC_EXITING | \
			 EPML_PROC_CR3_LOAD_EXITING | EPML_PROC_CR3_STORE_EXITING | \
			 EPML_PROC_ACTIVATE_TERTIARY | EPML_PROC_CR8_LOAD_EXITING | \
			 EPML_PROC_CR8_STORE_EXITING | EPML_PROC_USE_TPR_SHADOW | \
			 EPML_PROC_MOV_DR_EXITING | EPML_PROC_USE_MSR_BITMAPS | \
			 EPML_PROC_MONITOR_EXITING | EPML_PROC_PAUSE_EXITING | \
			 EPML_PROC_ACTIVATE_SECONDARY)
#define PROC2_ALLOWED1	(EPML_PROC2_ENABLE_EPT | EPML_PROC2_ENABLE_RDTSCP | \
			 EPML_PROC2_VIRTUALIZE_X2APIC | EPML_PROC2_ENABLE_VPID | \
			 EPML_PROC2_WBINVD_EXITING | EPML_PROC2_UNRESTRICTED_GUEST | \
			 EPML_PROC2_APIC_REGISTER_VIRTUALIZATION | \
			 EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY | EPML_PROC2_PAUSE_LOOP_EXITING | \
			 EPML_PROC2_RDRAND_EXITING | EPML_PROC2_ENABLE_INVPCID | \
			 EPML_PROC2_ENABLE_VM_FUNCTIONS | EPML_PROC2_VMCS_SHADOWING | \
			 EPML_PROC2_RDSEED_EXITING | EPML_PROC2_ENABLE_PML | \
			 EPML_PROC2_EPT_VIOLATION_VE | EPML_PROC2_ENABLE_XSAVES | \
			 EPML_PROC2_SUB_PAGE_WRITE | EPML_PROC2_TSC_SCALING)
#define APIC_VIRTUALIZATION (EPML_PROC2_VIRTUALIZE_X2APIC | \
			     EPML_PROC2_APIC_REGISTER_VIRTUALIZATION | \
			     EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY)

/* First word of a VMCS region. */
#define VMCS_REVISION		1u
#define SHADOW_INDICATOR	0x80000000u

#define NO_LINK_POINTER		UINT64_MAX
#define LINK_POINTER_QUALIFICATION 4	/* SDM 3C, "VM-entry failures during or after loading
					 * guest state" */

static bool page_address_ok(uint64_t address)
{
	return !(address & PAGE_OFFSET) && !(address >> MAXPHYADDR);
}

void vmx_reset(struct machine *m)
{
	m->vmcs.count = 0;
	m->shadow.count = 0;
	m->inject_valid = false;
	m->trap_like = false;
	mem_write(m, W_SHADOW_VMCS, 4, VMCS_REVISION | SHADOW_INDICATOR);
	vmcs_write(&m->vmcs, EPML_VMCS_LINK_POINTER, NO_LINK_POINTER);
	vmcs_write(&m->vmcs, EPML_VMCS_GUEST_CR3, W_GUEST_PML4);
	vmcs_write(&m->vmcs, EPML_VMCS_GUEST_RFLAGS, EPML_RFLAGS_FIXED |
		   (m->img.head->flags & VI_F_IF ? EPML_RFLAGS_IF : 0));
	vmx_write_field(m, EPML_VMCS_PIN_BASED_CONTROLS, 0);
	vmx_write_field(m, EPML_VMCS_PROC_BASED_CONTROLS, 0);
}

void vmx_write_field(struct machine *m, uint64_t field, uint64_t value)
{
	if (field == EPML_VMCS_PIN_BASED_CONTROLS) {
		value |= PIN_DEFAULT1;
		if (m->img.head->limit)
			value |= EPML_PIN_PREEMPTION_TIMER;
	}
	if (field == EPML_VMCS_PROC_BASED_CONTROLS)
		value |= PROC_DEFAULT1;
	if (vmcs_supported(field))
		vmcs_write(&m->vmcs, field, value);
}

void vmx_fail(struct machine *m, unsigned error)
{
	vmcs_write(&m->vmcs, EPML_VMCS_VM_INSTRUCTION_ERROR, error);
}

/* ---- VM entry ----------------------------------------------------------------------------- */

/* Controls of a higher level count as 0 while they are not activated. ENTRY-12 */
static void load_controls(const struct vmcs *f, struct epml_vmcs *v)
{
	v->pin = vmcs_read(f, EPML_VMCS_PIN_BASED_CONTROLS);
	v->proc = vmcs_read(f, EPML_VMCS_PROC_BASED_CONTROLS);
	if (v->proc & EPML_PROC_ACTIVATE_SECONDARY)
		v->proc2 = vmcs_read(f, EPML_VMCS_SECONDARY_CONTROLS);
	if (v->proc & EPML_PROC_ACTIVATE_TERTIARY)
		v->proc3 = vmcs_read(f, EPML_VMCS_TERTIARY_CONTROLS);
}

static struct epml_vmcs load_fields(const struct vmcs *f)
{
	struct epml_vmcs v = {
		.eptp = vmcs_read(f, EPML_VMCS_EPTP),
		.spptp = vmcs_read(f, EPML_VMCS_SPPTP),
		.pml_address = vmcs_read(f, EPML_VMCS_PML_ADDRESS),
		.pml_index = vmcs_read(f, EPML_VMCS_PML_INDEX),
		.gpml_address = vmcs_read(f, EPML_VMCS_GUEST_PML_ADDRESS),
		.gpml_index = vmcs_read(f, EPML_VMCS_GUEST_PML_INDEX),
		.gpml_vector = vmcs_read(f, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR),
		.gpml_threshold = vmcs_read(f, EPML_VMCS_GUEST_PML_THRESHOLD),
		.vmread_bitmap = vmcs_read(f, EPML_VMCS_VMREAD_BITMAP),
		.vmwrite_bitmap = vmcs_read(f, EPML_VMCS_VMWRITE_BITMAP),
		.link_pointer = vmcs_read(f, EPML_VMCS_LINK_POINTER),
		.ve_info = vmcs_read(f, EPML_VMCS_VE_INFO_ADDRESS),
		.eptp_index = vmcs_read(f, EPML_VMCS_EPTP_INDEX),
	};

	load_controls(f, &v);
	return v;
}

static bool supported(const struct epml_vmcs *v)
{
	return !(v->pin & ~PIN_ALLOWED1) && !(v->proc & ~PROC_ALLOWED1) &&
	       !(v->proc2 & ~PROC2_ALLOWED1);
}

/* SDM 3C, "VM-execution control fields": APIC virtualization. */
static bool apic_ok(const struct machine *m, const struct epml_vmcs *v)
{
	uint64_t page = vmcs_read(&m->vmcs, EPML_VMCS_VIRTUAL_APIC_ADDRESS);

	if (!(v->proc & EPML_PROC_USE_TPR_SHADOW))
		return !(v->proc2 & APIC_VIRTUALIZATION);
	if (!page_address_ok(page))
		return false;
	if (v->proc2 & EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY)
		return v->pin & EPML_PIN_EXTERNAL_INTERRUPT_EXITING;
	return vmcs_read(&m->vmcs, EPML_VMCS_TPR_THRESHOLD) <= vapic_tpr_class(m, page);
}

/* The same, for the other features that vectors use. */
static bool features_ok(const struct machine *m, const struct epml_vmcs *v)
{
	const struct vmcs *f = &m->vmcs;
	bool ept = v->proc2 & EPML_PROC2_ENABLE_EPT;

	if ((v->proc & EPML_PROC_USE_MSR_BITMAPS) &&
	    !page_address_ok(vmcs_read(f, EPML_VMCS_MSR_BITMAP_ADDRESS)))
		return false;
	if ((v->pin & EPML_PIN_VIRTUAL_NMIS) && !(v->pin & EPML_PIN_NMI_EXITING))
		return false;
	if ((v->proc2 & EPML_PROC2_UNRESTRICTED_GUEST) && !ept)
		return false;
	if ((v->proc2 & EPML_PROC2_ENABLE_VPID) && !vmcs_read(f, EPML_VMCS_VPID))
		return false;
	if ((v->proc2 & EPML_PROC2_TSC_SCALING) && !vmcs_read(f, EPML_VMCS_TSC_MULTIPLIER))
		return false;
	return true;
}

static bool vm_functions_ok(const struct machine *m, const struct epml_vmcs *v)
{
	uint64_t functions = vmcs_read(&m->vmcs, EPML_VMCS_VM_FUNCTION_CONTROLS);

	if (!(v->proc2 & EPML_PROC2_ENABLE_VM_FUNCTIONS) || !functions)
		return true;
	return functions == EPML_VMFUNC_EPTP_SWITCHING && (v->proc2 & EPML_PROC2_ENABLE_EPT) &&
	       page_address_ok(vmcs_read(&m->vmcs, EPML_VMCS_EPTP_LIST_ADDRESS));
}

static bool controls_ok(struct machine *m, const struct epml_vmcs *v)
{
	return supported(v) && apic_ok(m, v) && features_ok(m, v) && vm_functions_ok(m, v) &&
	       !epml_vmentry_check(&m->cpu, v);
}

/* Of the guest state, the VMCS link pointer is what vectors can make invalid. */
static bool guest_state_ok(const struct machine *m, const struct epml_vmcs *v)
{
	bool shadowing = v->proc2 & EPML_PROC2_VMCS_SHADOWING;

	if (v->link_pointer == NO_LINK_POINTER)
		return true;
	return page_address_ok(v->link_pointer) &&
	       mem_read(m, v->link_pointer, 4) ==
	       (VMCS_REVISION | (shadowing ? SHADOW_INDICATOR : 0));
}

static void report_exit(struct machine *m)
{
	const struct vmcs *f = &m->vmcs;

	report(m, 'x', 9, (uint64_t[]){
		m->step,
		vmcs_read(f, EPML_VMCS_EXIT_REASON),
		vmcs_read(f, EPML_VMCS_EXIT_QUALIFICATION),
		vmcs_read(f, EPML_VMCS_GUEST_PHYSICAL_ADDRESS),
		vmcs_read(f, EPML_VMCS_GUEST_LINEAR_ADDRESS),
		vmcs_read(f, EPML_VMCS_EXIT_INTERRUPTION_INFO),
		vmcs_read(f, EPML_VMCS_EXIT_INTERRUPTION_ERROR_CODE),
		vmcs_read(f, EPML_VMCS_IDT_VECTORING_INFO),
		vmcs_read(f, EPML_VMCS_IDT_VECTORING_ERROR_CODE) });
}

static void fail_guest_state(struct machine *m)
{
	vmcs_write(&m->vmcs, EPML_VMCS_EXIT_REASON,
		   EPML_EXIT_ENTRY_FAILURE | EPML_REASON_INVALID_GUEST_STATE);
	vmcs_write(&m->vmcs, EPML_VMCS_EXIT_QUALIFICATION, LINK_POINTER_QUALIFICATION);
	vmcs_write(&m->vmcs, EPML_VMCS_IDT_VECTORING_INFO, 0);
	emit(m, &(struct epml_event){
		.type = EPML_EV_EXIT,
		.reason = EPML_EXIT_ENTRY_FAILURE | EPML_REASON_INVALID_GUEST_STATE,
		.value = LINK_POINTER_QUALIFICATION });
	report_exit(m);
}

enum entry vmx_enter(struct machine *m)
{
	struct epml_vmcs v = load_fields(&m->vmcs);

	if (!controls_ok(m, &v)) {				/* STATE-5 */
		vmx_fail(m, EPML_VMERR_INVALID_CONTROL);
		report(m, 'n', 1, (uint64_t[]){ EPML_VMERR_INVALID_CONTROL });
		return ENTRY_VMFAIL;
	}
	if (!guest_state_ok(m, &v)) {				/* STATE-5 */
		fail_guest_state(m);
		return ENTRY_EXIT;
	}
	epml_vmentry_load(&m->cpu, &v);
	m->guest.cr3 = vmcs_read(&m->vmcs, EPML_VMCS_GUEST_CR3);
	m->guest.interrupts = vmcs_read(&m->vmcs, EPML_VMCS_GUEST_RFLAGS) & EPML_RFLAGS_IF;
	m->guest.halted = vmcs_read(&m->vmcs, EPML_VMCS_GUEST_ACTIVITY_STATE) ==
			  EPML_ACTIVITY_HLT;
	walk_flush(m, false);
	vapic_enter(m);
	return ENTERED;
}

/* ---- VM exit ------------------------------------------------------------------------------ */

enum outcome vmx_exit(struct machine *m, uint32_t reason, uint64_t qualification)
{
	m->cpu.exit = (struct epml_exit){ .reason = reason, .qualification = qualification };
	m->trap_like = false;
	emit(m, &(struct epml_event){
		.type = EPML_EV_EXIT, .reason = reason, .value = qualification });
	return EXITED;
}

static void save_exit_information(struct machine *m)
{
	const struct epml_exit *e = &m->cpu.exit;
	const struct event *ev = &m->delivering;
	uint32_t vectoring = 0;

	vmcs_write(&m->vmcs, EPML_VMCS_EXIT_REASON, e->reason);
	vmcs_write(&m->vmcs, EPML_VMCS_EXIT_QUALIFICATION, e->qualification);
	if (e->gpa_valid)
		vmcs_write(&m->vmcs, EPML_VMCS_GUEST_PHYSICAL_ADDRESS, e->gpa);
	if (e->gva_valid)
		vmcs_write(&m->vmcs, EPML_VMCS_GUEST_LINEAR_ADDRESS, e->gva);
	if (m->guest.in_event) {				/* PML-FULL-4, GPML-EVENT-1 */
		vectoring = EPML_EVENT_VALID | (uint32_t)ev->type << EPML_EVENT_TYPE_SHIFT |
			    ev->vector;
		if (ev->has_error)
			vectoring |= EPML_EVENT_ERROR_CODE;
		vmcs_write(&m->vmcs, EPML_VMCS_IDT_VECTORING_ERROR_CODE, ev->error);
		m->inject = *ev;
	}
	vmcs_write(&m->vmcs, EPML_VMCS_IDT_VECTORING_INFO, vectoring);
	m->inject_valid = m->guest.in_event;
	m->guest.in_event = false;
}

/* STATE-2, STATE-3 */
static void save_guest_state(struct machine *m)
{
	const struct epml_vmcs *v = &m->cpu.v;
	struct vmcs *f = &m->vmcs;

	vmcs_write(f, EPML_VMCS_GUEST_CR3, m->guest.cr3);
	vmcs_write(f, EPML_VMCS_GUEST_RFLAGS,
		   EPML_RFLAGS_FIXED | (m->guest.interrupts ? EPML_RFLAGS_IF : 0));
	vmcs_write(f, EPML_VMCS_GUEST_ACTIVITY_STATE,
		   m->guest.halted ? EPML_ACTIVITY_HLT : EPML_ACTIVITY_ACTIVE);
	vmcs_write(f, EPML_VMCS_EPTP, v->eptp);
	vmcs_write(f, EPML_VMCS_EPTP_INDEX, v->eptp_index);
	if (v->proc2 & EPML_PROC2_ENABLE_PML)
		vmcs_write(f, EPML_VMCS_PML_INDEX, v->pml_index);
	if (epml_gpml_enabled(v)) {
		vmcs_write(f, EPML_VMCS_GUEST_PML_ADDRESS, v->gpml_address);
		vmcs_write(f, EPML_VMCS_GUEST_PML_INDEX, v->gpml_index);
		vmcs_write(f, EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, v->gpml_vector);
		vmcs_write(f, EPML_VMCS_GUEST_PML_THRESHOLD, v->gpml_threshold);
	}
	if (v->proc2 & EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY)
		vmcs_write(f, EPML_VMCS_GUEST_INTERRUPT_STATUS,
			   (unsigned)m->vapic.svi << 8 | m->vapic.rvi);
}

void vmx_save(struct machine *m, bool internal)
{
	save_exit_information(m);
	save_guest_state(m);
	walk_flush(m, false);
	if (!internal)
		report_exit(m);
}

bool vmx_eptp_ok(struct machine *m, uint64_t eptp)
{
	/* A state in which nothing but EPTP can break a rule. */
	struct epml_vmcs v = { .proc2 = EPML_PROC2_ENABLE_EPT, .eptp = eptp };

	return !epml_vmentry_check(&m->cpu, &v);
}
