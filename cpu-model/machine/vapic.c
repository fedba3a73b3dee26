/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual-interrupt delivery and the x2APIC registers that vectors write (SDM 3C, "APIC
 * virtualization and virtual interrupts").
 *
 * Virtual-APIC page:
 *	080H	VTPR
 *	0A0H	VPPR
 *	0B0H	VEOI
 *	100H	VISR, 8 registers of 32 bits, 16 bytes apart
 *	200H	VIRR, likewise
 *	3F0H	self-IPI
 */
#include "machine_priv.h"

#define VTPR		0x080
#define VPPR		0x0A0
#define VEOI		0x0B0
#define VISR		0x100
#define VIRR		0x200
#define SELF_IPI	0x3F0

static uint64_t page(const struct machine *m)
{
	return vmcs_read(&m->vmcs, EPML_VMCS_VIRTUAL_APIC_ADDRESS);
}

static uint32_t get(const struct machine *m, unsigned offset)
{
	return mem_read(m, page(m) + offset, 4);
}

static void set(struct machine *m, unsigned offset, uint32_t value)
{
	mem_write(m, page(m) + offset, 4, value);
}

static unsigned register_of(unsigned base, uint8_t vector)
{
	return base + vector / 32 * 16;
}

static void set_bit(struct machine *m, unsigned base, uint8_t vector)
{
	unsigned reg = register_of(base, vector);

	set(m, reg, get(m, reg) | 1u << vector % 32);
}

static void clear_bit(struct machine *m, unsigned base, uint8_t vector)
{
	unsigned reg = register_of(base, vector);

	set(m, reg, get(m, reg) & ~(1u << vector % 32));
}

/* The highest vector whose bit is set, 0 if none is. */
static uint8_t highest(const struct machine *m, unsigned base)
{
	for (int vector = 255; vector > 0; vector--)
		if (get(m, register_of(base, vector)) >> vector % 32 & 1)
			return vector;
	return 0;
}

/* SDM 3C, "PPR virtualization" */
static void virtualize_ppr(struct machine *m)
{
	uint8_t vtpr = get(m, VTPR);
	uint8_t svi = m->vapic.svi;

	m->vapic.vppr = vtpr >> 4 >= svi >> 4 ? vtpr : svi & 0xF0;
	set(m, VPPR, m->vapic.vppr);
}

uint8_t vapic_tpr_class(const struct machine *m, uint64_t page_hpa)
{
	return mem_read(m, page_hpa + VTPR, 1) >> 4;
}

void vapic_enter(struct machine *m)
{
	uint16_t status = vmcs_read(&m->vmcs, EPML_VMCS_GUEST_INTERRUPT_STATUS);

	m->vapic = (struct vapic){ .rvi = status, .svi = status >> 8 };
	if (controls2(m, EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY))
		virtualize_ppr(m);
}

/* NOTIFY-3; a vector that is pending stays one: NOTIFY-7 */
void vapic_self_ipi(struct machine *m, uint8_t vector)
{
	set_bit(m, VIRR, vector);
	if (vector > m->vapic.rvi)
		m->vapic.rvi = vector;
}

/*
 * Evaluation of pending virtual interrupts. Its inputs change only by operations after which the
 * SDM has it evaluated, so that it need not be remembered.
 */
bool vapic_pending(const struct machine *m)
{
	return controls2(m, EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY) &&
	       !(m->cpu.v.proc & EPML_PROC_INTERRUPT_WINDOW_EXITING) &&
	       m->vapic.rvi >> 4 > m->vapic.vppr >> 4;
}

uint8_t vapic_acknowledge(struct machine *m)
{
	uint8_t vector = m->vapic.rvi;

	set_bit(m, VISR, vector);
	m->vapic.svi = vector;
	m->vapic.vppr = vector & 0xF0;
	set(m, VPPR, m->vapic.vppr);
	clear_bit(m, VIRR, vector);
	m->vapic.rvi = highest(m, VIRR);
	emit(m, &(struct epml_event){ .type = EPML_EV_INTERRUPT, .vector = vector });
	return vector;
}

static enum outcome trap_exit(struct machine *m, uint32_t reason, uint64_t qualification)
{
	vmx_exit(m, reason, qualification);
	m->trap_like = true;
	return EXITED;
}

static enum outcome write_tpr(struct machine *m, uint8_t value)
{
	set(m, VTPR, value);
	set(m, VTPR + 4, 0);
	if (controls2(m, EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY)) {
		virtualize_ppr(m);
		return DONE;
	}
	if (value >> 4 < (vmcs_read(&m->vmcs, EPML_VMCS_TPR_THRESHOLD) & 0xF))
		return trap_exit(m, EPML_REASON_TPR_BELOW_THRESHOLD, 0);
	return DONE;
}

static const uint32_t eoi_exit_bitmap[] = {
	EPML_VMCS_EOI_EXIT_BITMAP_0, EPML_VMCS_EOI_EXIT_BITMAP_1,
	EPML_VMCS_EOI_EXIT_BITMAP_2, EPML_VMCS_EOI_EXIT_BITMAP_3,
};

static enum outcome write_eoi(struct machine *m)
{
	uint8_t vector = m->vapic.svi;

	set(m, VEOI, 0);
	clear_bit(m, VISR, vector);
	m->vapic.svi = highest(m, VISR);
	virtualize_ppr(m);
	if (vmcs_read(&m->vmcs, eoi_exit_bitmap[vector / 64]) >> vector % 64 & 1)
		return trap_exit(m, EPML_REASON_VIRTUALIZED_EOI, vector);
	return DONE;
}

static enum outcome write_self_ipi(struct machine *m, uint8_t vector)
{
	if (vector < 16) {
		set(m, SELF_IPI, vector);
		set(m, SELF_IPI + 4, 0);
		return trap_exit(m, EPML_REASON_APIC_WRITE, SELF_IPI);
	}
	vapic_self_ipi(m, vector);
	return DONE;
}

static bool msr_exits(const struct machine *m, uint32_t msr)
{
	uint64_t bitmap = vmcs_read(&m->vmcs, EPML_VMCS_MSR_BITMAP_ADDRESS);

	if (!(m->cpu.v.proc & EPML_PROC_USE_MSR_BITMAPS))
		return true;
	return mem_read(m, bitmap + 2048 + msr / 8, 1) >> msr % 8 & 1;
}

enum outcome vapic_wrmsr(struct machine *m, uint32_t msr, uint64_t value)
{
	bool delivery = controls2(m, EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY);

	if (m->guest.user)
		return fault_code(m, EPML_VECTOR_GP, 0);
	if (msr_exits(m, msr))
		return vmx_exit(m, EPML_REASON_WRMSR, 0);
	/* The guest's own APIC, which would get the write otherwise, is not in x2APIC mode. */
	if (!controls2(m, EPML_PROC2_VIRTUALIZE_X2APIC) || value > 0xFF ||
	    (msr != EPML_MSR_X2APIC_TPR && !delivery))
		return fault_code(m, EPML_VECTOR_GP, 0);
	switch (msr) {
	case EPML_MSR_X2APIC_TPR:
		return write_tpr(m, value);
	case EPML_MSR_X2APIC_EOI:
		return value ? fault_code(m, EPML_VECTOR_GP, 0) : write_eoi(m);
	default:
		return write_self_ipi(m, value);
	}
}
