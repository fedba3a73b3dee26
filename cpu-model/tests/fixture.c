/* SPDX-License-Identifier: BSD-2-Clause */
/* The host of the unit tests: see fixture.h for its world. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

#define PAGE_SIZE	0x1000ull
#define OFFSET(hpa)	((hpa) & (PAGE_SIZE - 1))
#define USE(what)	(1u << (what))
#define USE_FRAME	(USE(EPML_MEM_GPML) | USE(EPML_MEM_GUEST_PTE))

/* ---- Memory ------------------------------------------------------------------------------- */

static struct fx_page *find(struct fixture *fx, uint64_t hpa)
{
	uint64_t base = hpa - OFFSET(hpa);
	unsigned slot = (base >> 12 ^ base >> 21 ^ base >> 42) % FX_PAGES;

	while (fx->pages[slot].now && fx->pages[slot].hpa != base)
		slot = (slot + 1) % FX_PAGES;
	return &fx->pages[slot];
}

void fx_add_page(struct fixture *fx, uint64_t hpa, unsigned uses)
{
	struct fx_page *page = find(fx, hpa);

	assert_null(page->now);
	page->hpa = hpa - OFFSET(hpa);
	page->uses = uses;
	page->now = calloc(2, PAGE_SIZE);
	assert_non_null(page->now);
	page->then = page->now + PAGE_SIZE / 8;
}

uint64_t *fx_word(struct fixture *fx, uint64_t hpa)
{
	struct fx_page *page = find(fx, hpa);

	if (!page->now)
		fail_msg("no memory at %#llx", (unsigned long long)hpa);
	return &page->now[OFFSET(hpa) / 8];
}

/* The bytes of an access of the model: in memory, for a purpose the page has, naturally aligned. */
static void *bytes_of(struct fixture *fx, uint64_t hpa, unsigned size, enum epml_mem what)
{
	struct fx_page *page = find(fx, hpa);

	if (!page->now)
		fail_msg("access to %#llx, where no memory is", (unsigned long long)hpa);
	if (!(page->uses & USE(what)))
		fail_msg("access of kind %d to %#llx", what, (unsigned long long)hpa);
	assert_true(size == 1 || size == 2 || size == 4 || size == 8);
	assert_int_equal(hpa % size, 0);
	return (char *)page->now + OFFSET(hpa);
}

static uint64_t host_read(void *host, uint64_t hpa, unsigned size, enum epml_mem what)
{
	uint64_t value = 0;

	memcpy(&value, bytes_of(host, hpa, size, what), size);
	return value;
}

static void host_write(void *host, uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what)
{
	struct fixture *fx = host;
	void *bytes = bytes_of(fx, hpa, size, what);
	struct fx_write *w = &fx->writes[fx->n_writes++];

	assert_in_range(fx->n_writes, 1, FX_WRITES);
	*w = (struct fx_write){ .hpa = hpa, .value = value, .size = size, .what = what };
	memcpy(&w->old, bytes, size);
	memcpy(bytes, &value, size);
}

static void host_self_ipi(void *host, uint8_t vector)
{
	struct fixture *fx = host;

	assert_in_range(fx->n_ipis, 0, FX_EVENTS - 1);
	fx->ipi_index[fx->n_ipis] = fx->cpu.v.gpml_index;
	fx->ipis[fx->n_ipis++] = vector;
}

static void host_event(void *host, const struct epml_event *ev)
{
	struct fixture *fx = host;

	assert_in_range(fx->n_events, 0, FX_EVENTS - 1);
	fx->events[fx->n_events++] = *ev;
}

/* ---- The world ---------------------------------------------------------------------------- */

uint64_t fx_epte(uint64_t gpa, unsigned level)
{
	static const uint64_t table[] = { 0, FX_EPT_PT, FX_EPT_PD, FX_EPT_PDPT, FX_EPT_PML4 };

	return table[level] + (gpa >> (3 + 9 * level) & 0x1FF) * 8;
}

uint64_t fx_sppte(uint64_t gpa, unsigned level)
{
	return FX_SPPT_ROOT + (4 - level) * PAGE_SIZE + (gpa >> (3 + 9 * level) & 0x1FF) * 8;
}

uint64_t fx_pte_gpa(uint64_t gva, unsigned level)
{
	static const uint64_t table[] = { 0, FX_GPA_PT, FX_GPA_PD, FX_GPA_PDPT, FX_GPA_PML4 };

	return table[level] + (gva >> (3 + 9 * level) & 0x1FF) * 8;
}

uint64_t fx_pte(uint64_t gva, unsigned level)
{
	return FX_FRAME + fx_pte_gpa(gva, level);
}

