/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operands in memory: one or two pages.
 *
 * An operand that crosses a page boundary has both its pages translated, the lower one first,
 * before any byte is read or written.
 */
#include "machine_priv.h"

enum outcome operand_translate(struct machine *m, uint64_t gva, unsigned size, unsigned access,
			       bool user, struct operand *op)
{
	uint64_t room = PAGE_SIZE - (gva & PAGE_OFFSET);
	enum outcome o;

	if (!canonical(gva) || !canonical(gva + size - 1))
		return fault_code(m, EPML_VECTOR_GP, 0);
	op->size = size;
	op->first = size < room ? size : room;
	o = walk_translate(m, gva, op->first, access, user, &op->hpa[0]);
	if (o == DONE && op->first < size)			/* GPML-CROSS-1, SPP-CROSS-1 */
		o = walk_translate(m, gva + op->first, size - op->first, access, user,
				   &op->hpa[1]);
	return o;
}

/* HPA of byte @p i. */
static uint64_t byte_address(const struct operand *op, unsigned i)
{
	return i < op->first ? op->hpa[0] + i : op->hpa[1] + (i - op->first);
}

void operand_read(const struct machine *m, const struct operand *op, uint8_t *bytes)
{
	for (unsigned i = 0; i < op->size; i++)
		bytes[i] = mem_read(m, byte_address(op, i), 1);
}

void operand_write(struct machine *m, const struct operand *op, const uint8_t *bytes)
{
	for (unsigned i = 0; i < op->size; i++)
		mem_write(m, byte_address(op, i), 1, bytes[i]);
}

uint64_t operand_value(const struct machine *m, const struct operand *op)
{
	uint8_t bytes[MAX_OPERAND];
	uint64_t value = 0;

	operand_read(m, op, bytes);
	for (unsigned i = 0; i < op->size && i < 8; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

void operand_set(struct machine *m, const struct operand *op, uint64_t value)
{
	uint8_t bytes[MAX_OPERAND];

	for (unsigned i = 0; i < op->size; i++)
		bytes[i] = value >> 8 * (i % 8);
	operand_write(m, op, bytes);
}
