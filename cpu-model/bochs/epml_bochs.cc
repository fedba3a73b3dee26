/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reference model inside Bochs: physical memory, translation, and what follows from it.
 *
 * With "epml: enabled=1" the model replaces Bochs's EPT walk, PML and SPP. Bochs walks the guest's
 * own paging structures and keeps its TLB: a TLB entry gets write permission only by a walk for a
 * write, so the model sees every access that may set a dirty flag.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#include "epml_option.h"
#include "epml-spec.h"

#define LOG_THIS BX_CPU_THIS_PTR

// What the model asks of its host

// A walk reads twenty entries. Asking Bochs's memory for each of them takes most of its time, so
// the pages are looked up once and kept, as the TLB keeps those of the guest: until TLB_flush,
// which Bochs calls when its memory map changes too, and VM entry.
const Bit8u *BX_CPU_C::epml_host_address(bx_phy_address hpa)
{
  epml_page *page = &epml_pages[(hpa >> 12) % (sizeof(epml_pages) / sizeof(epml_pages[0]))];

  if (page->hpa != LPFOf(hpa)) {
    page->hpa = LPFOf(hpa);
    page->host = (const Bit8u *) getHostMemAddr(page->hpa, BX_READ);
  }
  return page->host ? page->host + PAGE_OFFSET(hpa) : NULL;
}

void BX_CPU_C::epml_forget_pages(void)
{
  for (epml_page &page : epml_pages)
    page.hpa = 1;
}

// Bochs asks before it swaps host memory out.
bool BX_CPU_C::epml_has_page(const Bit8u *begin, const Bit8u *end)
{
  for (const epml_page &page : epml_pages)
    if (page.hpa != 1 && page.host >= begin && page.host < end)
      return true;
  return false;
}

static uint64_t host_read(void *host, uint64_t hpa, unsigned size, enum epml_mem what)
{
  const Bit8u *memory = ((BX_CPU_C *) host)->epml_host_address(hpa);
  Bit64u value = 0;

  (void) what;
  if (memory && size == 8)
    return ReadHostQWordFromLittleEndian((Bit64u *) memory);
  ((BX_CPU_C *) host)->access_read_physical(hpa, size, &value);
  return value;
}

static void host_write(void *host, uint64_t hpa, unsigned size, uint64_t value, enum epml_mem what)
{
  (void) what;
  ((BX_CPU_C *) host)->access_write_physical(hpa, size, &value);
}

static void host_self_ipi(void *host, uint8_t vector)
{
  ((BX_CPU_C *) host)->VMX_Self_IPI_Virtualization(vector);
}

static void host_event(void *host, const struct epml_event *event)
{
  epml_trace_event(((BX_CPU_C *) host)->which_cpu(), event);
}

static const struct epml_ops ops = { host_read, host_write, host_self_ipi, NULL };
static const struct epml_ops tracing_ops = { host_read, host_write, host_self_ipi, host_event };

// Configuration and life cycle

void BX_CPU_C::epml_init(void)
{
  const Bit32u needed = BX_VMX_EPT | BX_VMX_PML | BX_VMX_SPP | BX_VMX_VINTR_DELIVERY |
                        BX_VMX_VMCS_SHADOWING;

  if (BX_SUPPORT_VMX_EXTENSION(needed) != needed)
    BX_PANIC(("epml: this CPU model lacks EPT, PML, SPP, VMCS shadowing or virtual-interrupt "
              "delivery; expected model=corei7_icelake_u"));
  if (BX_CPUID_SUPPORT_ISA_EXTENSION(BX_ISA_CET))
    BX_PANIC(("epml: CPU models with CET are not supported; expected model=corei7_icelake_u"));
  if (! epml_trace_open())
    BX_PANIC(("epml: cannot write trace file '%s'", epml_options.trace));

  epml.params = epml_options.params;
  epml.ops = epml_tracing() ? &tracing_ops : &ops;
  epml.host = this;
  epml.maxphyaddr = BX_PHY_ADDRESS_WIDTH;
  epml.ept_1g = is_cpu_extension_supported(BX_ISA_1G_PAGES);
  epml_reset();
  BX_INFO(("epml: the reference model is on: trigger=%s, translation=%s, full=%s, notification=%s, "
           "walk-writes=%s", epml_params_get(&epml.params, "trigger"),
           epml_params_get(&epml.params, "translation"), epml_params_get(&epml.params, "full"),
           epml_params_get(&epml.params, "notification"),
           epml_params_get(&epml.params, "walk-writes")));
}