uint64_t fx_log_entry(unsigned index)
{
	return FX_FRAME + FX_GPA_LOG + 8 * index;
}

uint64_t fx_pml_entry(unsigned index)
{
	return FX_PML + 8 * index;
}

void fx_ept_change(struct fixture *fx, uint64_t gpa, unsigned level, uint64_t clear, uint64_t set)
{
	uint64_t *entry = fx_word(fx, fx_epte(gpa, level));

	*entry = (*entry & ~clear) | set;
}

void fx_pte_change(struct fixture *fx, uint64_t gva, unsigned level, uint64_t clear, uint64_t set)
{
	uint64_t *entry = fx_word(fx, fx_pte(gva, level));

	*entry = (*entry & ~clear) | set;
}

static void make_memory(struct fixture *fx)
{
	for (uint64_t hpa = FX_EPT_PML4; hpa <= FX_EPT_PT; hpa += PAGE_SIZE)
		fx_add_page(fx, hpa, USE(EPML_MEM_EPT));
	for (unsigned level = 4; level; level--)
		fx_add_page(fx, fx_sppte(0, level), USE(EPML_MEM_SPPT));
	fx_add_page(fx, FX_PML, USE(EPML_MEM_PML));
	fx_add_page(fx, FX_VE_INFO, USE(EPML_MEM_VE_INFO));
	fx_add_page(fx, FX_VMREAD, USE(EPML_MEM_VMX_BITMAP));
	fx_add_page(fx, FX_VMWRITE, USE(EPML_MEM_VMX_BITMAP));
	for (uint64_t gpa = 0; gpa < FX_GPA_END; gpa += PAGE_SIZE)
		fx_add_page(fx, FX_FRAME + gpa, USE_FRAME);
}

static void make_ept(struct fixture *fx)
{
	const uint64_t upper = FX_EPT_RWX | EPML_EPT_ACCESSED;
	const uint64_t leaf = FX_EPT_RWX | (uint64_t)EPML_MEMTYPE_WB << EPML_EPT_MEMTYPE_SHIFT;

	*fx_word(fx, fx_epte(0, 4)) = FX_EPT_PDPT | upper;
	*fx_word(fx, fx_epte(0, 3)) = FX_EPT_PD | upper;
	*fx_word(fx, fx_epte(0, 2)) = FX_EPT_PT | upper;
	for (uint64_t gpa = 0; gpa < FX_GPA_END; gpa += PAGE_SIZE)
		*fx_word(fx, fx_epte(gpa, 1)) = (FX_FRAME + gpa) | leaf | FX_EPT_AD;
	fx_ept_change(fx, FX_GPA_DATA, 1, FX_EPT_AD, 0);
	fx_ept_change(fx, FX_GPA_DATA2, 1, FX_EPT_AD, 0);
}

static void make_sppt(struct fixture *fx)
{
	for (unsigned level = 4; level > 1; level--)
		*fx_word(fx, fx_sppte(0, level)) = fx_sppte(0, level - 1) | EPML_SPPT_VALID;
}

static void make_guest_tables(struct fixture *fx)
{
	const uint64_t leaf = EPML_PTE_PRESENT | EPML_PTE_WRITE | EPML_PTE_USER;
	const uint64_t upper = leaf | EPML_PTE_ACCESSED;

	*fx_word(fx, fx_pte(FX_GVA_DATA, 4)) = FX_GPA_PDPT | upper;
	*fx_word(fx, fx_pte(FX_GVA_DATA, 3)) = FX_GPA_PD | upper;
	*fx_word(fx, fx_pte(FX_GVA_DATA, 2)) = FX_GPA_PT | upper;
	*fx_word(fx, fx_pte(FX_GVA_DATA, 1)) = FX_GPA_DATA | leaf;
	*fx_word(fx, fx_pte(FX_GVA_DATA2, 1)) = FX_GPA_DATA2 | leaf;
}

