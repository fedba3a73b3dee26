/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of a program that "epml asm" runs; for assembler and C.
 *
 *	#include <epml-guest.h>
 *
 * The program begins at its first instruction, in C with its function program(), with all
 * registers 0 but RSP, interrupts on and guest PML enabled. It ends with "ret". A label or function
 * vector_XX (XX: two hexadecimal digits) is the handler of that interrupt or exception vector; it
 * runs at CPL 0, may change every register, and ends with "ret". RDI, in C its argument, points to
 * the struct epml_guest_frame with which the program goes on.
 *
 * Code, data and stack of the program itself are mapped with all accessed and dirty flags set:
 * using them writes no log. Only the data pages and sub-page pages below are tracked.
 */
#ifndef EPML_GUEST_H
#define EPML_GUEST_H

#include "epml-spec.h"

/* 256 clean 4-KByte pages, the first at this GVA, and their GPA. */
#define EPML_GUEST_DATA		0x400000
#define EPML_GUEST_DATA_SIZE	0x100000
#define EPML_GUEST_DATA_GPA	0x200000

/*
 * 240 clean pages with sub-page write permissions (SPP), the first at this GVA, and their GPA. All
 * sub-pages are writable at first. The program changes the permissions of the page of a GVA by a
 * write to EPML_GUEST_SPPT(gva): bit 2i is for bytes 128i to 128i + 127, odd bits are 0. The
 * processor may have cached them since the first write to the page.
 */
#define EPML_GUEST_SPP		0x500000
#define EPML_GUEST_SPP_SIZE	0xF0000
#define EPML_GUEST_SPP_GPA	0x400000
#define EPML_GUEST_SPPT(gva)	(0x8001123000 + ((((gva) - EPML_GUEST_SPP) >> 12) << 3))

/* 16 pages behind them in which every second sub-page is writable, the first one is. */
#define EPML_GUEST_SPP2		0x5F0000
#define EPML_GUEST_SPP2_SIZE	0x10000
#define EPML_GUEST_SPP2_GPA	0x4F0000

/* The program. */
#define EPML_GUEST_CODE		0x600000
#define EPML_GUEST_CODE_SIZE	0x10000
#define EPML_GUEST_CODE_GPA	0x600000

/* What the program writes here, up to a byte 0, is printed when it has ended. */
#define EPML_GUEST_TEXT		0x610000
#define EPML_GUEST_TEXT_SIZE	0x1000
#define EPML_GUEST_TEXT_GPA	0x610000

/* The guest's log page: where the program can read and write it, and its GPA. */
#define EPML_GUEST_LOG		0x8002300000
#define EPML_GUEST_LOG_GPA	0x300000

/* Where the program can change the paging-structure entry of a data page or sub-page page. */
#define EPML_GUEST_PTE(gva)	(0x8002103000 + ((((gva) - EPML_GUEST_DATA) >> 12) << 3))

/* Guest PML Notification Vector at the start. */
#define EPML_GUEST_VECTOR	0x40

/* The virtualization-exception information area; the word at EPML_VEINFO_BUSY must be cleared
 * before the next #VE (with the parameter full=ve, vector_14). */
#define EPML_GUEST_VE_INFO	0x8001104000

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Where and how the program goes on after a handler, which may change that. */
struct epml_guest_frame {
	uint64_t rip, cs, rflags, rsp, ss;
};
#endif

#endif
