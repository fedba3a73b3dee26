/* SPDX-License-Identifier: BSD-2-Clause */
/* A user's program: from source in assembler or C to the bytes that the guest runs. */
#ifndef EPML_ASM_BUILD_H
#define EPML_ASM_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "epml-guest.h"
#include "paths.h"

#define ASM_VECTORS 256

struct asm_program {
	const char *file;			/* the source, as the user names it */
	const char *dir;			/* private directory; what was built stays there */
	uint8_t code[EPML_GUEST_CODE_SIZE];	/* at EPML_GUEST_CODE */
	uint64_t entry;				/* GVA of its first instruction */
	uint64_t handlers[ASM_VECTORS];		/* GVA of label vector_XX, 0 if there is none */
};

/**
 * Compile or assemble, and link.
 * @param p	file and dir are given, the rest is filled in
 * @param text	set to one line about the first mistake, "file:line: text" if it has a line
 * @return	0 or -1
 */
int asm_build(struct asm_program *p, const struct paths *paths, char *text, size_t size);

/**
 * The source line that an address belongs to.
 * @param buf	set to "file:line"
 * @return	false if that is not known
 */
bool asm_location(const struct asm_program *p, uint64_t gva, char *buf, size_t size);

/**
 * Read a linked program (asm_elf.c).
 * @param path	ELF file
 * @return	0, or -1 with @p text set
 */
int asm_elf_read(struct asm_program *p, const char *path, char *text, size_t size);

#endif
