/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that C has no words for. */
#ifndef EPML_ROM_CPU_H
#define EPML_ROM_CPU_H

#include <stdbool.h>
#include <stdint.h>
#include "epml-spec.h"

/* CF and ZF after a VMX instruction, as RFLAGS has them. */
#define VMX_FLAGS(cf, zf)	((cf ? EPML_RFLAGS_CF : 0) | (zf ? EPML_RFLAGS_ZF : 0))

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static inline void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t r[4])
{
	__asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
			 : "a"(leaf), "c"(subleaf));
}

static inline void xsetbv(uint32_t xcr, uint64_t value)
{
	__asm__ volatile("xsetbv" : : "c"(xcr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

#define DEFINE_CR(n)							\
static inline uint64_t read_cr##n(void)					\
{									\
	uint64_t value;							\
									\
	__asm__ volatile("mov %%cr" #n ", %0" : "=r"(value));		\
	return value;							\
}									\
static inline void write_cr##n(uint64_t value)				\
{									\
	__asm__ volatile("mov %0, %%cr" #n : : "r"(value) : "memory");	\
}

DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)

/* VMX instructions return the flags; 0 is VMsucceed. */

#define DEFINE_VMX_REGION(insn)						\
static inline uint64_t insn(uint64_t hpa)				\
{									\
	bool cf, zf;							\
									\
	__asm__ volatile(#insn " %2" : "=@ccc"(cf), "=@ccz"(zf)		\
			 : "m"(hpa) : "memory");			\
	return VMX_FLAGS(cf, zf);					\
}

DEFINE_VMX_REGION(vmxon)
DEFINE_VMX_REGION(vmclear)
DEFINE_VMX_REGION(vmptrld)

static inline uint64_t vmread_flags(uint64_t field, uint64_t *value)
{
	bool cf, zf;

	*value = 0;
	__asm__ volatile("vmread %3, %0" : "+r"(*value), "=@ccc"(cf), "=@ccz"(zf) : "r"(field));
	return VMX_FLAGS(cf, zf);
}

static inline uint64_t vmwrite(uint64_t field, uint64_t value)
{
	bool cf, zf;

	__asm__ volatile("vmwrite %3, %2" : "=@ccc"(cf), "=@ccz"(zf) : "r"(field), "r"(value));
	return VMX_FLAGS(cf, zf);
}

/* Value of a field, 0 if the processor does not have it. */
static inline uint64_t vmread(uint64_t field)
{
	uint64_t value;

	vmread_flags(field, &value);
	return value;
}

struct inv_descriptor {
	uint64_t lo, hi;
};

static inline uint64_t invept(uint64_t type, uint64_t eptp)
{
	struct inv_descriptor d = { eptp, 0 };
	bool cf, zf;

	__asm__ volatile("invept %3, %2" : "=@ccc"(cf), "=@ccz"(zf) : "r"(type), "m"(d) : "memory");
	return VMX_FLAGS(cf, zf);
}

static inline uint64_t invvpid(uint64_t type, uint64_t vpid, uint64_t gva)
{
	struct inv_descriptor d = { vpid, gva };
	bool cf, zf;

	__asm__ volatile("invvpid %3, %2" : "=@ccc"(cf), "=@ccz"(zf)
			 : "r"(type), "m"(d) : "memory");
	return VMX_FLAGS(cf, zf);
}

#endif