void BX_CPU_C::epml_init_capabilities(void)
{
  vmx_cap.vmx_proc_vmexec_ctrl_supported_bits |= EPML_PROC_ACTIVATE_TERTIARY;
}

void BX_CPU_C::epml_reset(void)
{
  memset(&epml.v, 0, sizeof(epml.v));
  memset(&epml.exit, 0, sizeof(epml.exit));
  epml_done = false;
  epml_forget_pages();
}

// Save/restore: what a processor in VMX non-root operation holds. Exit information is never live
// between instructions.
void BX_CPU_C::epml_register_state(bx_list_c *parent)
{
  bx_list_c *list = new bx_list_c(parent, "EPML");

  BXRS_HEX_PARAM_FIELD(list, proc2, *(Bit32u*) &epml.v.proc2);
  BXRS_HEX_PARAM_FIELD(list, proc3, *(Bit64u*) &epml.v.proc3);
  BXRS_HEX_PARAM_FIELD(list, eptp, *(Bit64u*) &epml.v.eptp);
  BXRS_HEX_PARAM_FIELD(list, spptp, *(Bit64u*) &epml.v.spptp);
  BXRS_HEX_PARAM_FIELD(list, pml_address, *(Bit64u*) &epml.v.pml_address);
  BXRS_HEX_PARAM_FIELD(list, pml_index, *(Bit16u*) &epml.v.pml_index);
  BXRS_HEX_PARAM_FIELD(list, gpml_address, *(Bit64u*) &epml.v.gpml_address);
  BXRS_HEX_PARAM_FIELD(list, gpml_index, *(Bit16u*) &epml.v.gpml_index);
  BXRS_HEX_PARAM_FIELD(list, gpml_vector, *(Bit16u*) &epml.v.gpml_vector);
  BXRS_HEX_PARAM_FIELD(list, gpml_threshold, *(Bit16u*) &epml.v.gpml_threshold);
  BXRS_HEX_PARAM_FIELD(list, vmread_bitmap, *(Bit64u*) &epml.v.vmread_bitmap);
  BXRS_HEX_PARAM_FIELD(list, vmwrite_bitmap, *(Bit64u*) &epml.v.vmwrite_bitmap);
  BXRS_HEX_PARAM_FIELD(list, ve_info, *(Bit64u*) &epml.v.ve_info);
  BXRS_HEX_PARAM_FIELD(list, eptp_index, *(Bit16u*) &epml.v.eptp_index);
}

// Between two instructions, soon after epml_vmentry found it due.
void BX_CPU_C::epml_checkpoint(void)
{
  if (in_vmx_guest && epml_checkpoint_due() && ! epml_checkpoint_save())
    BX_PANIC(("epml: cannot write checkpoint '%s'", epml_options.checkpoint));
}

// Translation

unsigned BX_CPU_C::epml_access_flags(unsigned rw)
{
  unsigned flags;

  if (rw == BX_EXECUTE)
    flags = EPML_ACCESS_FETCH;
  else if (rw == BX_RW)
    flags = EPML_ACCESS_READ | EPML_ACCESS_WRITE;
  else
    flags = (rw & 1) ? EPML_ACCESS_WRITE : EPML_ACCESS_READ;
  if (in_event)
    flags |= EPML_ACCESS_IN_EVENT;
  if (nmi_unblocking_iret)
    flags |= EPML_ACCESS_NMI_IRET;
  if (! cr0.get_PE())
    flags |= EPML_ACCESS_NO_PE;
  return flags;
}

// Do what a result asks for. Does not return unless the result is EPML_OK.
void BX_CPU_C::epml_finish(enum epml_result result)
{
  if (result == EPML_OK)
    return;
  BX_DEBUG(("epml: %s, reason %u, qualification 0x" FMT_ADDRX64 ", guest paddr 0x" FMT_PHY_ADDRX
            ", laddr 0x" FMT_ADDRX, result == EPML_VE ? "#VE" : "VM exit", epml.exit.reason,
            (Bit64u) epml.exit.qualification, (bx_phy_address) epml.exit.gpa,
            (bx_address) epml.exit.gva));
  if (result == EPML_VE)
    exception(BX_VE_EXCEPTION, 0);

  if (epml.exit.gpa_valid)
    VMwrite64(VMCS_64BIT_GUEST_PHYSICAL_ADDR, epml.exit.gpa);
  if (epml.exit.gva_valid)
    VMwrite_natural(VMCS_GUEST_LINEAR_ADDR, epml.exit.gva);
  VMexit(epml.exit.reason, epml.exit.qualification);
}

