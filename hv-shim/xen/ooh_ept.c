/* SPDX-License-Identifier: GPL-2.0-only */
#include <xen/lib.h>
#include <xen/sched.h>

#include "ooh.h"

long ooh_rearm(struct vcpu *v, paddr_t list, uint64_t n)
{
	return -ENOSYS;
}

int ooh_ept_dirty_get(struct domain *d)
{
	return -ENOSYS;
}

void ooh_ept_dirty_put(struct domain *d)
{
}
