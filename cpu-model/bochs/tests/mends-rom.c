/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ROM of the test mends.sh: does this Bochs have the defects that the model's builds mend?
 *
 * The way from the reset vector into a VMX guest is that of the ROM of the vectors. The guest has
 * no EPT, and the paging structures of the root. Each check prints a line
 *
 *	r DEFECT CHECK PASSED VALUE
 *
 * in hexadecimal. An exception ends the check's instruction. A line "n VALUE" is a random number.
 */
#include "cpu.h"
#include "rom.h"

#define MSR_TSC			0x10
#define MSR_MISC_ENABLE		0x1A0
#define TSC_START		(1ull << 40)
#define TSC_SLACK		(1ull << 28)		/* more than all of this takes */
#define TSC_TWICE		(2ull << 48)		/* multiplier */
#define RFLAGS_AC		(1ull << 18)
#define XCR0_ALL		0xE7u			/* x87, SSE, AVX, AVX-512 */
#define XSAVE_AVX		7u			/* x87, SSE, AVX */
#define XSAVE_ALL_SIZE		(576 + 256 + 64 + 512 + 1024)
#define PATTERN			0x0123456789ABCDEFull

/* A 2-MByte page for user mode, and the one that its entry names later. */
#define USER_PAGE		0x02000000ull
#define OTHER_PAGE		0x03000000ull
#define USER_4K_PAGES		100			/* more than are noted for AC */

struct run run;				/* of vectors; report.c and vmx.c look at it */

struct frame {
	uint64_t regs[R_RIP];
	uint64_t vector, has_error, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

void rom_main(void);
void guest_event(struct frame *f);

static uint64_t recover;		/* where an exception goes on, ... */
static uint64_t faults;			/* ... and how many there were */
static uint8_t area[4096] __attribute__((aligned(64)));

/*
 * Run an instruction that may fault. RBX is for its own use.
 */
#define TRY(insn, ...)								\
	__asm__ volatile("lea 1f(%%rip), %%rbx; mov %%rbx, %[recover];"		\
			 insn "; 1:" __VA_ARGS__)
#define RECOVER	[recover] "=m"(recover)

static void check(unsigned defect, unsigned number, bool passed, uint64_t value)
{
	const uint64_t line[4] = { defect, number, passed, value };

	report_line('r', 4, line);
}

/** An exception in the guest; called by guest_stub_tail. */
void guest_event(struct frame *f)
{
	faults++;
	f->rip = recover;
}

/* ---- In the guest --------------------------------------------------------------------------- */

static void check_tsc(void)
{
	uint32_t lo = 0, hi = 0, aux;
	uint64_t tsc[3];
	unsigned i;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	tsc[0] = (uint64_t)hi << 32 | lo;
	__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux));
	tsc[1] = (uint64_t)hi << 32 | lo;
	tsc[2] = rdmsr(MSR_TSC);
	for (i = 0; i < 3; i++)
		check(8, i, tsc[i] >= 2 * TSC_START && tsc[i] < 2 * TSC_START + TSC_SLACK, tsc[i]);
}

/* XSAVEC or XSAVES, and back. */
#define CHECK_COMPACTED(number, save, restore)						\
	do {										\
		const uint64_t in[4] = { 1, 2, PATTERN, ~PATTERN };			\
		uint64_t out[4] = { 0 };						\
											\
		memory_zero_page((uint64_t)area);					\
		faults = 0;								\
		__asm__ volatile("vmovdqu %0, %%ymm7" : : "m"(in));			\
		TRY(save, : [area] "+m"(area), RECOVER : "a"(XSAVE_AVX), "d"(0) : "rbx");	\
		__asm__ volatile("vxorps %ymm7, %ymm7, %ymm7");				\
		TRY(restore, : RECOVER : [area] "m"(area), "a"(XSAVE_AVX), "d"(0) : "rbx");	\
		__asm__ volatile("vmovdqu %%ymm7, %0" : "=m"(out));			\
		check(22, number, !faults && out[2] == PATTERN && out[3] == ~PATTERN,	\
		      out[2]);								\
		check(22, number + 1, *(uint64_t *)(area + 576 + 7 * 16) == PATTERN,	\
		      *(uint64_t *)(area + 576 + 7 * 16));				\
	} while (0)

