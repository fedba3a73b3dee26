/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: lines of the protocol of vecimg.h to port E9H. Root only. */
#include "cpu.h"
#include "rom.h"

#define PORT_OUTPUT	0xE9
#define PORT_SHUTDOWN	0x8900

static const char register_names[R_COUNT][8] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip", "rflags",
};

void root_exception(uint64_t vector, uint64_t rip, uint64_t error, uint64_t cr2);

static void put_char(char c)
{
	outb(PORT_OUTPUT, c);
}

static void put_text(const char *text)
{
	while (*text)
		put_char(*text++);
}

static void put_hex(uint64_t value)
{
	int shift = 60;

	while (shift > 0 && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put_char("0123456789abcdef"[value >> shift & 15]);
}

/** Report that the ROM gives up, and why. */
void report_text(const char *text)
{
	put_text("! ");
	put_text(text);
	put_char('\n');
}

/** Report a line of @p n numbers. */
void report_line(char kind, unsigned n, const uint64_t *v)
{
	unsigned i;

	put_char(kind);
	for (i = 0; i < n; i++) {
		put_char(' ');
		put_hex(v[i]);
	}
	put_char('\n');
}

/** Report register @p index (R_RAX, ...) of a program. */
void report_register(unsigned index, uint64_t value)
{
	put_text("g ");
	put_text(register_names[index]);
	put_char(' ');
	put_hex(value);
	put_char('\n');
}

/**
 * Report a line that counts towards VI_MAX_REPORTS.
 * @return	false if there are too many, which is reported instead
 */
bool report_counted(char kind, unsigned n, const uint64_t *v)
{
	if (run.lines >= VI_MAX_REPORTS) {
		report_text("too many reports");
		return false;
	}
	run.lines++;
	report_line(kind, n, v);
	return true;
}

/** Report what the guest recorded since the last call. */
void report_records(void)
{
	uint32_t i;

	for (i = 0; i < run.n_records; i++)
		report_line(run.records[i].kind, run.records[i].n, run.records[i].v);
	run.n_records = 0;
}

/** End Bochs. */
void rom_shutdown(void)
{
	const char *p;

	for (p = "Shutdown"; *p; p++)
		outb(PORT_SHUTDOWN, *p);
	for (;;)
		__asm__ volatile("cli; hlt");
}

/**
 * An exception in the ROM itself: report it and end Bochs; called by root_stub_tail. The run
 * lacks its last line, so the host knows that vectors are missing.
 * @param rip, error	the first two words of the exception's frame: RIP and CS, or the error
 *			code and RIP
 */
void root_exception(uint64_t vector, uint64_t rip, uint64_t error, uint64_t cr2)
{
	const uint64_t v[4] = { vector, rip, error, cr2 };
	unsigned i;

	put_text("! exception in the ROM:");
	for (i = 0; i < 4; i++) {
		put_char(' ');
		put_hex(v[i]);
	}
	put_char('\n');
	rom_shutdown();
}
