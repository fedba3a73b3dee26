/* SPDX-License-Identifier: GPL-2.0-only */
#include <xen/lib.h>
#include <xen/sched.h>

#include "ooh.h"

long ooh_spml_enable(struct vcpu *v)
{
	return -ENOSYS;
}

long ooh_spml_disable(struct vcpu *v)
{
	return -ENOSYS;
}

long ooh_spml_start(struct vcpu *v)
{
	return -ENOSYS;
}

long ooh_spml_stop(struct vcpu *v)
{
	return -ENOSYS;
}
