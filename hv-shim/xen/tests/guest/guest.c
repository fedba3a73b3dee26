/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests stand on: output, events, instructions that may fail. */
#include "guest.h"

#define DEBUG_PORT	0xe9
#define APIC_EOI	0xb0
#define VECTOR_RETURN	0x80

#define SCHEDOP_SHUTDOWN	2
#define SHUTDOWN_POWEROFF	0
#define SHUTDOWN_CRASH		3

struct gate {
	uint16_t offset0, selector;
	uint8_t ist, type;
	uint16_t offset1;
	uint32_t offset2, zero;
};

extern struct gate idt[256];
extern const uint8_t stubs[256][16];
extern uint32_t start_info;
void user_return(void);
void guest_event(struct frame *frame);

volatile unsigned int interrupts[256];

unsigned int tests;

/* Where to go on after an exception, and which one it was. */
static volatile uint64_t fixup;
static volatile unsigned int exception;

void apic_write(unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(APIC_GPA + reg) = value;
}

uint32_t apic_read(unsigned int reg)
{
	return *(volatile uint32_t *)(APIC_GPA + reg);
}

void print(const char *text)
{
	for (; *text; text++)
		__asm__ volatile("outb %0, %1" : : "a"(*text), "Nd"((uint16_t)DEBUG_PORT));
}

void print_number(long n)
{
	char text[24];
	unsigned int at = sizeof(text) - 1;
	unsigned long rest = n < 0 ? -n : n;

	text[at] = 0;
	do {
		text[--at] = '0' + rest % 10;
		rest /= 10;
	} while (rest);
	if (n < 0)
		text[--at] = '-';
	print(text + at);
}

void check(const char *what, bool ok)
{
	tests++;
	print(ok ? "ok " : "not ok ");
	print_number(tests);
	print(" - ");
	print(what);
	print("\n");
}

void check_result(const char *what, long result, long expected)
{
	if (result != expected) {
		print("# result ");
		print_number(result);
		print(", expected ");
		print_number(expected);
		print("\n");
	}
	check(what, result == expected);
}

long xen_call(unsigned int number, unsigned long a, unsigned long b)
{
	long rax = number;

	__asm__ volatile("vmcall" : "+a"(rax), "+D"(a), "+S"(b) : : "rdx", "r10", "r8", "memory");
	return rax;
}

static void __attribute__((noreturn)) shut_down(unsigned int reason)
{
	xen_call(HYPERCALL_SCHED_OP, SCHEDOP_SHUTDOWN, (unsigned long)&reason);
	for (;;)
		__asm__ volatile("hlt");
}

void power_off(void)
{
	shut_down(SHUTDOWN_POWEROFF);
}

long vmcall(unsigned int op, uint64_t a, uint64_t b, uint64_t c)
{
	long rax = OOH_CALL + op;

	__asm__ volatile("vmcall" : "+a"(rax) : "D"(a), "S"(b), "d"(c) : "memory");
	return rax;
}

/*
 * An instruction that may cause an exception: the handler goes on at label 1. The result is 1 if
 * the instruction has set ZF or CF, which is how VMX instructions fail.
 */
#define TRY(instruction, outputs, ...)							\
({											\
	bool fail_;									\
	exception = 0;									\
	__asm__ volatile("movq $1f, %[fixup]\n\t"					\
		"cmp $0, %%rsp\n\t"	/* ZF and CF off */				\
		instruction "\n"							\
		"1:\n\t"								\
		"setbe %[fail]\n\t"							\
		"movq $0, %[fixup]"							\
		: [fixup] "=m"(fixup), [fail] "=r"(fail_) outputs			\
		: __VA_ARGS__ : "cc", "memory");					\
	exception ? (int)exception : (int)fail_;					\
})
#define OUTPUT(...)	, __VA_ARGS__

int vmread(uint64_t field, uint64_t *value)
{
	uint64_t read = 0;
	int rc = TRY("vmread %[field], %[read]", OUTPUT([read] "+r"(read)), [field] "r"(field));

	*value = read;
	return rc;
}

int vmwrite(uint64_t field, uint64_t value)
{
	return TRY("vmwrite %[value], %[field]", , [value] "r"(value), [field] "r"(field));
}

int store(uint64_t gva, uint64_t value)
{
	return TRY("movq %[value], (%[gva])", , [value] "r"(value), [gva] "r"(gva));
}

int copy_one(uint64_t to, uint64_t from)
{
	return TRY("movsl", OUTPUT("+D"(to), "+S"(from)), "m"(fixup));
}

#define HYPERCALL_MEMORY_OP	12
#define DECREASE_RESERVATION	1
#define POPULATE_PHYSMAP	6

struct reservation {
	uint64_t *frames;
	uint64_t n;
	uint32_t order, flags;
	uint16_t domain;
};

static long reservation(unsigned int op, uint64_t gpa)
{
	uint64_t frame = gpa / 4096;
	struct reservation r = { .frames = &frame, .n = 1, .domain = 0x7ff0 };

	return xen_call(HYPERCALL_MEMORY_OP, op, (unsigned long)&r);
}

long balloon_out(uint64_t gpa)
{
	return reservation(DECREASE_RESERVATION, gpa);
}

long balloon_in(uint64_t gpa)
{
	return reservation(POPULATE_PHYSMAP, gpa);
}

/* The handler of all vectors. */
void guest_event(struct frame *frame)
{
	if (frame->vector == VECTOR_RETURN) {
		frame->rip = (uint64_t)user_return;
		frame->cs = 0x08;
		frame->ss = 0;
		frame->rdi = frame->rax;
	} else if (frame->vector >= 32) {
		interrupts[frame->vector]++;
		apic_write(APIC_EOI, 0);
	} else if (frame->vector == VECTOR_NMI) {
		interrupts[VECTOR_NMI]++;
	} else if (fixup) {
		exception = 256 + frame->vector;
		frame->rip = fixup;
		frame->rflags &= ~0x41ul;
	} else {
		print("not ok exception ");
		print_number(frame->vector);
		print(" at ");
		print_number(frame->rip);
		print("\n");
		shut_down(SHUTDOWN_CRASH);
	}
}

void rearm(unsigned int n)
{
	__atomic_fetch_and(&pt_test[n], ~PTE_DIRTY, __ATOMIC_SEQ_CST);
	__asm__ volatile("invlpg (%0)" : : "r"(test_page(n)) : "memory");
}

bool is_dirty(unsigned int n)
{
	return *(volatile uint64_t *)&pt_test[n] & PTE_DIRTY;
}

/* The start info page: magic, version, flags, modules, list of modules, command line. */
const char *command_line(void)
{
	const uint64_t *info = (const uint64_t *)(uint64_t)start_info;

	return info[3] ? (const char *)info[3] : "";
}

void set_up(void)
{
	unsigned int i;

	for (i = 0; i < 256; i++) {
		uint64_t stub = (uint64_t)stubs[i];

		idt[i] = (struct gate){ .offset0 = stub, .selector = 0x08,
			.type = i == VECTOR_RETURN ? 0xee : 0x8e,
			.offset1 = stub >> 16, .offset2 = stub >> 32 };
	}
	for (i = 0; i < TEST_PAGES; i++)
		pt_test[i] = (TEST_GPA + i * 4096ul) | PTE_WRITE | PTE_PRESENT;
	apic_write(APIC_SVR, 0x1ff);
}