static void make_cpu(struct fixture *fx)
{
	static const struct epml_ops ops = { host_read, host_write, host_self_ipi, host_event };

	fx->cpu = (struct epml_cpu){
		.ops = &ops, .host = fx, .maxphyaddr = 40, .ept_1g = true,
		.v = {
			.proc = EPML_PROC_ACTIVATE_SECONDARY | EPML_PROC_ACTIVATE_TERTIARY,
			.proc2 = EPML_PROC2_ENABLE_EPT | EPML_PROC2_ENABLE_PML |
				 EPML_PROC2_VMCS_SHADOWING | EPML_PROC2_VIRTUAL_INTERRUPT_DELIVERY,
			.proc3 = EPML_PROC3_ENABLE_GUEST_PML,
			.eptp = FX_EPT_PML4 | EPML_EPTP_AD | 3 << EPML_EPTP_WALK_SHIFT |
				EPML_MEMTYPE_WB,
			.spptp = FX_SPPT_ROOT,
			.pml_address = FX_PML, .pml_index = EPML_LOG_FIRST_INDEX,
			.gpml_index = EPML_LOG_FIRST_INDEX, .gpml_vector = FX_VECTOR,
			.gpml_threshold = FX_THRESHOLD,
			.vmread_bitmap = FX_VMREAD, .vmwrite_bitmap = FX_VMWRITE,
			.link_pointer = UINT64_MAX, .ve_info = FX_VE_INFO, .eptp_index = 0x0123,
		},
	};
	fx_profile(fx, "hardened");
}

int fx_setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	if (!fx)
		return -1;
	*state = fx;
	make_memory(fx);
	make_ept(fx);
	make_sppt(fx);
	make_guest_tables(fx);
	make_cpu(fx);
	fx_save(fx);
	return 0;
}

int fx_teardown(void **state)
{
	struct fixture *fx = *state;

	for (unsigned i = 0; i < FX_PAGES; i++)
		free(fx->pages[i].now);
	free(fx);
	return 0;
}

void fx_profile(struct fixture *fx, const char *name)
{
	assert_true(epml_params_profile(&fx->cpu.params, name));
	fx_set_translation(fx, fx->cpu.params.translation);
}

void fx_set_translation(struct fixture *fx, enum epml_translation translation)
{
	fx->cpu.params.translation = translation;
	fx->cpu.v.gpml_address = FX_GPA_LOG;
	if (translation == EPML_TRANSLATE_AT_VMWRITE)
		fx->cpu.v.gpml_address += FX_FRAME;
}

void fx_set_ve(struct fixture *fx, bool on)
{
	fx->cpu.v.proc2 &= ~EPML_PROC2_EPT_VIOLATION_VE;
	if (on)
		fx->cpu.v.proc2 |= EPML_PROC2_EPT_VIOLATION_VE;
}

void fx_set_spp(struct fixture *fx, uint64_t leaf)
{
	fx->cpu.v.proc2 |= EPML_PROC2_SUB_PAGE_WRITE;
	fx_ept_change(fx, FX_GPA_DATA, 1, EPML_EPT_WRITE, EPML_EPT_SPP);
	*fx_word(fx, fx_sppte(FX_GPA_DATA, 1)) = leaf;
}

/* ---- Accesses ----------------------------------------------------------------------------- */

struct epml_guest_walk fx_walk(struct fixture *fx, uint64_t gva, unsigned flags)
{
	struct epml_guest_walk w = { .entry_size = 8, .top = 4, .leaf = 1 };

	for (unsigned level = w.top; level >= w.leaf; level--) {
		w.entry[level].gpa = fx_pte_gpa(gva, level);
		w.entry[level].hpa = fx_pte(gva, level);
		w.entry[level].value = *fx_word(fx, w.entry[level].hpa);
	}
	w.access = (struct epml_access){
		.gpa = (w.entry[1].value & EPML_PTE_ADDRESS_MASK) | OFFSET(gva),
		.gva = gva, .flags = flags };
	return w;
}

enum epml_result fx_access_size(struct fixture *fx, uint64_t gva, unsigned size, unsigned flags,
				uint64_t *hpa)
{
	struct epml_guest_walk w = fx_walk(fx, gva, flags);

	w.access.size = size;
	return epml_guest_access(&fx->cpu, &w, hpa);
}

enum epml_result fx_access(struct fixture *fx, uint64_t gva, unsigned flags, uint64_t *hpa)
{
	return fx_access_size(fx, gva, 0, flags, hpa);
}

enum epml_result fx_physical(struct fixture *fx, uint64_t gpa, unsigned flags, uint64_t *hpa)
{
	struct epml_access a = { .gpa = gpa, .gva = FX_GVA_DATA, .flags = flags };

	return epml_ept_access(&fx->cpu, &a, hpa);
}

/* ---- Expectations ------------------------------------------------------------------------- */

void fx_forget(struct fixture *fx)
{
	fx->then = fx->cpu.v;
	fx->n_events = fx->n_ipis = fx->n_writes = 0;
}

void fx_save(struct fixture *fx)
{
	for (unsigned i = 0; i < FX_PAGES; i++)
		if (fx->pages[i].now)
			memcpy(fx->pages[i].then, fx->pages[i].now, PAGE_SIZE);
	fx_forget(fx);
}

