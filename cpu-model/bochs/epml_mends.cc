/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mends of defects of Bochs that stand in the way of Xen and Linux, always on (docs/bochs.md): what
 * of them is more than a line in insertions/mend-*.ed.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"

#define LOG_THIS BX_CPU_THIS_PTR

extern XSaveRestoreStateHelper xsave_restore[];

// Defect 10: size of the XSAVE area in compacted format, with all states of XCR0 and IA32_XSS.
Bit32u BX_CPU_C::epml_compacted_size(void)
{
  const Bit32u features = xcr0.val32 | (Bit32u) msr.ia32_xss;
  Bit32u size = XSAVE_YMM_STATE_OFFSET;

  for (unsigned i = xcr0_t::BX_XCR0_YMM_BIT; i < xcr0_t::BX_XCR0_LAST; i++)
    if (features & (1u << i))
      size += xsave_restore[i].len;
  return size;
}

// Defect 23: fast strings are on, there is no BTS and no PEBS. No bit can be changed.
Bit64u BX_CPU_C::epml_misc_enable(void)
{
  enum { FAST_STRINGS = 1 << 0, NO_BTS = 1 << 11, NO_PEBS = 1 << 12, MONITOR = 1 << 18 };

  return FAST_STRINGS | NO_BTS | NO_PEBS |
         (is_cpu_extension_supported(BX_ISA_MONITOR_MWAIT) ? MONITOR : 0);
}

/*
 * Defect 11: with CR4.SMAP, a supervisor access to a user page needs EFLAGS.AC. The TLB may keep
 * its permission as long as AC stays 1, so the entries are noted, and lose it when AC is cleared.
 */

static const Bit32u supervisor_bits = TLB_SysReadOK | TLB_SysWriteOK;

// An entry that belongs to another page by now only loses what the next access brings back.
void BX_CPU_C::epml_drop_user_page(bx_TLB_entry *tlbEntry)
{
  tlbEntry->accessBits &= ~supervisor_bits;
  epml_tlb[tlbEntry - DTLB.entry].access_bits &= ~supervisor_bits;
}

void BX_CPU_C::epml_keep_user_page(bx_TLB_entry *tlbEntry, bool write)
{
  const unsigned n = sizeof(epml_user_page) / sizeof(epml_user_page[0]);
  const unsigned i = epml_user_pages++ % n;

  if (epml_user_pages > n)
    epml_drop_user_page(epml_user_page[i]);
  epml_user_page[i] = tlbEntry;
  tlbEntry->accessBits |= TLB_SysReadOK | (write ? TLB_SysWriteOK : 0);
}

void BX_CPU_C::epml_forget_user_pages(void)
{
  const unsigned n = sizeof(epml_user_page) / sizeof(epml_user_page[0]);

  for (unsigned i = 0; i < n && i < epml_user_pages; i++)
    epml_drop_user_page(epml_user_page[i]);
  epml_user_pages = 0;
  invalidate_stack_cache();
}
