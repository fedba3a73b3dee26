/* SPDX-License-Identifier: BSD-2-Clause */
/* The result of a program as text, and the words for ends, events and qualifications. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "asm_result.h"
#include "spec-tables.h"

#define MIN_RUN		4u	/* entries that go up page by page and are printed as one */
#define COLUMNS		4u

/* ---- Words ---- */

/* As snprintf, behind what is in the buffer. */
static void append(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *buf, size_t size, const char *fmt, ...)
{
	const size_t used = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + used, size - used, fmt, ap);
	va_end(ap);
}

const char *asm_event_name(unsigned vector, char *buf, size_t size)
{
	static const char *const names[] = {
		"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", NULL, "#TS", "#NP",
		"#SS", "#GP", "#PF", NULL, "#MF", "#AC", "#MC", "#XM", "#VE", "#CP",
	};

	if (vector < sizeof(names) / sizeof(names[0]) && names[vector])
		snprintf(buf, size, "%s", names[vector]);
	else
		snprintf(buf, size, "interrupt %XH", vector);
	return buf;
}

static bool layout_is(const struct spec_bits *b, uint32_t reason)
{
	switch (reason) {
	case EPML_REASON_EPT_VIOLATION:
		return !strcmp(b->layout, "QUAL_EPT") || !strcmp(b->layout, "QUAL");
	case EPML_REASON_PML_FULL:
		return !strcmp(b->layout, "QUAL_PML") || !strcmp(b->layout, "QUAL");
	case EPML_REASON_SPP:
		return !strcmp(b->layout, "QUAL");
	default:
		return false;
	}
}

const char *asm_qualification(uint32_t reason, uint64_t qualification, char *buf, size_t size)
{
	buf[0] = '\0';
	if (reason == EPML_REASON_SPP)
		append(buf, size, qualification & EPML_QUAL_SPP_MISS ? "SPPT miss"
								     : "SPPT misconfiguration");
	for (size_t i = 0; i < spec_bits_count; i++) {
		const struct spec_bits *b = &spec_bits[i];
		const uint64_t mask = (2ull << (b->high - b->low)) - 1;
		const uint64_t value = qualification >> b->low & mask;

		if (!layout_is(b, reason) || !value)
			continue;
		append(buf, size, "%s%s", buf[0] ? "; " : "", b->title);
		if (b->high > b->low)
			append(buf, size, " = %" PRIX64 "H", value);
	}
	return buf;
}

bool asm_exit_has_gpa(const struct report *x)
{
	return x->v[1] == EPML_REASON_EPT_VIOLATION ||
	       x->v[1] == EPML_REASON_EPT_MISCONFIGURATION || x->v[1] == EPML_REASON_SPP ||
	       (x->v[1] == EPML_REASON_PML_FULL && x->v[2] & EPML_QUAL_PML_GUEST_LOG);
}

bool asm_exit_has_gva(const struct report *x)
{
	return (x->v[1] == EPML_REASON_EPT_VIOLATION && x->v[2] & EPML_QUAL_EPT_LINEAR) ||
	       x->v[1] == EPML_REASON_SPP ||
	       (x->v[1] == EPML_REASON_PML_FULL && x->v[2] & EPML_QUAL_PML_GUEST_LOG);
}

static void append_fault(char *buf, size_t size, const struct report *e)
{
	char name[40];

	append(buf, size, "%s, error code %" PRIX64 "H",
	       asm_event_name((unsigned)e->v[1], name, sizeof(name)), e->v[2]);
	if (e->v[1] == EPML_VECTOR_PF)
		append(buf, size, ", address %" PRIX64 "H", e->v[3]);
}

static void append_exit(char *buf, size_t size, const struct report *x)
{
	const char *name = spec_exit_reason_name(x->v[1] & EPML_EXIT_BASIC_MASK);

	append(buf, size, "VM exit %" PRIu64 " %s", x->v[1] & EPML_EXIT_BASIC_MASK,
	       name ? name : "unknown");
	if (x->v[1] & EPML_EXIT_ENTRY_FAILURE)
		append(buf, size, ", VM-entry failure");
}

const char *asm_end_text(const struct asm_run *run, char *buf, size_t size)
{
	const struct asm_result *r = run->result;

	buf[0] = '\0';
	switch (r->end) {
	case ASM_RETURNED:
		append(buf, size, "returned");
		break;
	case ASM_FAULT:
		append_fault(buf, size, &r->last);
		break;
	case ASM_EXIT:
		append_exit(buf, size, &r->last);
		break;
	case ASM_TIMEOUT:
		append(buf, size, "did not end within %u ticks of the VMX-preemption timer",
		       run->options->limit);
		break;
	case ASM_TRIPLE_FAULT:
		append(buf, size, "triple fault");
		break;
	case ASM_NO_ENTRY:
		append(buf, size, "VM entry failed with VM-instruction error %" PRIu64,
		       r->last.v[0]);
		break;
	case ASM_GAVE_UP:
		append(buf, size, "gave up: %s", r->why);
		break;
	}
	if (r->in_handler >= 0)
		append(buf, size, ", in the handler of vector %02XH", (unsigned)r->in_handler);
	if (r->end != ASM_RETURNED && r->location[0])
		append(buf, size, ", at %s", r->location);
	return buf;
}

/* ---- Sections ---- */

