/* SPDX-License-Identifier: GPL-2.0-only */
#include <xen/lib.h>
#include <xen/sched.h>

#include "ooh.h"

long ooh_spp_set(struct vcpu *v, paddr_t gpa, uint64_t pages, uint64_t frequency)
{
	return -ENOSYS;
}

long ooh_spp_clear(struct vcpu *v, paddr_t gpa, uint64_t pages)
{
	return -ENOSYS;
}

long ooh_spp_violation(struct vcpu *v, paddr_t record)
{
	return -ENOSYS;
}
