/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Technique "epml": the processor logs guest-virtual addresses in the process's own log, the module
 * brings them to the ring.
 *
 * Entries are taken first, then re-armed: a write between the two needs no entry, since its page is
 * in the set already, and whoever reads the contents does so afterwards.
 */
#include <errno.h>
#include "internal.h"
#include "../../../hv-shim/include/ooh_call.h"
#include "../ooh_uapi.h"

static int epml_probe(struct ooh *o)
{
	return ooh_log_open(o, OOH_CAP_EPML, "guest PML");
}

static int epml_attach(struct ooh *o)
{
	return ooh_log_attach(o, OOH_KIND_EPML);
}

/* What is in the range goes to o->found; the rest need not be armed again. */
static int report(struct ooh *o)
{
	struct log *log = o->data;
	size_t taken = log->taken.n;
	int error;

	ooh_pages_cut(&log->taken, o->start, o->end);
	o->stats.foreign += taken - log->taken.n;
	error = ooh_pages_append(o, &o->found, &log->taken);
	if (error || !log->overflow)
		return error;
	o->stats.overflows++;
	return ooh_add_all_mapped(o);
}

static int epml_harvest(struct ooh *o)
{
	struct log *log = o->data;
	int error = ooh_log_take(o);

	if (error && error != -ESRCH)
		return error;
	if (!error)
		error = report(o);
	if (!error)
		return ooh_log_rearm(o);
	if (error == -ESRCH && !ooh_pages_append(o, &o->found, &log->taken))
		log->taken.n = 0;
	return error;
}

const struct ooh_ops ooh_epml = {
	.name = "epml",
	.probe = epml_probe,
	.attach = epml_attach,
	.arm = ooh_log_start,
	.harvest = epml_harvest,
	.disarm = ooh_log_stop,
	.release = ooh_log_release,
	.count = ooh_log_count,
};
