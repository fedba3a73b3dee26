/* SPDX-License-Identifier: BSD-2-Clause */
/* The architectural trace: one line an event, the same from every host. docs/trace.md */
#include <inttypes.h>
#include <stdio.h>

#include "internal.h"

#define X64 "%016" PRIx64

static const char *access_name(unsigned access)
{
	if (access & EPML_ACCESS_FETCH)
		return "x";
	return access & EPML_ACCESS_WRITE ? "w" : "r";
}

/* What the access is: of a page-walk, of the log, or of the program. */
static const char *access_kind(unsigned access)
{
	if (access & EPML_ACCESS_WALK)
		return "walk";
	if (access & EPML_ACCESS_LOG)
		return "log";
	/* cover: the guest of the vectors makes no others but linear accesses; test_trace.c */
	return access & EPML_ACCESS_LINEAR ? "linear" : "physical";
}

static int format_flags(const struct epml_event *ev, char *buf, size_t size)
{
	if (ev->type == EPML_EV_EPT_FLAGS)
		return snprintf(buf, size, "ept-flags level %u entry " X64 " gpa " X64 "%s%s",
				ev->level, ev->addr, ev->gpa,
				ev->value & EPML_EPT_ACCESSED ? " A" : "",
				ev->value & EPML_EPT_DIRTY ? " D" : "");
	return snprintf(buf, size, "pte-flags level %u entry " X64 " gva " X64 "%s%s",
			ev->level, ev->addr, ev->gva,
			ev->value & EPML_PTE_ACCESSED ? " A" : "",
			ev->value & EPML_PTE_DIRTY ? " D" : "");
}

static int format_vmx(const struct epml_event *ev, char *buf, size_t size)
{
	switch (ev->type) {
	case EPML_EV_EXIT:
	case EPML_EV_VE:
		return snprintf(buf, size, "%s reason %" PRIu32 " qualification " X64 " gpa " X64
				" gva " X64, ev->type == EPML_EV_VE ? "ve" : "exit",
				ev->reason, ev->value, ev->gpa, ev->gva);
	case EPML_EV_VMREAD:
		return snprintf(buf, size, "vmread %04" PRIx32 " " X64, ev->field, ev->value);
	case EPML_EV_VMWRITE:
		return snprintf(buf, size, "vmwrite %04" PRIx32 " " X64, ev->field, ev->value);
	case EPML_EV_VMFAIL:
		return snprintf(buf, size, "vmfail %04" PRIx32 " error %" PRIu64, ev->field,
				ev->value);
	default:
		return snprintf(buf, size, "vmentry gpml-address " X64 " gpml-index %04x",
				ev->addr, ev->index);
	}
}

int epml_event_format(const struct epml_event *ev, char *buf, size_t size)
{
	switch (ev->type) {
	case EPML_EV_WALK:
		return snprintf(buf, size, "ept %s %s gva " X64 " gpa " X64 " hpa " X64,
				access_kind(ev->access), access_name(ev->access), ev->gva, ev->gpa,
				ev->hpa);
	case EPML_EV_EPT_FLAGS:
	case EPML_EV_PTE_FLAGS:
		return format_flags(ev, buf, size);
	case EPML_EV_PML:
		return snprintf(buf, size, "pml %03x gpa " X64, ev->index, ev->gpa);
	case EPML_EV_GPML:
		return snprintf(buf, size, "gpml %03x gva " X64 " at " X64, ev->index, ev->gva,
				ev->addr);
	case EPML_EV_GPML_DROP:
		return snprintf(buf, size, "gpml-drop gva " X64, ev->gva);
	case EPML_EV_SPP:
		return snprintf(buf, size, "spp gpa " X64 " writable %08" PRIx64, ev->gpa,
				ev->value);
	case EPML_EV_NOTIFY:
		return snprintf(buf, size, "notify vector %02x", ev->vector);
	case EPML_EV_INTERRUPT:
		return snprintf(buf, size, "interrupt vector %02x", ev->vector);
	default:
		return format_vmx(ev, buf, size);
	}
}
