/* SPDX-License-Identifier: BSD-2-Clause */
/* Loader: pages and the flags of their entries. */
#include <inttypes.h>
#include <string.h>

#include "epml-spec.h"
#include "forms.h"
#include "load_priv.h"
#include "world.h"

#define MEMTYPE_WB 6ull

const struct flag guest_flags[] = {
	{ 'p', EPML_PTE_PRESENT }, { 'w', EPML_PTE_WRITE }, { 'u', EPML_PTE_USER },
	{ 'x', EPML_PTE_NX }, { 'a', EPML_PTE_ACCESSED }, { 'd', EPML_PTE_DIRTY },
	{ 'g', EPML_PTE_GLOBAL }, { 0, 0 },
};

const struct flag ept_flags[] = {
	{ 'r', EPML_EPT_READ }, { 'w', EPML_EPT_WRITE }, { 'x', EPML_EPT_EXECUTE },
	{ 'A', EPML_EPT_ACCESSED }, { 'D', EPML_EPT_DIRTY }, { 's', EPML_EPT_SPP },
	{ 'v', EPML_EPT_SUPPRESS_VE },
	{ 0, 0 },
};

static int parse_flags(struct reader *r, const json_t *at, const char *text, bool ept,
		       uint64_t *bits)
{
	const struct flag *table = ept ? ept_flags : guest_flags;
	uint64_t memtype = MEMTYPE_WB;

	*bits = 0;
	for (; *text; text++) {
		const struct flag *f = table;

		if (ept && text[0] == 'm' && text[1] >= '0' && text[1] <= '7') {
			memtype = (uint64_t)(*++text - '0');
			continue;
		}
		while (f->letter && f->letter != *text)
			f++;
		if (!f->letter)
			return vector_error(r->v, at, "flag '%c': expected %s", *text,
					    ept ? "r, w, x, A, D, s, v, m0 to m7"
						: "p, w, u, x, a, d, g");
		*bits |= f->bit;
	}
	if (ept)
		*bits |= memtype << EPML_EPT_MEMTYPE_SHIFT;
	return 0;
}

static int load_raw(struct reader *r, const json_t *object, unsigned level,
		    struct entry_flags *flags)
{
	const json_t *set = json_object_get(object, "raw_set");
	const json_t *clear = json_object_get(object, "raw_clear");

	if (set && read_number(r, set, "raw_set", UINT64_MAX, &flags->raw_set[level]))
		return -1;
	if (clear && read_number(r, clear, "raw_clear", UINT64_MAX, &flags->raw_clear[level]))
		return -1;
	return 0;
}

static int load_upper(struct reader *r, const json_t *list, struct entry_flags *flags)
{
	static const char *const keys[] = { "level", "raw_set", "raw_clear", NULL };
	json_t *item;
	uint64_t level;
	size_t i;

	if (!list)
		return 0;
	if (need_array(r, list, "upper", NULL))
		return -1;
	json_array_foreach(list, i, item) {
		if (need_object(r, item, "upper", NULL) || check_keys(r, item, "upper", keys))
			return -1;
		if (!json_object_get(item, "level"))
			return vector_error(r->v, item, "upper: expected the key level");
		if (read_number(r, json_object_get(item, "level"), "level", LEVELS, &level))
			return -1;
		if (level < 2)
			return vector_error(r->v, item,
					    "level: expected 2 (PDE), 3 (PDPTE) or 4 (PML4E)");
		if (load_raw(r, item, (unsigned)level, flags))
			return -1;
	}
	return 0;
}

static const char *default_flags(const char *what, bool ept)
{
	if (!ept)
		return "pwu";
	return strcmp(what, "ept") ? "rwxAD" : "rwx";
}

int load_flags(struct reader *r, const json_t *value, const char *what, bool ept,
	       struct entry_flags *flags)
{
	static const char *const keys[] = { "flags", "raw_set", "raw_clear", "upper", NULL };
	const char *text = default_flags(what, ept);
	const json_t *item = value;

	flags->given = value != NULL;
	if (json_is_object(value)) {
		if (check_keys(r, value, what, keys) || load_raw(r, value, 0, flags) ||
		    load_upper(r, json_object_get(value, "upper"), flags))
			return -1;
		item = json_object_get(value, "flags");
	}
	if (item && !json_is_string(item))
		return vector_error(r->v, item, "%s: expected a string of flags", what);
	return parse_flags(r, item, item ? json_string_value(item) : text, ept, &flags->bits);
}

/*
 * "spp": what the SPPT says about the page. Its EPT entry has bit 61 set, and is not writable
 * unless "ept" says so.
 */