static void print_head(FILE *out, const struct asm_run *run)
{
	char text[600];

	fprintf(out, "%s [%s%s]: %s\n", run->program->file, profile_names[run->options->profile],
		run->options->param_text, asm_end_text(run, text, sizeof(text)));
}

static void print_handler_fault(FILE *out, const struct asm_result *r)
{
	char text[200] = "";

	if (r->failed_handler < 0)
		return;
	append_fault(text, sizeof(text), &r->handler_fault);
	fprintf(out, "the handler of vector %02XH ended with %s", (unsigned)r->failed_handler,
		text);
	if (r->end == ASM_RETURNED && r->location[0])
		fprintf(out, ", at %s", r->location);
	fputc('\n', out);
}

static void print_exit(FILE *out, const struct asm_run *run)
{
	const struct report *x = &run->result->last;
	char words[400];

	if (x->kind != 'x' || run->result->end != ASM_EXIT)
		return;
	fprintf(out, "\nVM exit\n    exit qualification %" PRIX64 "H", x->v[2]);
	asm_qualification((uint32_t)x->v[1], x->v[2], words, sizeof(words));
	fprintf(out, words[0] ? ": %s\n" : "\n", words);
	if (asm_exit_has_gpa(x))
		fprintf(out, "    guest-physical address %" PRIX64 "H\n", x->v[3]);
	if (asm_exit_has_gva(x))
		fprintf(out, "    guest-linear address %" PRIX64 "H\n", x->v[4]);
	if (x->v[7] & EPML_EVENT_VALID)
		fprintf(out, "    during delivery of vector %02" PRIX64 "H\n",
			x->v[7] & EPML_EVENT_VECTOR_MASK);
}

/* Its lines, indented. */
static void print_lines(FILE *out, const char *text)
{
	if (*text)
		fputs("\nprinted\n", out);
	while (*text) {
		const int len = (int)strcspn(text, "\n");

		fprintf(out, "%*s%.*s\n", len ? 4 : 0, "", len, text);
		text += len + (text[len] == '\n');
	}
}

static void print_registers(FILE *out, const struct asm_result *r)
{
	unsigned column = 0;

	if (!r->has_regs)
		return;
	fputs("\nregisters\n", out);
	for (unsigned i = 0; i < ASM_REGISTERS; i++) {
		if (i == ASM_RIP && r->end == ASM_RETURNED)
			continue;
		fprintf(out, "%s%-3s %016" PRIx64 "%s", column ? "  " : "    ",
			asm_register_names[i], r->regs[i], column == COLUMNS - 1 ? "\n" : "");
		column = (column + 1) % COLUMNS;
	}
	if (column)
		fputc('\n', out);
}

static unsigned count_new(const struct asm_log *log)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGE_WORDS; i++)
		n += asm_log_is_new(log, i);
	return n;
}

/* How many entries from this one downwards go up page by page and are alike otherwise. */
static unsigned run_length(const struct asm_log *log, unsigned entry)
{
	unsigned n = 1;

	while (n <= entry && log->words[entry - n] == log->words[entry] + n * PAGE_SIZE &&
	       asm_log_is_new(log, entry - n) == asm_log_is_new(log, entry))
		n++;
	return n;
}

static void print_entries(FILE *out, const struct asm_log *log)
{
	for (unsigned left = PAGE_WORDS; left; ) {
		const unsigned entry = left - 1;
		const bool is_new = asm_log_is_new(log, entry);
		unsigned n = run_length(log, entry);

		if (n < MIN_RUN)
			n = 1;
		left -= n;
		if (!log->words[entry])
			continue;
		fprintf(out, "    %3u  %" PRIX64 "H", entry, log->words[entry]);
		if (n > 1)
			fprintf(out, " up to %" PRIX64 "H in entry %u",
				log->words[entry - n + 1], left);
		fputs(is_new ? "\n" : "  (old)\n", out);
	}
}

static void print_log(FILE *out, const char *name, const char *index, const struct asm_log *log)
{
	const unsigned n = count_new(log);

	fprintf(out, "\n%s: %u entr%s, %s ", name, n, n == 1 ? "y" : "ies", index);
	fprintf(out, log->index < PAGE_WORDS ? "%u\n" : "%XH\n", log->index);
	print_entries(out, log);
}

static void print_events(FILE *out, const struct asm_result *r)
{
	char name[40];
	bool any = false;

	for (unsigned i = 0; i < ASM_VECTORS; i++) {
		if (!r->events[i])
			continue;
		fprintf(out, "%s    %-14s %u time%s\n", any ? "" : "\nevents\n",
			asm_event_name(i, name, sizeof(name)), r->events[i],
			r->events[i] > 1 ? "s" : "");
		any = true;
	}
}

void asm_print_text(FILE *out, const struct asm_run *run)
{
	const struct asm_result *r = run->result;

	print_head(out, run);
	print_handler_fault(out, r);
	if (!r->complete)
		return;
	print_exit(out, run);
	print_lines(out, r->text);
	print_registers(out, r);
	print_log(out, "guest's log", "Guest PML Index", &r->guest);
	fprintf(out, "    Guest PML Address %" PRIX64 "H\n", r->log_address);
	print_log(out, "hypervisor's log", "PML index", &r->hypervisor);
	print_events(out, r);
}
