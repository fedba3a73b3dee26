/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The timing model inside Bochs: what both modes are told of, by name. All of it is rare, and each
 * method is called from one place, behind epml_timing_on.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#include "epml_option.h"
#include "epml-spec.h"

#define LOG_THIS BX_CPU_THIS_PTR

void BX_CPU_C::epml_charge(enum timing_cost cost)
{
  epml_count_insns();
  if (timing_costs[cost].cause == TIMING_CAUSE_INSTRUCTIONS)
    timing_charge(&epml_timing, cost, 1);	// a time line has no single instructions
  else
    timing_event(&epml_timing, cost, 1);
  // so that a chain of linked traces ends in time
  icount_last_sync -= epml_timing.price[cost] / 1000;
}

// Translations

void BX_CPU_C::epml_timing_context(void)
{
  struct timing_context c = {};

  if (epml_timing.mode != TIMING_FULL)
    return;
  if (cr0.get_PG())
    c.paging = ! cr4.get_PAE() ? TIMING_PAGING_32BIT
                               : efer.get_LMA() ? TIMING_PAGING_4LEVEL : TIMING_PAGING_PAE;
  c.cr3 = cr3;
  c.pcid = cr4.get_PCIDE() ? cr3 & 0xfff : 0;
  if (in_vmx_guest) {
    if (SECONDARY_VMEXEC_CONTROL(VMX_VM_EXEC_CTRL3_EPT_ENABLE))
      c.eptp = vmcs.eptptr;
    if (SECONDARY_VMEXEC_CONTROL(VMX_VM_EXEC_CTRL3_VPID_ENABLE))
      c.vpid = vmcs.vpid;
  }
  ::timing_context(&epml_timing, &c);
}

// What translations depend on, beside CR3.
Bit64u BX_CPU_C::epml_paging_bits(void)
{
  const Bit32u cr4_bits = (1 << 4) | (1 << 5) | (1 << 7) | (1 << 17) | (1 << 20);

  return (Bit64u) (cr4.get32() & cr4_bits) << 32 | (cr0.get32() & 0x80010000);
}

// MOV to CR0 or CR4. What changes paging invalidates all translations.
void BX_CPU_C::epml_timing_cr(void)
{
  const Bit64u bits = epml_paging_bits();

  epml_charge(TIMING_INSN_CR);
  if (epml_timing.mode != TIMING_FULL)
    return;
  epml_timing_context();
  if (bits != epml_paging)
    timing_flush_all(&epml_timing);
  epml_paging = bits;
}

void BX_CPU_C::epml_timing_cr3(void)
{
  epml_count_insns();
  timing_mov_cr3(&epml_timing, cr3, cr4.get_PCIDE() ? cr3 & 0xfff : 0, epml_keep);
  epml_keep = false;
}

void BX_CPU_C::epml_timing_invalidate(enum timing_cost what, bx_address type, Bit64u low,
                                      Bit64u high)
{
  epml_count_insns();
  switch (what) {
  case TIMING_INVLPG:
    timing_invlpg(&epml_timing, low);
    break;
  case TIMING_INVPCID:
    timing_invpcid(&epml_timing, type, low & 0xfff, high);
    break;
  case TIMING_INVEPT:
    timing_invept(&epml_timing, type == BX_INVEPT_INVVPID_SINGLE_CONTEXT_INVALIDATION ? low : 0);
    break;
  default:
    timing_invvpid(&epml_timing, type, low & 0xffff, high);
  }
}

void BX_CPU_C::epml_timing_eptp_switch(void)
{
  epml_charge(TIMING_VMFUNC);
  epml_timing_context();
}

// Events

// The access that faults has walked the paging structures, too.
void BX_CPU_C::epml_timing_fault(bx_address laddr, bool fetch, bool write)
{
  if (epml_timing.mode == TIMING_FULL)
    timing_fault(&epml_timing, laddr, fetch, write);
}

// The same of one that EPT or sub-page permissions refuse; epml.exit says which.
void BX_CPU_C::epml_timing_refused(void)
{
  if (epml.exit.gva_valid)
    epml_timing_fault(epml.exit.gva, epml.exit.qualification & EPML_QUAL_EPT_FETCH,
                      epml.exit.qualification & EPML_QUAL_EPT_WRITE);
  epml_timing_spp(epml.exit.gpa);
}

static enum timing_cost exception_cost(unsigned vector)
{
  switch (vector) {
  case BX_PF_EXCEPTION:
    return TIMING_EXCEPTION_PF;
  case BX_VE_EXCEPTION:
    return TIMING_EXCEPTION_VE;
  default:
    return TIMING_EXCEPTION_OTHER;
  }
}

