/* SPDX-License-Identifier: BSD-2-Clause */
/* Loader: the key "setup" except its pages. */
#include <string.h>

#include "epml-spec.h"
#include "forms.h"
#include "load_priv.h"

const struct bit_name control_names[] = {
	{ "pml", CTL_PML },
	{ "guest-pml", CTL_GUEST_PML },
	{ "vmcs-shadowing", CTL_VMCS_SHADOWING },
	{ "ept-ve", CTL_EPT_VE },
	{ "vmfunc", CTL_VMFUNC },
	{ "vpid", CTL_VPID },
	{ "spp", CTL_SPP },
	{ NULL, 0 },
};

const struct bit_name no_control_names[] = {
	{ "ept", NOCTL_EPT },
	{ "vid", NOCTL_VID },
	{ "tertiary", NOCTL_TERTIARY },
	{ NULL, 0 },
};

static int load_bit_names(struct reader *r, const json_t *list, const char *what,
			  const struct bit_name *names, unsigned *result)
{
	const char *text;
	json_t *item;
	size_t i;

	*result = 0;
	if (!list)
		return 0;
	if (need_array(r, list, what, NULL))
		return -1;
	json_array_foreach(list, i, item) {
		const struct bit_name *n = names;

		if (read_string(r, item, what, &text))
			return -1;
		while (n->name && strcmp(n->name, text))
			n++;
		if (!n->name)
			return vector_error(r->v, item, "%s has no \"%s\"", what, text);
		if (*result & n->bit)
			return vector_error(r->v, item, "%s: \"%s\" stands twice", what, text);
		*result |= n->bit;
	}
	return 0;
}

static int load_eptp(struct reader *r, const json_t *value)
{
	static const char *const keys[] = { "ad", "memtype", "walk_length", "raw", NULL };
	struct vsetup *s = &r->v->setup;
	const json_t *item;
	uint64_t memtype = 6, walk_length = 3;
	bool ad = true;

	if (value) {
		if (need_object(r, value, "eptp", NULL) || check_keys(r, value, "eptp", keys))
			return -1;
		item = json_object_get(value, "raw");
		if (item) {
			s->eptp_raw = true;
			return read_number(r, item, "raw", UINT64_MAX, &s->eptp);
		}
		item = json_object_get(value, "ad");
		if (item && read_bool(r, item, "ad", value, &ad))
			return -1;
		item = json_object_get(value, "memtype");
		if (item && read_number(r, item, "memtype", 7, &memtype))
			return -1;
		item = json_object_get(value, "walk_length");
		if (item && read_number(r, item, "walk_length", 7, &walk_length))
			return -1;
	}
	s->eptp = W_EPT | memtype | walk_length << EPML_EPTP_WALK_SHIFT |
		  (ad ? EPML_EPTP_AD : 0);
	return 0;
}

static int load_log_page(struct reader *r, const json_t *value)
{
	static const char *const keys[] = { "ept", "hpa", NULL };
	struct vsetup *s = &r->v->setup;
	const json_t *flags = value, *hpa = NULL;

	s->log_at = value;
	/* An object with the key "flags" is a flags value, one with "ept" or "hpa" is ours. */
	if (json_is_object(value) && !json_object_get(value, "flags")) {
		if (check_keys(r, value, "log_page", keys))
			return -1;
		flags = json_object_get(value, "ept");
		hpa = json_object_get(value, "hpa");
	}
	s->log_hpa = W_FRAME0 + W_GUEST_LOG;
	if (hpa && read_number(r, hpa, "hpa", W_RAM_SIZE - 0x1000, &s->log_hpa))
		return -1;
	s->has_log_hpa = hpa != NULL;
	if (s->log_hpa & 0xfff)
		return vector_error(r->v, hpa, "hpa: expected a multiple of 1000H");
	return load_flags(r, flags, "log_page", true, &s->log_page);
}