static int load_spp(struct reader *r, const json_t *value, struct vpage *p)
{
	static const char *const keys[] = { "writable", "raw_set", "raw_clear", "upper", NULL };
	const json_t *item = value;
	uint64_t writable = 0;

	if (!value)
		return 0;
	if (p->ept_level > 1)
		return vector_error(r->v, value, "spp: expected ept_size \"4K\"");
	if (json_is_object(value)) {
		if (check_keys(r, value, "spp", keys) || load_raw(r, value, 0, &p->spp) ||
		    load_upper(r, json_object_get(value, "upper"), &p->spp))
			return -1;
		item = json_object_get(value, "writable");
	}
	if (item && read_number(r, item, "writable", UINT32_MAX, &writable))
		return -1;
	p->spp.given = true;
	p->spp.bits = sppt_leaf((uint32_t)writable);
	if (!p->ept.given)
		p->ept.bits &= ~(uint64_t)EPML_EPT_WRITE;
	p->ept.bits |= EPML_EPT_SPP;
	return 0;
}

const char *const page_sizes[] = { "4K", "2M", "1G" };

static int load_page_size(struct reader *r, const json_t *value, unsigned *level)
{
	*level = 1;
	if (!value)
		return 0;
	for (unsigned i = 0; i < COUNT(page_sizes); i++) {
		if (json_is_string(value) && !strcmp(json_string_value(value), page_sizes[i])) {
			*level = i + 1;
			return 0;
		}
	}
	return vector_error(r->v, value, "expected \"4K\", \"2M\" or \"1G\"");
}

static int check_alignment(struct reader *r, const struct vpage *p)
{
	uint64_t mask = (1ull << (3 + 9 * p->level)) - 1;

	if (p->has_gva && ((p->gva | p->gpa) & mask))
		return vector_error(r->v, p->at, "gva and gpa: expected multiples of %" PRIX64 "H",
				    mask + 1);
	if ((p->gpa | p->hpa) & 0xfff)
		return vector_error(r->v, p->at, "gpa and hpa: expected multiples of 1000H");
	if (p->gpa >= W_ALIAS || p->gva >= W_ALIAS)
		return vector_error(r->v, p->at,
				    "gva and gpa: expected less than %llXH, where the alias begins",
				    W_ALIAS);
	return 0;
}

static int load_page(struct reader *r, const json_t *item, struct vpage *p)
{
	static const char *const keys[] = {
		"gva", "gpa", "size", "guest", "ept", "ept_size", "spp", "hpa", "count", NULL
	};
	const json_t *gva, *gpa, *hpa, *count;
	uint64_t n = 1;

	p->at = item;
	if (need_object(r, item, "pages", NULL) || check_keys(r, item, "a page", keys))
		return -1;
	gva = json_object_get(item, "gva");
	gpa = json_object_get(item, "gpa");
	hpa = json_object_get(item, "hpa");
	count = json_object_get(item, "count");
	if (!gva && !gpa)
		return vector_error(r->v, item, "a page: expected gva, gpa or both");
	if (!gva && (json_object_get(item, "guest") || json_object_get(item, "size")))
		return vector_error(r->v, item, "a page without gva has no guest entry");
	if ((gva && read_number(r, gva, "gva", UINT64_MAX, &p->gva)) ||
	    (gpa && read_number(r, gpa, "gpa", UINT64_MAX, &p->gpa)) ||
	    (hpa && read_number(r, hpa, "hpa", UINT64_MAX, &p->hpa)) ||
	    (count && read_number(r, count, "count", 4096, &n)) ||
	    load_page_size(r, json_object_get(item, "size"), &p->level) ||
	    load_page_size(r, json_object_get(item, "ept_size"), &p->ept_level) ||
	    load_flags(r, json_object_get(item, "guest"), "guest", false, &p->guest) ||
	    load_flags(r, json_object_get(item, "ept"), "ept", true, &p->ept) ||
	    load_spp(r, json_object_get(item, "spp"), p))
		return -1;
	if (!n)
		return vector_error(r->v, count, "count: expected at least 1");
	p->has_gva = gva != NULL;
	p->has_hpa = hpa != NULL;
	p->has_ept_size = json_object_get(item, "ept_size") != NULL;
	p->count = (unsigned)n;
	if (!gpa)
		p->gpa = p->gva;
	return check_alignment(r, p);
}

int load_pages(struct reader *r, const json_t *value)
{
	struct vsetup *s = &r->v->setup;
	json_t *item;
	size_t i;

	if (!value)
		return 0;
	if (need_array(r, value, "pages", NULL))
		return -1;
	s->n_pages = (unsigned)json_array_size(value);
	s->pages = arena_array(&r->set->arena, s->n_pages, struct vpage);
	json_array_foreach(value, i, item)
		if (load_page(r, item, &s->pages[i]))
			return -1;
	return 0;
}
