/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ROM that executes test vectors as real instructions in a VMX guest.
 *
 * It is a BIOS image of 64 KByte without operating system or library. Bochs starts it at the
 * reset vector; the vector image (testvectors/vecimg.h) lies in front of it (romimage.h).
 *
 *	reset.S		real mode, protected mode, copy to RAM, long mode
 *	main.c		this list: set up the root, run every vector, end Bochs
 *	image.c		the vector image and its arrays
 *	run.c		one vector: memory, VMCS, VM entries and exits, report
 *	host.c		steps that run in VMX root operation
 *	one_writable.c	writes that are refused, let through page by page
 *	guest.c, ops.S	steps that run in VMX non-root operation, and the guest's event handler
 *	entry.S		VM entry and exit, exception and interrupt stubs
 *	vmx.c, tables.c	VMCS, descriptor tables
 *	memory.c, report.c	host-physical memory, output
 *
 * Root and guest share one program in one place. The root runs it at its physical address, the
 * guest at W_ALIAS + that address, through paging structures that the vector compiler builds and
 * whose accessed and dirty flags are all set: the interpreter's own accesses change nothing that
 * a vector can see, neither flags nor logs. Code is therefore position-independent, without a
 * single stored pointer (rom.ld refuses them), and guest and root data differ only in how they are
 * reached (ALIAS in rom.h).
 *
 * A guest step is one call of op_run, which executes one instruction. If an event interrupts it,
 * the stub in entry.S takes the frame from the vector's IST stack and guest_event records it; then
 * the handler steps of that vector run, and IRET goes back. A fault without handler steps ends
 * the step: IRET goes to op_abort. Between a guest step and a host step, and at the end, the
 * guest calls the root with a VMCALL that is told from the vector's own by its magic number.
 *
 * After any other VM exit the root prints it, and runs the host steps that follow, if any. Then
 * it resumes the guest where it was, injecting again an event whose delivery was interrupted, or
 * starts the interpreter anew at the next step. What the guest records is printed after the
 * next VM exit, so the guest needs no I/O.
 *
 * A vector that hangs is stopped by the VMX-preemption timer (exit reason 52).
 */
#include "cpu.h"
#include "rom.h"

void rom_main(void);

/* No interrupt but the virtual ones: mask both interrupt controllers. */
static void mask_interrupts(void)
{
	outb(0x21, 0xFF);
	outb(0xA1, 0xFF);
}

static uint64_t run_image(const struct vi_header *h)
{
	const struct vi_vector *v = (const struct vi_vector *)(h + 1);
	uint64_t end = (uint64_t)h + h->size;
	struct arrays a;
	uint32_t i;

	for (i = 0; i < h->count; i++) {
		if (!image_arrays(v, end, &a)) {
			report_text("the vector image is damaged");
			break;
		}
		run_vector(v, &a);
		v = (const struct vi_vector *)((const char *)v + v->size);
	}
	return i;
}

/** Called by reset.S in long mode. */
void rom_main(void)
{
	const struct vi_header *h = image_find();
	uint64_t count = 0;

	tables_init();
	mask_interrupts();
	vmx_init();
	if (h)
		count = run_image(h);
	else
		report_text("no vector image");
	report_line('Z', 1, &count);
	rom_shutdown();
}