static int load_bit_list(struct reader *r, const json_t *list, bool write)
{
	struct vsetup *s = &r->v->setup;
	json_t *item;
	size_t i;

	if (!list)
		return 0;
	if (need_array(r, list, "bitmaps", NULL))
		return -1;
	json_array_foreach(list, i, item) {
		struct vbit *b = &s->bits[s->n_bits++];
		const char *name;

		if (read_string(r, item, "bitmaps", &name))
			return -1;
		b->write = write;
		b->set = *name != '!';
		if (field_by_name(r, name + !b->set, item, &b->field))
			return -1;
	}
	return 0;
}

static int load_bitmaps(struct reader *r, const json_t *value)
{
	static const char *const keys[] = { "vmread", "vmwrite", NULL };
	struct vsetup *s = &r->v->setup;
	const json_t *reads, *writes;

	if (!value)
		return 0;
	if (need_object(r, value, "bitmaps", NULL) || check_keys(r, value, "bitmaps", keys))
		return -1;
	if (!(s->controls & CTL_VMCS_SHADOWING))
		return vector_error(r->v, value, "bitmaps need the control vmcs-shadowing");
	reads = json_object_get(value, "vmread");
	writes = json_object_get(value, "vmwrite");
	s->bits = arena_array(&r->set->arena, json_array_size(reads) + json_array_size(writes),
			      struct vbit);
	return load_bit_list(r, reads, false) || load_bit_list(r, writes, true) ? -1 : 0;
}

static int load_scalars(struct reader *r, const struct layers *l)
{
	struct vsetup *s = &r->v->setup;
	const json_t *value;
	uint64_t n = 0;

	value = layer_get(l, "cpl");
	if (value && read_number(r, value, "cpl", 3, &n))
		return -1;
	if (n != 0 && n != 3)
		return vector_error(r->v, value, "cpl: expected 0 or 3");
	s->cpl = (unsigned)n;
	value = layer_get(l, "if");
	if (value && read_bool(r, value, "if", layer_at(l), &s->interrupts))
		return -1;
	value = layer_get(l, "ist");
	if (value && read_number(r, value, "ist", UINT64_MAX, &s->ist))
		return -1;
	return 0;
}

static int check_controls(struct reader *r, const struct layers *l)
{
	struct vsetup *s = &r->v->setup;
	const json_t *at = layer_get(l, "controls");

	if (r->v->sdm && (s->controls & CTL_GUEST_PML))
		return vector_error(r->v, at, "the control guest-pml needs \"requires\": \"epml\"");
	at = layer_get(l, "no_controls");
	if ((s->no_controls & NOCTL_TERTIARY) && !(s->controls & CTL_GUEST_PML))
		return vector_error(r->v, at,
				    "no_controls: tertiary is off anyway without guest-pml");
	return 0;
}

int load_setup(struct reader *r, const struct layers *l)
{
	static const char *const keys[] = {
		"cpl", "if", "controls", "no_controls", "eptp", "fields", "pages", "guest_tables",
		"log_page", "memory", "bitmaps", "ist", NULL
	};
	struct vsetup *s = &r->v->setup;
	const json_t *fields = layer_get(l, "fields"), *memory = layer_get(l, "memory");

	if (check_layer_keys(r, l, "setup", keys) ||
	    load_scalars(r, l) ||
	    load_bit_names(r, layer_get(l, "controls"), "controls", control_names,
			   &s->controls) ||
	    load_bit_names(r, layer_get(l, "no_controls"), "no_controls", no_control_names,
			   &s->no_controls) ||
	    check_controls(r, l) ||
	    load_eptp(r, layer_get(l, "eptp")) ||
	    load_flags(r, layer_get(l, "guest_tables"), "guest_tables", true,
		       &s->guest_tables) ||
	    load_log_page(r, layer_get(l, "log_page")) ||
	    load_bitmaps(r, layer_get(l, "bitmaps")) ||
	    load_pages(r, layer_get(l, "pages")))
		return -1;
	if (fields && read_fields(r, fields, &s->fields, &s->n_fields))
		return -1;
	return memory ? read_memory(r, memory, "memory", &s->memory, &s->n_memory) : 0;
}
