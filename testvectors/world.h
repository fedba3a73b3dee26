/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory as a vector finds it: RAM by pages, and the sets of paging structures in it: EPT, the
 * guest's, and the sub-page-permission table (SPPT).
 *
 * All sets are built by the same code. A tree records where its tables are, so that the address
 * of every entry is known whatever a vector writes into the entries.
 */
#ifndef EPML_WORLD_H
#define EPML_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "vecimg.h"
#include "vector.h"

#define PAGE_SIZE	0x1000ull
#define PAGE_WORDS	512u
#define WORLD_PAGES	(W_RAM_SIZE / PAGE_SIZE)
#define MAX_TABLES	128u

/* A page of RAM. */
struct wpage {
	bool used;			/* the vector mentions it: it starts as zero */
	uint64_t *words;		/* NULL: all zero */
	uint64_t *written;		/* bit map of the words that were written */
};

/* One paging-structure table. */
struct wtable {
	unsigned level;			/* of its entries */
	uint64_t base;			/* lowest address that it translates */
	uint64_t address;		/* HPA, or GPA (guest) */
	uint64_t parent;		/* HPA of the entry that refers to it, 0 for the root */
};

/* A page that a tree maps. */
struct wmap {
	uint64_t from, to;
	unsigned level;
};

enum tree_kind { TREE_EPT, TREE_GUEST, TREE_SPPT };

struct tree {
	enum tree_kind kind;
	uint64_t next, end;		/* where new tables are put */
	uint64_t upper_bits;		/* of entries that refer to a table */
	struct wtable tables[MAX_TABLES];
	unsigned n_tables;
	struct wmap *maps;
	unsigned n_maps;
};

struct world {
	struct arena *arena;
	struct wpage pages[WORLD_PAGES];
	struct tree ept, guest;
	struct tree sppt;		/* without a table unless world_add_sppt() was called */
	uint64_t guest_log, pml_log;	/* HPA of the two logs */
};

/** An empty world with the roots of EPT and guest trees; release with world_free(). */
struct world *world_new(struct arena *arena);

/** Add the root of the SPPT. */
void world_add_sppt(struct world *w);
void world_free(struct world *w);

/** Is [hpa, hpa + size) RAM that vectors may use? */
bool world_ram(uint64_t hpa, uint64_t size);

/** Mark the pages of [hpa, hpa + size) as used; addresses outside of RAM are ignored. */
void world_use(struct world *w, uint64_t hpa, uint64_t size);

/** Write @p size bytes at @p hpa, which lies in RAM. */
void world_write(struct world *w, uint64_t hpa, unsigned size, uint64_t value);

/** The 8-byte word at @p hpa, a multiple of 8. */
uint64_t world_word(const struct world *w, uint64_t hpa);

/** SPPT leaf for 32 sub-pages, one bit each: 1 = writable; and the reverse. */
uint64_t sppt_leaf(uint32_t writable);
uint32_t sppt_writable(uint64_t leaf);

/** Size in bytes of what an entry of a level maps. */
uint64_t level_size(unsigned level);

/**
 * Map one page.
 * @param level	1, 2 or 3
 * @param flags	bits and changes of the entry and of those above it
 * @return	NULL, or what is wrong; a page that is mapped in the very same way is not wrong
 */
const char *tree_map(struct world *w, struct tree *t, uint64_t from, uint64_t to,
		     unsigned level, const struct entry_flags *flags);

/** Put a table at a fixed address; its parent's table must exist. */
void tree_add_table(struct world *w, struct tree *t, unsigned level, uint64_t base,
		    uint64_t address);

/** The mapping of an address, or NULL. */
const struct wmap *tree_lookup(const struct tree *t, uint64_t address);

/** HPA of the entry of a level for an address, or 0 if there is no such table. */
uint64_t tree_entry(const struct tree *t, uint64_t address, unsigned level);

/** Translate by the mappings; false if the address is not mapped. */
bool tree_translate(const struct tree *t, uint64_t address, uint64_t *result);

/**
 * Value of an address expression; the expression becomes that number.
 * @return	NULL, or what is wrong
 */
const char *world_resolve(const struct world *w, struct addr *a);

#endif