static void check_misc_enable(void)
{
	uint32_t lo = 0, hi = 0;

	faults = 0;
	TRY("rdmsr", : "+a"(lo), "+d"(hi), RECOVER : "c"(MSR_MISC_ENABLE) : "rbx");
	check(23, 0, !faults && (lo & 1), lo);
	TRY("wrmsr", : RECOVER : "a"(lo), "d"(hi), "c"(MSR_MISC_ENABLE) : "rbx");
	check(23, 1, !faults, faults);
	TRY("wrmsr", : RECOVER : "a"(lo & ~1u), "d"(hi), "c"(MSR_MISC_ENABLE) : "rbx");
	check(23, 2, faults == 1, faults);
}

/* ---- CR4.SMAP -------------------------------------------------------------------------------- */

static uint64_t *user_pde(void)
{
	return (uint64_t *)(ROM_PAGING + 0x2000) + (USER_PAGE >> 21);
}

static void map_user_page(uint64_t hpa)
{
	*user_pde() = hpa | EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER |
		      EPML_PTE_ACCESSED | EPML_PTE_DIRTY | EPML_PTE_LARGE;
}

static uint64_t read_user(uint64_t lin)
{
	uint64_t value = 0;

	TRY("mov (%%rdx), %%rax", : "+a"(value), RECOVER : "d"(lin) : "rbx", "memory");
	return value;
}

static void write_user(uint64_t lin, uint64_t value)
{
	TRY("mov %%rax, (%%rdx)", : RECOVER : "a"(value), "d"(lin) : "rbx", "memory");
}

static void stac(void)
{
	__asm__ volatile("stac" : : : "memory");
}

static void clac(void)
{
	__asm__ volatile("clac" : : : "memory");
}

static void clear_ac_by_popf(void)
{
	uint64_t flags;

	__asm__ volatile("pushf; pop %0" : "=r"(flags));
	__asm__ volatile("push %0; popf" : : "r"(flags & ~RFLAGS_AC) : "cc", "memory");
}

/* Use a stack in the user page, and use it again without AC. */
static void push_and_pop(void)
{
	TRY("mov %%rsp, %%rsi; mov %%rdx, %%rsp; stac; push %%rdx; pop %%rdx; clac; push %%rdx;"
	    "pop %%rdx",
	    "mov %%rsi, %%rsp" : RECOVER : "d"(USER_PAGE + 0x1800) : "rbx", "rsi", "memory");
}

/* Does every access without AC fault, although the TLB may know the pages? */
static bool all_fault(void)
{
	unsigned i;

	faults = 0;
	for (i = 0; i < USER_4K_PAGES; i++) {
		read_user(USER_PAGE + i * 0x1000);
		write_user(USER_PAGE + i * 0x1000, i);
	}
	return faults == 2 * USER_4K_PAGES;
}

static void use_all(void)
{
	unsigned i;

	for (i = 0; i < USER_4K_PAGES; i++)
		write_user(USER_PAGE + i * 0x1000, PATTERN);
}

static void check_smap(void)
{
	uint64_t value;

	map_user_page(USER_PAGE);
	write_cr4(read_cr4() | EPML_CR4_SMAP);
	faults = 0;
	stac();
	write_user(USER_PAGE, PATTERN);
	value = read_user(USER_PAGE);
	check(11, 0, !faults && value == PATTERN, value);

	/* A translation that the TLB keeps outlives its paging-structure entry. */
	map_user_page(OTHER_PAGE);
	value = read_user(USER_PAGE);
	check(11, 1, !faults && value == PATTERN, value);
	clac();
	map_user_page(USER_PAGE);
	write_cr3(read_cr3());

	stac();
	use_all();
	check(11, 2, !faults, faults);
	clac();
	check(11, 3, all_fault(), faults);
	stac();
	use_all();
	clear_ac_by_popf();
	check(11, 4, all_fault(), faults);
	faults = 0;
	push_and_pop();
	check(11, 5, faults == 1, faults);
	clac();
	write_cr4(read_cr4() & ~(uint64_t)EPML_CR4_SMAP);
}

