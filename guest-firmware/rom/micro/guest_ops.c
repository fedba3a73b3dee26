/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations in VMX non-root operation. Code of the guest must not call functions of the root. */
#include "micro.h"
#include "repeat.h"

#define PAGE_LIN(i)	(PAGES_LIN + word_in(i))

void guest_event(const uint64_t *frame);

static uint64_t guest_vmread(uint64_t field)
{
	uint64_t value = 0;

	__asm__ volatile("vmread %%rdx, %%rax" : "+a"(value) : "d"(field) : "cc");
	return value;
}

static void guest_vmwrite(uint64_t field, uint64_t value)
{
	__asm__ volatile("vmwrite %%rax, %%rdx" : : "a"(value), "d"(field) : "cc");
}

static void op_pages(unsigned op, unsigned number)
{
	switch (op) {
	case MICRO_G_LOAD_2M:
		loads(number, LARGE_HPA);
		break;
	case MICRO_G_WALK:
		loads(number, PAGES_LIN);
		break;
	case MICRO_G_INVLPG:
		REPEAT(number, MICRO_PAGES, invlpg(PAGE_LIN(i)));
		break;
	case MICRO_G_WALK_COLD:
		REPEAT(number, MICRO_PAGES, invlpg(PAGE_LIN(i)); load(PAGE_LIN(i)));
		break;
	case MICRO_STORE_AGAIN:
	case MICRO_SPP_CACHED:
		REPEAT(0, MICRO_PAGES, store(PAGE_LIN(i)));
		REPEAT(number, MICRO_PAGES, store(PAGE_LIN(i)));
		break;
	default:
		/* What happens at the store was prepared by the root. */
		REPEAT(number, MICRO_PAGES, store(PAGE_LIN(i)));
	}
}

static void op_vmcs(unsigned op, unsigned number)
{
	switch (op) {
	case MICRO_VMREAD_SHADOW:
		REPEAT(number, MICRO_REPEATS, guest_vmread(EPML_VMCS_GUEST_RSP));
		break;
	case MICRO_VMWRITE_SHADOW:
		REPEAT(number, MICRO_REPEATS, guest_vmwrite(EPML_VMCS_GUEST_RSP, i));
		break;
	case MICRO_VMREAD_EXIT:
		REPEAT(number, MICRO_REPEATS, guest_vmread(EPML_VMCS_GUEST_CR3));
		break;
	case MICRO_VMWRITE_EXIT:
		REPEAT(number, MICRO_REPEATS, guest_vmwrite(EPML_VMCS_GUEST_CR3, i));
		break;
	case MICRO_VMREAD_GPML:
		REPEAT(number, MICRO_REPEATS, guest_vmread(EPML_VMCS_GUEST_PML_INDEX));
		break;
	case MICRO_VMWRITE_GPML:
		REPEAT(number, MICRO_REPEATS,
		       guest_vmwrite(EPML_VMCS_GUEST_PML_INDEX, EPML_LOG_FIRST_INDEX));
		break;
	default:
		REPEAT(number, MICRO_REPEATS, guest_vmwrite(EPML_VMCS_GUEST_PML_ADDRESS, M_LOG));
	}
}

/** Execute an operation. @param number phase in which it is counted */
void guest_op(unsigned op, unsigned number)
{
	switch (op) {
	case MICRO_G_LOOP:
		REPEAT(number, MICRO_REPEATS, );
		break;
	case MICRO_G_CR3:
		REPEAT(number, MICRO_REPEATS, write_cr3(ROM_PAGING));
		break;
	case MICRO_VMCALL:
		REPEAT(number, MICRO_REPEATS, vmcall(CALL_NOTHING));
		break;
	case MICRO_NOTIFY:
		__asm__ volatile("sti");
		op_pages(op, number);
		__asm__ volatile("cli");
		break;
	case MICRO_ALONE:
		tracker_run(number);
		break;
	case MICRO_VMREAD_SHADOW:
	case MICRO_VMWRITE_SHADOW:
	case MICRO_VMREAD_EXIT:
	case MICRO_VMWRITE_EXIT:
	case MICRO_VMREAD_GPML:
	case MICRO_VMWRITE_GPML:
	case MICRO_VMWRITE_ADDRESS:
		op_vmcs(op, number);
		break;
	default:
		op_pages(op, number);
	}
}

/** The guest: called by guest_start with an empty stack. */
void guest_run(void)
{
	for (;;) {
		guest_op(micro.op, micro.phase);
		vmcall(CALL_NEXT);
	}
}

/** An event that has no handler of ours; called by guest_stub_tail (entry.S). */
void guest_event(const uint64_t *frame)
{
	const uint64_t *const event = frame + R_RIP;	/* vector, has error, error, RIP */

	micro.failed_vector = (uint32_t)event[0];
	micro.failed_rip = event[3];
	micro.failed_address = read_cr2();
	vmcall(CALL_FAILED);
}
