/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One vector from beginning to end.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "machine_priv.h"

/* ---- What libepml asks of its host -------------------------------------------------------- */

static uint64_t host_read(void *host, uint64_t hpa, unsigned size, enum epml_mem what)
{
	(void)what;
	return mem_read(host, hpa, size);
}

static void host_write(void *host, uint64_t hpa, unsigned size, uint64_t value,
		       enum epml_mem what)
{
	(void)what;
	mem_write(host, hpa, size, value);
}

static void host_self_ipi(void *host, uint8_t vector)
{
	vapic_self_ipi(host, vector);
}

static void host_event(void *host, const struct epml_event *ev)
{
	struct machine *m = host;

	m->trace(m->trace_ctx, ev);
}

void emit(struct machine *m, const struct epml_event *ev)
{
	if (m->ops.event)
		m->ops.event(m, ev);
}

struct machine *machine_new(const struct epml_params *params, machine_event_fn *trace, void *ctx)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m || !mem_init(m)) {
		free(m);
		return NULL;
	}
	m->trace = trace;
	m->trace_ctx = ctx;
	m->ops = (struct epml_ops){
		.read = host_read,
		.write = host_write,
		.self_ipi = host_self_ipi,
		.event = trace ? host_event : NULL,
	};
	m->cpu = (struct epml_cpu){
		.params = *params,
		.ops = &m->ops,
		.host = m,
		.maxphyaddr = MAXPHYADDR,
		.ept_1g = true,
	};
	return m;
}

void machine_free(struct machine *m)
{
	if (m)
		free(m->ram);
	free(m);
}

/* ---- Reports ------------------------------------------------------------------------------ */

void report(struct machine *m, char kind, unsigned n, const uint64_t *v)
{
	m->reports++;
	m->report(m->ctx, kind, n, v, NULL);
}

void report_result(struct machine *m, uint64_t value, uint64_t flags)
{
	report(m, 'r', 3, (uint64_t[]){ m->step, value, flags });
}

static void report_fields(struct machine *m)
{
	for (uint32_t i = 0; i < m->img.head->n_dump_fields; i++) {
		uint64_t field = m->img.dump_fields[i].field;

		if (vmcs_supported(field))
			report(m, 'f', 2, (uint64_t[]){ field, vmcs_read(&m->vmcs, field) });
	}
}

static void report_word(struct machine *m, uint64_t hpa)
{
	report(m, 'm', 2, (uint64_t[]){ hpa, mem_read(m, hpa, 8) });
}

static void report_memory(struct machine *m)
{
	const struct vi_vector *v = m->img.head;

	for (uint32_t i = 0; i < v->n_dump_pages; i++)
		for (uint64_t hpa = m->img.dump_pages[i] & ~PAGE_OFFSET; ; hpa += 8) {
			if (mem_read(m, hpa, 8))
				report_word(m, hpa);
			if ((hpa & PAGE_OFFSET) == PAGE_SIZE - 8)
				break;
		}
	for (uint32_t i = 0; i < v->n_dump_words; i++)
		report_word(m, m->img.dump_words[i]);
}

/* ---- A vector ----------------------------------------------------------------------------- */

static void open_image(struct machine *m, const struct vi_vector *v)
{
	struct image *img = &m->img;

	img->head = v;
	img->pages = (const uint64_t *)(v + 1);
	img->pokes = (const struct vi_poke *)(img->pages + v->n_pages);
	img->fields = (const struct vi_field *)(img->pokes + v->n_pokes);
	img->steps = (const struct vi_step *)(img->fields + v->n_fields);
	img->dump_pages = (const uint64_t *)(img->steps + v->n_steps);
	img->dump_words = img->dump_pages + v->n_dump_pages;
	img->dump_fields = (const struct vi_field *)(img->dump_words + v->n_dump_words);
}

static void prepare_memory(struct machine *m)
{
	const struct vi_vector *v = m->img.head;

	mem_reset(m);
	for (uint32_t i = 0; i < v->n_pages; i++)
		mem_zero_page(m, m->img.pages[i]);
	for (uint32_t i = 0; i < v->n_pokes; i++)
		mem_write(m, m->img.pokes[i].hpa, 8, m->img.pokes[i].value);
}

static void prepare_processor(struct machine *m)
{
	const struct vi_vector *v = m->img.head;

	m->guest = (struct guest){
		.user = v->flags & VI_F_CPL3,
	};
	m->step = 0;
	vmx_reset(m);
	for (uint32_t i = 0; i < v->n_fields; i++)
		vmx_write_field(m, m->img.fields[i].field, m->img.fields[i].value);
}

/* The VMCALL by which the guest's program calls for host steps, or ends. */
static void internal_vmcall(struct machine *m)
{
	m->cpu.exit = (struct epml_exit){ .reason = EPML_REASON_VMCALL };
	m->trap_like = false;
	emit(m, &(struct epml_event){ .type = EPML_EV_EXIT, .reason = EPML_REASON_VMCALL });
}

static bool host_step_follows(const struct machine *m)
{
	const struct vi_step *s = next_step(m, &m->guest.frame[0]);

	return s && host_step(s);
}

static enum stop run_guest(struct machine *m)
{
	enum stop stop = guest_run(m);

	if (stop == STOP_GAVE_UP)
		m->report(m->ctx, '!', 0, NULL, m->why);
	if (stop != STOP_EXIT)
		internal_vmcall(m);
	vmx_save(m, stop != STOP_EXIT);
	return stop;
}

/* Host steps at the beginning run before the first VM entry. */
static void run_steps(struct machine *m)
{
	bool go_on = host_run(m, false);

	while (go_on) {
		enum entry entry = vmx_enter(m);
		enum stop stop = entry == ENTERED ? run_guest(m) : STOP_EXIT;

		if (entry == ENTRY_VMFAIL)
			return;
		go_on = (stop == STOP_EXIT || stop == STOP_HOST) && host_step_follows(m) &&
			host_run(m, stop == STOP_EXIT);
	}
}

void machine_run(struct machine *m, const struct vi_vector *v, machine_report_fn *report_fn,
		 void *ctx)
{
	m->report = report_fn;
	m->ctx = ctx;
	open_image(m, v);
	report(m, 'V', 1, (uint64_t[]){ v->index });
	m->reports = 0;		/* VI_MAX_REPORTS is about what the steps report */
	prepare_memory(m);
	prepare_processor(m);
	run_steps(m);
	report_fields(m);
	report_memory(m);
	report(m, 'z', 1, (uint64_t[]){ v->index });
}