/** Called by guest_start. */
void guest_run(void)
{
	check_tsc();
	check_smap();
	check_misc_enable();
	CHECK_COMPACTED(0, "xsavec64 %[area]", "xrstor64 %[area]");
	CHECK_COMPACTED(2, "xsaves64 %[area]", "xrstors64 %[area]");
	__asm__ volatile("vmcall");
}

/* ---- In the root ----------------------------------------------------------------------------- */

static const struct vi_field fields[] = {
	{ EPML_VMCS_PROC_BASED_CONTROLS,
	  EPML_PROC_USE_TSC_OFFSETTING | EPML_PROC_USE_MSR_BITMAPS |
	  EPML_PROC_ACTIVATE_SECONDARY },
	{ EPML_VMCS_SECONDARY_CONTROLS,
	  EPML_PROC2_ENABLE_RDTSCP | EPML_PROC2_TSC_SCALING },
	{ EPML_VMCS_TSC_MULTIPLIER, TSC_TWICE },
	{ EPML_VMCS_MSR_BITMAP_ADDRESS, W_MSR_BITMAP },
	{ EPML_VMCS_GUEST_CR3, ROM_PAGING },
};

/* User mode may have any page of which the last entry says so. */
static void build_paging(void)
{
	uint64_t *pml4 = (uint64_t *)ROM_PAGING, *pdpt = pml4 + 512;

	pml4[W_ALIAS >> 39] = (ROM_PAGING + 0x1000) | EPML_PTE_PRESENT | EPML_PTE_WRITE;
	pml4[0] |= EPML_PTE_USER;
	pdpt[0] |= EPML_PTE_USER;
}

static void check_xss_bitmap(void)
{
	uint64_t value = 0;
	bool written = !vmwrite(EPML_VMCS_XSS_EXITING_BITMAP, PATTERN);

	vmread_flags(EPML_VMCS_XSS_EXITING_BITMAP, &value);
	check(7, 0, written && value == PATTERN, value);
	vmwrite(EPML_VMCS_XSS_EXITING_BITMAP, 0);
	/* Without the field, VM entry with the control would end Bochs. */
	if (written)
		vmwrite(EPML_VMCS_SECONDARY_CONTROLS,
			vmread(EPML_VMCS_SECONDARY_CONTROLS) | EPML_PROC2_ENABLE_XSAVES);
}

static void check_compacted_size(void)
{
	uint32_t r[4];

	cpuid(0xD, 1, r);
	check(10, 0, r[1] == XSAVE_ALL_SIZE, r[1]);
}

static uint64_t random_number(void)
{
	uint64_t value;
	bool valid;

	do
		__asm__ volatile("rdrand %0" : "=r"(value), "=@ccc"(valid));
	while (!valid);
	return value;
}

/** Called by reset.S in long mode. */
void rom_main(void)
{
	const struct vi_vector v = { .n_fields = sizeof(fields) / sizeof(fields[0]) };
	const uint64_t random = random_number();
	uint64_t end[2];

	tables_init();
	outb(0x21, 0xFF);
	outb(0xA1, 0xFF);
	vmx_init();
	build_paging();
	memory_zero_page(W_MSR_BITMAP);
	tables_set_ist(ALIAS(ist_stack_top));
	event_stack = ALIAS(handler_stack_top);
	vmcs_init(&v, fields);
	vmcs_restart_guest();
	check_xss_bitmap();
	check_compacted_size();
	wrmsr(MSR_TSC, TSC_START);
	end[0] = vmx_enter(false);
	end[1] = vmread(EPML_VMCS_EXIT_REASON);
	report_line('n', 1, &random);
	report_line('Z', 2, end);
	rom_shutdown();
}
