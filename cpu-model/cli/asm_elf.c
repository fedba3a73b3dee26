/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading of a linked program: its bytes, its entry, and its labels vector_XX. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm_build.h"

#define MAX_FILE	0x4000000	/* line numbers of a program of 64 KByte are far smaller */

struct elf {
	uint8_t *bytes;
	size_t size;
	const Elf64_Ehdr *head;
};

/* Part of the file, or NULL if the file has no such part. */
static const void *part(const struct elf *e, uint64_t offset, uint64_t size)
{
	return offset <= e->size && size <= e->size - offset ? e->bytes + offset : NULL;
}

static int read_file(struct elf *e, const char *path)
{
	FILE *in = fopen(path, "re");

	e->bytes = malloc(MAX_FILE);
	if (!in || !e->bytes) {
		if (in)
			fclose(in);
		return -1;
	}
	e->size = fread(e->bytes, 1, MAX_FILE, in);
	fclose(in);
	e->head = part(e, 0, sizeof(*e->head));
	return e->head && !memcmp(e->head->e_ident, ELFMAG, SELFMAG) &&
	       e->head->e_ident[EI_CLASS] == ELFCLASS64 ? 0 : -1;
}

static int load_segment(struct asm_program *p, const struct elf *e, const Elf64_Phdr *h)
{
	const uint64_t offset = h->p_vaddr - EPML_GUEST_CODE;
	const void *bytes = part(e, h->p_offset, h->p_filesz);

	if (h->p_type != PT_LOAD || !h->p_memsz)
		return 0;
	if (!bytes || h->p_vaddr < EPML_GUEST_CODE || h->p_filesz > h->p_memsz ||
	    offset > sizeof(p->code) || h->p_memsz > sizeof(p->code) - offset)
		return -1;
	memcpy(p->code + offset, bytes, h->p_filesz);
	return 0;
}

/* NULL, or what is wrong. */
static const char *load_segments(struct asm_program *p, const struct elf *e)
{
	const uint64_t n = e->head->e_phnum;
	const Elf64_Phdr *h = part(e, e->head->e_phoff, n * sizeof(*h));
	bool any = false;

	for (uint64_t i = 0; h && i < n; i++) {
		if (load_segment(p, e, &h[i]))
			return "code and data do not fit, expected at most 65536 bytes";
		any |= h[i].p_type == PT_LOAD && h[i].p_memsz;
	}
	return any ? NULL : "there is no code in it";
}

/* Vector of a label "vector_XX", or -1. */
static int vector_of(const char *name)
{
	static const char prefix[] = "vector_", digits[] = "0123456789abcdef";
	const char *high, *low;

	if (strncmp(name, prefix, sizeof(prefix) - 1))
		return -1;
	name += sizeof(prefix) - 1;
	if (strlen(name) != 2)
		return -1;
	high = strchr(digits, name[0]);
	low = strchr(digits, name[1]);
	return high && low ? (int)((high - digits) * 16 + (low - digits)) : -1;
}

static void find_labels(struct asm_program *p, const struct elf *e, const Elf64_Shdr *symtab,
			const Elf64_Shdr *strtab)
{
	const Elf64_Sym *sym = part(e, symtab->sh_offset, symtab->sh_size);
	const char *names = part(e, strtab->sh_offset, strtab->sh_size);

	if (!sym || !names || !strtab->sh_size || names[strtab->sh_size - 1])
		return;
	for (uint64_t i = 0; i < symtab->sh_size / sizeof(*sym); i++) {
		int vector = sym[i].st_name < strtab->sh_size && sym[i].st_shndx != SHN_UNDEF ?
			     vector_of(names + sym[i].st_name) : -1;

		if (vector >= 0)
			p->handlers[vector] = sym[i].st_value;
	}
}

static void find_handlers(struct asm_program *p, const struct elf *e)
{
	const uint64_t n = e->head->e_shnum;
	const Elf64_Shdr *h = part(e, e->head->e_shoff, n * sizeof(*h));

	for (uint64_t i = 0; h && i < n; i++)
		if (h[i].sh_type == SHT_SYMTAB && h[i].sh_link < n)
			find_labels(p, e, &h[i], &h[h[i].sh_link]);
}

int asm_elf_read(struct asm_program *p, const char *path, char *text, size_t size)
{
	struct elf e = { .bytes = NULL };
	const char *error;

	memset(p->code, 0, sizeof(p->code));
	memset(p->handlers, 0, sizeof(p->handlers));
	error = read_file(&e, path) ? "what the linker made of it is no ELF file"
				    : load_segments(p, &e);
	if (error) {
		snprintf(text, size, "%s: %s", p->file, error);
	} else {
		p->entry = e.head->e_entry;
		find_handlers(p, &e);
	}
	free(e.bytes);
	return error ? -1 : 0;
}
