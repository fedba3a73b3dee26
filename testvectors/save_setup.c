/* SPDX-License-Identifier: BSD-2-Clause */
/* Writer: the key "setup". */
#include <stdio.h>
#include <string.h>

#include "epml-spec.h"
#include "forms.h"
#include "save.h"
#include "world.h"

#define MEMTYPE_DEFAULT	6u
#define EPTP_DEFAULT	(W_EPT | EPML_EPTP_AD | 3ull << EPML_EPTP_WALK_SHIFT | MEMTYPE_DEFAULT)

/* ---- Flags of entries ---- */

/* The letters of an entry's bits. All bits that the loader makes of letters have one. */
static json_t *save_letters(uint64_t bits, bool ept)
{
	char text[20], *end = text;
	const unsigned memtype = bits >> EPML_EPT_MEMTYPE_SHIFT & 7;

	for (const struct flag *f = ept ? ept_flags : guest_flags; f->letter; f++)
		if (bits & f->bit)
			*end++ = f->letter;
	*end = '\0';
	if (ept && memtype != MEMTYPE_DEFAULT)
		snprintf(end, 3, "m%u", memtype);
	return json_string(text);
}

static void save_raw(json_t *object, const struct entry_flags *f, unsigned level)
{
	if (f->raw_set[level])
		save_set(object, "raw_set", save_hex(f->raw_set[level]));
	if (f->raw_clear[level])
		save_set(object, "raw_clear", save_hex(f->raw_clear[level]));
}

static json_t *save_upper(const struct entry_flags *f)
{
	json_t *list = NULL;

	for (unsigned level = 2; level <= LEVELS; level++) {
		json_t *item;

		if (!f->raw_set[level] && !f->raw_clear[level])
			continue;
		item = json_pack("{s:i}", "level", (int)level);
		save_raw(item, f, level);
		if (!list)
			list = json_array();
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *save_flags(const struct entry_flags *f, bool ept)
{
	json_t *letters = save_letters(f->bits, ept), *upper = save_upper(f), *object;

	if (!f->raw_set[0] && !f->raw_clear[0] && !upper)
		return letters;
	object = json_object();
	save_set(object, "flags", letters);
	save_raw(object, f, 0);
	save_set(object, "upper", upper);
	return object;
}

/* ---- Pages ---- */

static json_t *save_spp(const struct entry_flags *f)
{
	json_t *writable = save_hex(sppt_writable(f->bits)), *upper = save_upper(f), *object;

	if (!f->raw_set[0] && !f->raw_clear[0] && !upper)
		return writable;
	object = json_object();
	save_set(object, "writable", writable);
	save_raw(object, f, 0);
	save_set(object, "upper", upper);
	return object;
}

static json_t *save_page(const struct vpage *p)
{
	json_t *object = json_object();

	if (p->has_gva)
		save_set(object, "gva", save_hex(p->gva));
	if (!p->has_gva || p->gpa != p->gva)
		save_set(object, "gpa", save_hex(p->gpa));
	if (p->level != 1)
		save_set(object, "size", json_string(page_sizes[p->level - 1]));
	if (p->guest.given && p->has_gva)
		save_set(object, "guest", save_flags(&p->guest, false));
	if (p->ept.given)
		save_set(object, "ept", save_flags(&p->ept, true));
	if (p->has_ept_size || p->ept_level != 1)
		save_set(object, "ept_size", json_string(page_sizes[p->ept_level - 1]));
	if (p->spp.given)
		save_set(object, "spp", save_spp(&p->spp));
	if (p->has_hpa)
		save_set(object, "hpa", save_hex(p->hpa));
	if (p->count != 1)
		save_set(object, "count", json_integer(p->count));
	return object;
}

static json_t *save_pages(const struct vsetup *s)
{
	json_t *list = s->n_pages ? json_array() : NULL;

	for (unsigned i = 0; i < s->n_pages; i++)
		json_array_append_new(list, save_page(&s->pages[i]));
	return list;
}

static json_t *save_log_page(const struct vsetup *s)
{
	json_t *flags = s->log_page.given ? save_flags(&s->log_page, true) : NULL, *object;

	if (!s->has_log_hpa)
		return flags;
	object = json_object();
	save_set(object, "ept", flags);
	save_set(object, "hpa", save_hex(s->log_hpa));
	return object;
}

/* ---- The rest ---- */

static json_t *save_bit_names(unsigned bits, const struct bit_name *names)
{
	json_t *list = bits ? json_array() : NULL;

	for (; list && names->name; names++)
		if (bits & names->bit)
			json_array_append_new(list, json_string(names->name));
	return list;
}

static json_t *save_eptp(const struct vsetup *s)
{
	if (s->eptp == EPTP_DEFAULT)
		return NULL;
	if (s->eptp == (EPTP_DEFAULT & ~(uint64_t)EPML_EPTP_AD))
		return json_pack("{s:b}", "ad", 0);
	return json_pack("{s:o}", "raw", save_hex(s->eptp));
}

static json_t *save_bit_list(const struct vsetup *s, bool write)
{
	json_t *list = NULL;

	for (unsigned i = 0; i < s->n_bits; i++) {
		json_t *name;

		if (s->bits[i].write != write)
			continue;
		name = save_field_name(s->bits[i].field);
		if (!list)
			list = json_array();
		json_array_append_new(list, json_sprintf("%s%s", s->bits[i].set ? "" : "!",
							 json_string_value(name)));
		json_decref(name);
	}
	return list;
}

static json_t *save_bitmaps(const struct vsetup *s)
{
	json_t *object = s->n_bits ? json_object() : NULL;

	if (!(s->controls & CTL_VMCS_SHADOWING)) {
		json_decref(object);
		return NULL;
	}
	if (object) {
		save_set(object, "vmread", save_bit_list(s, false));
		save_set(object, "vmwrite", save_bit_list(s, true));
	}
	return object;
}

json_t *save_setup(const struct vector *v)
{
	const struct vsetup *s = &v->setup;
	json_t *object = json_object();

	if (s->cpl)
		save_set(object, "cpl", json_integer(s->cpl));
	if (s->interrupts)
		save_set(object, "if", json_true());
	save_set(object, "controls", save_bit_names(s->controls, control_names));
	save_set(object, "no_controls", save_bit_names(s->no_controls, no_control_names));
	save_set(object, "eptp", save_eptp(s));
	save_set(object, "fields", save_fields(s->fields, s->n_fields));
	save_set(object, "pages", save_pages(s));
	if (s->guest_tables.given)
		save_set(object, "guest_tables", save_flags(&s->guest_tables, true));
	save_set(object, "log_page", save_log_page(s));
	save_set(object, "memory", save_memory(s->memory, s->n_memory));
	save_set(object, "bitmaps", save_bitmaps(s));
	if (s->ist)
		save_set(object, "ist", save_hex(s->ist));
	return object;
}