// Delivery through the IDT begins.
void BX_CPU_C::epml_timing_interrupt(unsigned vector, unsigned type, unsigned error_code)
{
  const bool is_virtual = epml_virtual, injected = epml_injecting;

  epml_virtual = epml_injecting = false;
  if (injected)		// the VM entry has been charged for it
    return;
  switch (type) {
  case BX_EXTERNAL_INTERRUPT:
    epml_charge(is_virtual ? TIMING_INTERRUPT_VIRTUAL : TIMING_INTERRUPT_EXTERNAL);
    break;
  case BX_NMI:
    epml_charge(TIMING_INTERRUPT_NMI);
    break;
  case BX_HARDWARE_EXCEPTION:
    if (vector == BX_PF_EXCEPTION)
      epml_timing_fault(cr2, error_code & 0x10, error_code & 0x2);
    else if (vector == BX_VE_EXCEPTION)
      epml_timing_refused();
    epml_charge(exception_cost(vector));
    break;
  default:
    epml_charge(TIMING_INTERRUPT_SOFTWARE);
  }
}

void BX_CPU_C::epml_timing_vmentry(void)
{
  epml_injecting = vmcs.vmentry_interr_info >> 31;
  epml_count_insns();
  epml_timing_context();
  timing_vm_entry(&epml_timing, epml_injecting);
}

void BX_CPU_C::epml_timing_vmexit(Bit32u reason, Bit64u qualification)
{
  epml_virtual = epml_injecting = false;
  if (reason & 0x80000000) {
    epml_charge(TIMING_ENTRY_FAILED);
    return;
  }
  epml_count_insns();
  if (epml.exit.reason == reason)
    epml_timing_refused();
  timing_vm_exit(&epml_timing, timing_exit_cost(reason & 0xffff, qualification));
}

// What the model does

// The model may check an access more than once, so a walk of the SPP table is charged at its end.
void BX_CPU_C::epml_timing_spp(Bit64u gpa)
{
  if (! epml_sppt_read)
    return;
  epml_sppt_read = false;
  epml_count_insns();
  timing_spp_walk(&epml_timing, epml.v.spptp, gpa);
}

void BX_CPU_C::epml_timing_write(Bit64u hpa, enum epml_mem what)
{
  epml_count_insns();
  if (what == EPML_MEM_PML)
    timing_pml_write(&epml_timing, hpa);
  else if (what == EPML_MEM_GPML)
    timing_gpml_write(&epml_timing, epml.params.translation == EPML_TRANSLATE_AT_LOG,
                      LPFOf(epml.v.gpml_address) | PAGE_OFFSET(hpa), hpa);
}

// Is the entry that of a page, rather than of a table?
static bool is_leaf(const struct epml_event *e)
{
  return e->level == 1 || (e->level < 4 && (e->value & 0x80));
}

void BX_CPU_C::epml_timing_event(const struct epml_event *e)
{
  switch (e->type) {
  case EPML_EV_EPT_FLAGS:
    epml_charge(is_leaf(e) && (e->value & 0x200) ? TIMING_ASSIST_EPT_DIRTY
                                                 : TIMING_ASSIST_EPT_ACCESSED);
    break;
  case EPML_EV_PTE_FLAGS:
    epml_charge(is_leaf(e) && (e->value & 0x40) ? TIMING_ASSIST_DIRTY : TIMING_ASSIST_ACCESSED);
    break;
  case EPML_EV_SPP:
    epml_timing_spp(e->gpa);
    break;
  case EPML_EV_GPML_DROP:
    epml_charge(TIMING_GPML_DROP);
    break;
  case EPML_EV_NOTIFY:
    epml_charge(TIMING_SELF_IPI);
    break;
  case EPML_EV_INTERRUPT:
    epml_virtual = true;
    break;
  case EPML_EV_VMREAD:
    epml_charge(epml_is_gpml_field(e->field) ? TIMING_VMREAD_GPML : TIMING_VMREAD_SHADOW);
    break;
  case EPML_EV_VMWRITE:
    epml_charge(epml_is_gpml_field(e->field) ? TIMING_VMWRITE_GPML : TIMING_VMWRITE_SHADOW);
    if (e->field == EPML_VMCS_GUEST_PML_ADDRESS &&
        epml.params.translation == EPML_TRANSLATE_AT_VMWRITE)
      timing_ept_walk(&epml_timing, LPFOf(e->value));
    break;
  default:		// walks are the timing model's own, VM exits and #VE are told elsewhere
    break;
  }
}

// Without EPT, Bochs sets the flags itself: in each entry, from the top, that lacks them.
template <class T>
static void charge_flags(BX_CPU_C *cpu, const T *entry, unsigned top, unsigned leaf, bool write)
{
  for (unsigned level = top; level > leaf; level--)
    if (! (entry[level] & 0x20))
      cpu->epml_charge(TIMING_ASSIST_ACCESSED);
  if (write && ! (entry[leaf] & 0x40))
    cpu->epml_charge(TIMING_ASSIST_DIRTY);
  else if (! (entry[leaf] & 0x20))
    cpu->epml_charge(TIMING_ASSIST_ACCESSED);
}

void BX_CPU_C::epml_timing_flags(const Bit64u *entry, unsigned top, unsigned leaf, bool write)
{
  charge_flags(this, entry, top, leaf, write);
}

void BX_CPU_C::epml_timing_flags(const Bit32u *entry, unsigned leaf, bool write)
{
  charge_flags(this, entry, 1, leaf, write);	// 32-bit paging: from the PDE
}