bx_phy_address BX_CPU_C::epml_translate(bx_phy_address gpa, bx_address gva, bx_bool gva_valid,
                                        bx_bool is_page_walk, unsigned rw)
{
  if (epml_done) {
    epml_done = false;
    if (! is_page_walk && epml_done_gpa == gpa)
      return epml_done_hpa;
  }

  // the loads of PDPTEs by MOV to CR3 are plain reads without a linear address
  struct epml_access a = { gpa, gva, epml_access_flags(is_page_walk ? BX_READ : rw) };
  a.size = epml_part(gva);
  if (gva_valid) {
    a.flags |= EPML_ACCESS_LINEAR;
    if (is_page_walk)
      a.flags |= EPML_ACCESS_WALK;
  }
  // EPTP switching changes the pointer between VM entries
  epml.v.eptp = vmcs.eptptr;
  epml.v.eptp_index = vmcs.eptp_index;

  uint64_t hpa = 0;
  epml_finish(epml_ept_access(&epml, &a, &hpa));
  return hpa;
}

// The guest page walk for an access has passed the guest's own checks: complete the access, so that
// its flags and log entries are written together. Bochs's translation that follows is answered
// from epml_done.
void BX_CPU_C::epml_complete(struct epml_guest_walk *w)
{
  uint64_t hpa = 0;

  epml.v.eptp = vmcs.eptptr;
  epml.v.eptp_index = vmcs.eptp_index;
  epml_done = false;
  epml_finish(epml_guest_access(&epml, w, &hpa));
  epml_done = true;
  epml_done_gpa = w->access.gpa;
  epml_done_hpa = hpa;
}

// Long mode and PAE paging; levels of Bochs count from 0 (PTE), those of the model from 1.
void BX_CPU_C::epml_guest_commit(bx_address gva, bx_phy_address ppf, Bit32u lpf_mask, unsigned rw,
                                 const bx_phy_address *entry_addr, Bit64u *entry, unsigned leaf,
                                 unsigned top, bx_phy_address root)
{
  if (! in_vmx_guest || ! SECONDARY_VMEXEC_CONTROL(VMX_VM_EXEC_CTRL3_EPT_ENABLE))
    return;

  struct epml_guest_walk w;
  bx_phy_address table = root;

  w.access.gpa = (ppf & ~(bx_phy_address) lpf_mask) | (gva & lpf_mask);
  w.access.gva = gva;
  w.access.flags = epml_access_flags(rw) | EPML_ACCESS_LINEAR;
  w.access.size = epml_part(gva);
  w.entry_size = 8;
  w.top = top + 1;
  w.leaf = leaf + 1;
  for (int level = top; level >= (int) leaf; level--) {
    w.entry[level + 1].gpa = table | PAGE_OFFSET(entry_addr[level]);
    w.entry[level + 1].hpa = entry_addr[level];
    w.entry[level + 1].value = entry[level];
    table = entry[level] & BX_CONST64(0x000ffffffffff000);
  }
  epml_complete(&w);
  for (unsigned level = leaf; level <= top; level++)
    entry[level] = w.entry[level + 1].value;
}

// 32-bit paging
void BX_CPU_C::epml_guest_commit(bx_address gva, bx_phy_address ppf, Bit32u lpf_mask, unsigned rw,
                                 const bx_phy_address *entry_addr, Bit32u *entry, unsigned leaf)
{
  if (! in_vmx_guest || ! SECONDARY_VMEXEC_CONTROL(VMX_VM_EXEC_CTRL3_EPT_ENABLE))
    return;

  struct epml_guest_walk w;
  bx_phy_address table = cr3 & 0xfffff000;

  w.access.gpa = (ppf & ~(bx_phy_address) lpf_mask) | (gva & lpf_mask);
  w.access.gva = gva;
  w.access.flags = epml_access_flags(rw) | EPML_ACCESS_LINEAR;
  w.access.size = epml_part(gva);
  w.entry_size = 4;
  w.top = 2;
  w.leaf = leaf + 1;
  for (int level = 1; level >= (int) leaf; level--) {
    w.entry[level + 1].gpa = table | PAGE_OFFSET(entry_addr[level]);
    w.entry[level + 1].hpa = entry_addr[level];
    w.entry[level + 1].value = entry[level];
    table = entry[level] & 0xfffff000;
  }
  epml_complete(&w);
  for (unsigned level = leaf; level <= 1; level++)
    entry[level] = (Bit32u) w.entry[level + 1].value;
}