void fx_restore(struct fixture *fx)
{
	for (unsigned i = 0; i < FX_PAGES; i++)
		if (fx->pages[i].now)
			memcpy(fx->pages[i].now, fx->pages[i].then, PAGE_SIZE);
	fx->cpu.v = fx->then;
	fx_forget(fx);
}

static bool listed(uint64_t hpa, unsigned n, const uint64_t *hpas)
{
	for (unsigned i = 0; i < n; i++)
		if (hpas[i] == hpa)
			return true;
	return false;
}

static unsigned compare_page(const struct fx_page *page, unsigned n, const uint64_t *hpas)
{
	unsigned changed = 0;

	for (unsigned i = 0; i < PAGE_SIZE / 8; i++) {
		if (page->now[i] == page->then[i])
			continue;
		if (!listed(page->hpa + 8 * i, n, hpas))
			fail_msg("word at %#llx has changed",
				 (unsigned long long)page->hpa + 8 * i);
		changed++;
	}
	return changed;
}

void fx_expect_changed(struct fixture *fx, unsigned n, const uint64_t *hpas)
{
	unsigned changed = 0;

	for (unsigned i = 0; i < FX_PAGES; i++)
		if (fx->pages[i].now)
			changed += compare_page(&fx->pages[i], n, hpas);
	assert_int_equal(changed, n);
}

void fx_expect_state(const struct epml_vmcs *v, const struct epml_vmcs *expected)
{
#define SAME(field) assert_int_equal(v->field, expected->field)
	SAME(pin);
	SAME(proc);
	SAME(proc2);
	SAME(proc3);
	SAME(eptp);
	SAME(spptp);
	SAME(pml_address);
	SAME(pml_index);
	SAME(gpml_address);
	SAME(gpml_index);
	SAME(gpml_vector);
	SAME(gpml_threshold);
	SAME(vmread_bitmap);
	SAME(vmwrite_bitmap);
	SAME(link_pointer);
	SAME(ve_info);
	SAME(eptp_index);
#undef SAME
}

void fx_expect_unchanged(struct fixture *fx)
{
	fx_expect_changed(fx, 0, NULL);
	fx_expect_state(&fx->cpu.v, &fx->then);
}

void fx_expect_events(struct fixture *fx, unsigned n, const enum epml_event_type *types)
{
	assert_int_equal(fx->n_events, n);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(fx->events[i].type, types[i]);
}

void fx_expect_exit(struct fixture *fx, uint32_t reason, uint64_t qualification)
{
	assert_int_equal(fx->cpu.exit.reason, reason);
	assert_int_equal(fx->cpu.exit.qualification, qualification);
}

void fx_expect_exit_addresses(struct fixture *fx, bool gpa_valid, uint64_t gpa, bool gva_valid,
			      uint64_t gva)
{
	const struct epml_exit *e = &fx->cpu.exit;

	assert_int_equal(e->gpa_valid, gpa_valid);
	assert_int_equal(e->gva_valid, gva_valid);
	assert_int_equal(e->gpa, gpa_valid ? gpa : 0);
	assert_int_equal(e->gva, gva_valid ? gva : 0);
}

unsigned fx_count_writes(const struct fixture *fx, enum epml_mem what)
{
	unsigned n = 0;

	for (unsigned i = 0; i < fx->n_writes; i++)
		n += fx->writes[i].what == what;
	return n;
}

enum epml_result fx_write(struct fixture *fx, uint64_t gva)
{
	uint64_t hpa;

	fx_save(fx);
	return fx_access(fx, gva, FX_WRITE, &hpa);
}

void fx_expect_entries(struct fixture *fx, uint64_t gva, unsigned n)
{
	uint16_t index = fx->cpu.v.gpml_index;

	assert_int_equal(fx_write(fx, gva), EPML_OK);
	assert_int_equal(fx_count_writes(fx, EPML_MEM_GPML), n);
	assert_int_equal(fx->cpu.v.gpml_index, (uint16_t)(index - n));
}

void fx_expect_write_exits(struct fixture *fx, uint64_t gva, uint32_t reason,
			   uint64_t qualification)
{
	assert_int_equal(fx_write(fx, gva), EPML_VMEXIT);
	fx_expect_exit(fx, reason, qualification);
	fx_expect_unchanged(fx);
	assert_int_equal(fx->n_ipis, 0);
	assert_int_equal(fx->events[fx->n_events - 1].type, EPML_EV_EXIT);
	/* before it, at most the log entry's own access */
	for (unsigned i = 0; i + 1 < fx->n_events; i++)
		assert_int_equal(fx->events[i].access, EPML_ACCESS_WRITE | EPML_ACCESS_LOG);
}
