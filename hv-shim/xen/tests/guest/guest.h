/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PVH guest of a few pages that tests the OoH calls from ring 0, without an operating system:
 * good calls, and those of a hostile guest. It prints one line of TAP for each test to the debug
 * port of Xen, and powers off.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "epml-spec.h"
#include "ooh_call.h"

/* Pages of 4 KByte for tests: linear and physical address of the first. All else is mapped 1:1. */
#define TEST_GVA	0x40000000ul
#define TEST_GPA	0x800000ul
#define TEST_PAGES	512u

/* RAM for rings and logs, and what is none. */
#define RING_GPA	0x400000ul
#define LOG_GPA		0x600000ul
#define RAM_END		(48ul << 20)		/* "memory" in test.cfg */
#define POOL_GPA	0x1000000ul	/* 16 MBytes */
#define APIC_GPA	0xfee00000ul
#define HOLE_GPA	0xd0000000ul

#define APIC_SVR	0xf0

#define HYPERCALL_SCHED_OP	29
#define SCHEDOP_YIELD		0

#define VECTOR_NMI	2

#define PTE_PRESENT	0x01ul
#define PTE_WRITE	0x02ul
#define PTE_DIRTY	0x40ul

struct frame {
	uint64_t r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error, rip, cs, rflags, rsp, ss;
};

/* entry.S */
extern uint64_t pt_test[512];
long user_vmcall(long rax);

/* guest.c */
extern volatile unsigned int interrupts[256];
extern unsigned int tests;

/** Events, test pages, APIC. */
void set_up(void);
void print(const char *text);
void print_number(long n);
/** One test. Arguments of failed ones are shown. */
void check(const char *what, bool ok);
void check_result(const char *what, long result, long expected);
/** The word of the command line, or an empty string. */
const char *command_line(void);
void apic_write(unsigned int reg, uint32_t value);
uint32_t apic_read(unsigned int reg);
void power_off(void) __attribute__((noreturn));
long xen_call(unsigned int number, unsigned long a, unsigned long b);

long vmcall(unsigned int op, uint64_t a, uint64_t b, uint64_t c);

/**
 * VMREAD and VMWRITE.
 * @return	0: done; 1: VMfail; 256 + vector: an exception
 */
int vmread(uint64_t field, uint64_t *value);
int vmwrite(uint64_t field, uint64_t value);

/** Write to the address. @return as of vmread() */
int store(uint64_t gva, uint64_t value);
/** Copy 4 bytes, by one instruction. @return as of vmread() */
int copy_one(uint64_t to, uint64_t from);

/** Give a page back to the hypervisor, and get one for its place. @return pages */
long balloon_out(uint64_t gpa);
long balloon_in(uint64_t gpa);

/** Test page n: clean, and no translation of it cached. */
void rearm(unsigned int n);
bool is_dirty(unsigned int n);
static inline volatile uint64_t *test_page(unsigned int n)
{
	return (volatile uint64_t *)(TEST_GVA + n * 4096ul);
}

/* The tests. */
void test_calls(void);
void test_ring(void);
void test_epml(void);
void test_hostile_log(void);
void test_published(void);
void test_spml(void);
void test_spp(void);
void test_both(void);
void test_two(void);

#endif
