/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FXSAVE and XSAVE (SDM 1, "Managing state using the XSAVE feature set"): instructions that make
 * many writes.
 *
 * Each write is an access of its own; on a fault or a VM exit those before it have been made, and
 * the instruction later begins anew. The SDM leaves their sizes and order open; here
 * they are those of Bochs, so that the traces of both can be compared.
 *
 *	bytes	0:23		x87: FCW, FSW, FTW, FOP, FIP, FDP
 *		24:31		MXCSR, MXCSR_MASK
 *		32:159		ST0 to ST7, 16 bytes each
 *		160:415		XMM0 to XMM15
 *		512:519		XSTATE_BV
 *		576:831		upper halves of YMM0 to YMM15
 */
#include "machine_priv.h"

#define PIECE		16
#define MXCSR_OFFSET	24
#define ST_OFFSET	32
#define XMM_OFFSET	160
#define XMM_END		416
#define XSTATE_BV	512
#define YMM_OFFSET	576
#define MXCSR_MASK	0xFFFFu

static void put(uint8_t *area, unsigned offset, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size; i++)
		area[offset + i] = value >> 8 * (i % 8);
}

/* The state that vecimg.h describes. */
static void fill(uint8_t *area, uint64_t value)
{
	put(area, 0, 8, VI_STATE_FCW | (uint64_t)VI_STATE_FTW << 32);
	put(area, 8, 16, 0);
	put(area, MXCSR_OFFSET, 4, VI_STATE_MXCSR);
	put(area, MXCSR_OFFSET + 4, 4, MXCSR_MASK);
	for (unsigned offset = ST_OFFSET; offset < XMM_OFFSET; offset += PIECE) {
		put(area, offset, 8, VI_STATE_ST_SIGNIFICAND);
		put(area, offset + 8, 8, VI_STATE_ST_EXPONENT);
	}
	put(area, XMM_OFFSET, XMM_END - XMM_OFFSET, value);
	put(area, YMM_OFFSET, VI_XSAVE_SIZE - YMM_OFFSET, value);
}

/* Write bytes [from, to) of the area at @p gva in pieces. SPP-MULTI-1 */
static enum outcome save(struct machine *m, uint64_t gva, const uint8_t *area, unsigned from,
			 unsigned to, unsigned piece)
{
	enum outcome o = DONE;

	for (unsigned offset = from; o == DONE && offset < to; offset += piece) {
		struct operand op;

		o = operand_translate(m, gva + offset, piece, EPML_ACCESS_WRITE, m->guest.user,
				      &op);
		if (o == DONE)
			operand_write(m, &op, area + offset);
	}
	return o;
}

static enum outcome fxsave(struct machine *m, uint64_t gva, const uint8_t *area)
{
	if (gva % 16)
		return fault_code(m, EPML_VECTOR_GP, 0);
	return save(m, gva, area, 0, XMM_END, PIECE);
}

/* XSTATE_BV keeps the bits of components that are not saved; here a component is in its initial
 * state if its registers are 0. */
static enum outcome read_xstate_bv(struct machine *m, uint64_t gva, uint64_t value, uint8_t *area)
{
	const uint64_t in_use = value ? VI_STATE_XSAVE : 1;
	struct operand op;
	enum outcome o = operand_translate(m, gva + XSTATE_BV, 8, EPML_ACCESS_READ, m->guest.user,
					   &op);

	if (o == DONE)
		put(area, XSTATE_BV, 8,
		    (operand_value(m, &op) & ~(uint64_t)VI_STATE_XSAVE) | in_use);
	return o;
}

static enum outcome xsave(struct machine *m, uint64_t gva, uint64_t value, uint8_t *area)
{
	static const struct {
		uint16_t from, to, piece;
	} parts[] = {
		{ 0, 16, 16 }, { 16, 24, 8 }, { ST_OFFSET, XMM_OFFSET, PIECE },
		{ MXCSR_OFFSET, ST_OFFSET, 4 }, { XMM_OFFSET, XMM_END, PIECE },
		{ YMM_OFFSET, VI_XSAVE_SIZE, PIECE }, { XSTATE_BV, XSTATE_BV + 8, 8 },
	};
	enum outcome o;

	if (gva % 64)
		return fault_code(m, EPML_VECTOR_GP, 0);
	o = read_xstate_bv(m, gva, value, area);
	for (unsigned i = 0; o == DONE && i < sizeof(parts) / sizeof(parts[0]); i++)
		o = save(m, gva, area, parts[i].from, parts[i].to, parts[i].piece);
	return o;
}

enum outcome step_save_state(struct machine *m, const struct vi_step *s)
{
	uint8_t area[VI_XSAVE_SIZE] = { 0 };

	fill(area, s->b);
	return s->op == VI_FXSAVE ? fxsave(m, s->a, area) : xsave(m, s->a, s->b, area);
}
