/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address expressions: how a vector names a word whose address it need not know.
 *
 *	EXPR  = ["alias:"] TERM { ("+" | "-") NUMBER }
 *	TERM  = NUMBER | NAME "(" NUMBER [ "," LEVEL ] ")"
 *	NAME  = pte | epte | hpa | glog | plog
 */
#ifndef EPML_ADDREXPR_H
#define EPML_ADDREXPR_H

#include "vector.h"

/**
 * Read a number, decimal or hexadecimal with 0x.
 * @param text	moved behind the number on success
 */
bool number_parse(const char **text, uint64_t *value);

/**
 * Parse an expression.
 * @param text	the whole expression
 * @param a	result; its member at is left alone
 * @return	NULL, or what is wrong
 */
const char *addr_parse(const char *text, struct addr *a);

/** Write an expression so that addr_parse() reads it; as snprintf. */
int addr_format(const struct addr *a, char *text, size_t size);

#endif
