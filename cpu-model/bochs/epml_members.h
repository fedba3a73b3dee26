/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Members of BX_CPU_C that connect it with the reference model; included inside the class.
 *
 * Each method is called from one inserted line (insertions/), guarded by epml_on.
 */

  struct epml_cpu epml;              // the model's state of this processor
  bx_phy_address epml_done_gpa;      // guest-physical address that epml_guest_commit has just ...
  bx_phy_address epml_done_hpa;      // ... translated to this address, for its one reader
  bool epml_done;
  struct epml_page {
    bx_phy_address hpa;              // of the page; no page has the lowest bit set
    const Bit8u *host;               // where it is; NULL: not plain memory
  } epml_pages[64];                  // pages that the model has read, by bits 17:12
  bx_address epml_laddr;             // linear address and ...
  unsigned epml_len;                 // ... length of the access to data that is in progress
  struct epml_sub_pages {
    Bit32u writable;                 // bit i: bytes 128 * i to 128 * i + 127
    Bit32u access_bits;              // TLB_*WriteOK of the whole page, had it no sub-pages; or 0
  } epml_tlb[BX_DTLB_SIZE];          // for each entry of the DTLB

  // Configuration and life cycle
  void epml_init(void);
  void epml_init_capabilities(void);
  void epml_reset(void);
  void epml_register_state(bx_list_c *parent);
  void epml_checkpoint(void);

  // EPT walk, both logs, accessed and dirty flags
  bx_phy_address epml_translate(bx_phy_address gpa, bx_address gva, bx_bool gva_valid,
                                bx_bool is_page_walk, unsigned rw);
  void epml_guest_commit(bx_address gva, bx_phy_address ppf, Bit32u lpf_mask, unsigned rw,
                         const bx_phy_address *entry_addr, Bit64u *entry, unsigned leaf,
                         unsigned top, bx_phy_address root);
  void epml_guest_commit(bx_address gva, bx_phy_address ppf, Bit32u lpf_mask, unsigned rw,
                         const bx_phy_address *entry_addr, Bit32u *entry, unsigned leaf);
  void epml_complete(struct epml_guest_walk *w);
  void epml_finish(enum epml_result result);
  unsigned epml_access_flags(unsigned rw);

  // Sub-page write permissions
  void epml_operand(bx_address laddr, unsigned len) { epml_laddr = laddr; epml_len = len; }
  unsigned epml_part(bx_address laddr);
  void epml_tlb_fill(bx_TLB_entry *tlbEntry, bool write);
  bool epml_write(bx_address laddr, unsigned len, unsigned user, const void *data);
  bool epml_tlb_grants(const bx_TLB_entry *tlbEntry, bx_address laddr, unsigned user);

  // Physical memory
  const Bit8u *epml_host_address(bx_phy_address hpa);
  void epml_forget_pages(void);
  bool epml_has_page(const Bit8u *begin, const Bit8u *end);

  // VMX
  bool epml_vmentry_controls(void);
  void epml_vmentry(void);
  void epml_vmexit(Bit32u reason, Bit64u qualification);
  void epml_vmexit_save(void);
  bool epml_vmread(bxInstruction_c *i, bool is64);
  bool epml_vmwrite(bxInstruction_c *i, bool is64);
  bool epml_is_guest_pml_access(Bit64u encoding);
  bool epml_rdmsr(Bit32u index, Bit64u *value);
  void epml_interrupt(Bit8u vector);
  void epml_vmcs_event(enum epml_event_type type, Bit32u field, Bit64u value);
  void epml_load_vmcs(struct epml_vmcs *v);
  void epml_vmfail(unsigned error);

  // Mends, always on: epml_mends.cc
  bx_TLB_entry *epml_user_page[64];  // user pages that a supervisor may access while AC = 1
  unsigned epml_user_pages;          // how many there were; the last 64 are kept
  Bit32u epml_compacted_size(void);
  Bit64u epml_misc_enable(void);
  void epml_keep_user_page(bx_TLB_entry *tlbEntry, bool write);
  void epml_drop_user_page(bx_TLB_entry *tlbEntry);
  void epml_forget_user_pages(void);

  // Timing: epml_timing.cc
  struct timing epml_timing;
  struct timing_tracks epml_tracks;  // of the time line
  Bit64u epml_counted;               // icount, when the instructions were last looked at
  Bit64u epml_first_icount;          // icount at cycle 0
  Bit64u epml_first_tick;            // Bochs's time at cycle 0
  Bit64u epml_synced;                // epml_timing.clock, when Bochs's time was last equal to it
  Bit64u epml_paging;                // bits of CR0 and CR4 that translations depend on
  bool epml_keep;                    // bit 63 of the value that MOV to CR3 writes
  bool epml_sppt_read;               // for the access that the model is looking at
  bool epml_virtual;                 // the event being delivered is a virtual interrupt, ...
  bool epml_injecting;               // ... or VM entry injects it
  void epml_timing_init(void);
  void epml_timing_restart(void);
  void epml_timing_restored(void);
  void epml_timing_end(void);
  void epml_timing_sync(void);
  Bit32u epml_timing_repeat(void);
  bool epml_timing_due(void);
  bool epml_ran(void);
  void epml_wait(Bit64u cycle);
  Bit64u epml_timing_ahead(void);
  void epml_count_insns(void);
  void epml_phase(unsigned number);

  // What is charged in both modes: epml_events.cc
  void epml_charge(enum timing_cost cost);
  void epml_timing_context(void);
  Bit64u epml_paging_bits(void);
  void epml_timing_cr(void);
  void epml_timing_cr3(void);
  void epml_timing_invalidate(enum timing_cost what, bx_address type, Bit64u low, Bit64u high);
  void epml_timing_eptp_switch(void);
  void epml_timing_fault(bx_address laddr, bool fetch, bool write);
  void epml_timing_interrupt(unsigned vector, unsigned type, unsigned error_code);
  void epml_timing_vmentry(void);
  void epml_timing_vmexit(Bit32u reason, Bit64u qualification);
  void epml_timing_refused(void);
  void epml_timing_spp(Bit64u gpa);
  void epml_timing_write(Bit64u hpa, enum epml_mem what);
  void epml_timing_event(const struct epml_event *e);
  void epml_timing_flags(const Bit64u *entry, unsigned top, unsigned leaf, bool write);
  void epml_timing_flags(const Bit32u *entry, unsigned leaf, bool write);

  // Each instruction and access, in mode "full" only: epml_full.cc and the macros of instrument.h
  void epml_before(const bxInstruction_c *i);
  void epml_fetch(bx_address lin, unsigned len);
  static enum timing_branch epml_branch_kind(unsigned what);
  void epml_branch(enum timing_branch kind, bx_address target, unsigned ilen, bool taken);
