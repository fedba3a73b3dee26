/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields of a VMCS (SDM 3C, "Field encoding in VMCS").
 *
 * Encoding:
 *	bit	0	access type: 1 is the high half of a 64-bit field
 *		9:1	index
 *		11:10	type: control, read-only data, guest state, host state
 *		14:13	width: 16 bits, 64 bits, 32 bits, natural width
 */
#include <assert.h>

#include "machine_priv.h"
#include "spec-tables.h"

#define HIGH		1u
#define WIDTH(field)	((field) >> 13 & 3)

enum { WIDTH_16, WIDTH_64, WIDTH_32, WIDTH_NATURAL };

bool vmcs_supported(uint64_t field)
{
	return spec_field_by_encoding(field);
}

static uint64_t *find(struct vmcs *v, uint32_t field)
{
	for (unsigned i = 0; i < v->count; i++)
		if (v->slot[i].field == field)
			return &v->slot[i].value;
	return NULL;
}

static uint64_t *find_or_add(struct vmcs *v, uint32_t field)
{
	uint64_t *value = find(v, field);

	if (value)
		return value;
	/* There are more slots than fields. */
	assert(v->count < VMCS_SLOTS);
	v->slot[v->count].field = field;
	v->slot[v->count].value = 0;
	return &v->slot[v->count++].value;
}

uint64_t vmcs_read(const struct vmcs *v, uint32_t field)
{
	const uint64_t *value = find((struct vmcs *)v, field & ~HIGH);

	if (!value)
		return 0;
	return field & HIGH ? *value >> 32 : *value;
}

void vmcs_write(struct vmcs *v, uint32_t field, uint64_t value)
{
	uint64_t *slot = find_or_add(v, field & ~HIGH);

	if (field & HIGH)
		*slot = (uint32_t)*slot | value << 32;
	else if (WIDTH(field) == WIDTH_16)
		*slot = (uint16_t)value;
	else if (WIDTH(field) == WIDTH_32)
		*slot = (uint32_t)value;
	else
		*slot = value;
}
