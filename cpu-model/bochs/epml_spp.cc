/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reference model inside Bochs: sub-page write permissions and the TLB.
 *
 * A TLB entry of Bochs says for a page as a whole whether it may be written, and where it does,
 * most code writes through a host pointer with no further question. So an entry that a write
 * granted by SPP fills gets no write permission: reads keep the host pointer, all writes come to
 * access_write_linear or, of a read-modify-write, to access_read_linear, and to translate_linear.
 * There the permissions of the sub-pages, which epml_tlb keeps beside the entry, answer for those
 * that they grant; any other write drops the entry and asks the model.
 *
 * An element of epml_tlb says something about a TLB entry only while that is valid, since each fill
 * writes both: INVEPT and all else that invalidates the entry invalidates it too.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"

#define LOG_THIS BX_CPU_THIS_PTR

static const Bit32u write_bits = TLB_SysWriteOK | TLB_UserWriteOK;

// How many bytes of the access in progress lie in the page that is being translated? An access
// that crosses a page boundary is translated by its first address and by that of the second page.
unsigned BX_CPU_C::epml_part(bx_address laddr)
{
  unsigned first = 4096 - PAGE_OFFSET(epml_laddr);

  if (epml_len <= first)
    return epml_len;
  return laddr == epml_laddr ? first : epml_len - first;	// SPP-CROSS-1
}

// A TLB entry has been filled, with the permissions of an ordinary page.
void BX_CPU_C::epml_tlb_fill(bx_TLB_entry *tlbEntry, bool write)
{
  epml_sub_pages *sub_pages = &epml_tlb[tlbEntry - DTLB.entry];

  sub_pages->access_bits = 0;					// SPP-TLB-2
  if (! write || ! in_vmx_guest || ! SECONDARY_VMEXEC_CONTROL(VMX_VM_EXEC_CTRL3_EPT_ENABLE))
    return;
  if (! epml.spp.limited)
    return;
  if (epml.spp.write_only) {		// no read may pass by it; rare enough not to be cached
    tlbEntry->accessBits = 0;
    return;
  }
  sub_pages->writable = epml.spp.writable;
  sub_pages->access_bits = tlbEntry->accessBits & write_bits;
  tlbEntry->accessBits &= ~write_bits;				// SPP-TLB-1
}

// May the write be done by what is known of the sub-pages? The entry is that of its page.
bool BX_CPU_C::epml_tlb_grants(const bx_TLB_entry *tlbEntry, bx_address laddr, unsigned user)
{
  const epml_sub_pages *sub_pages = &epml_tlb[tlbEntry - DTLB.entry];
  bx_TLB_entry whole = *tlbEntry;

  whole.accessBits = sub_pages->access_bits;
  return isWriteOK((&whole), user) &&
         epml_spp_grants(sub_pages->writable, laddr, epml_part(laddr));
}

// Do a write that the cached permissions of sub-pages grant, as Bochs does one to an ordinary page.
// Returns false if it is none, or one that Bochs has more to look at: it goes on then.
bool BX_CPU_C::epml_write(bx_address laddr, unsigned len, unsigned user, const void *data)
{
  const Bit32u offset = PAGE_OFFSET(laddr);
  const bx_TLB_entry *tlbEntry = BX_DTLB_ENTRY_OF(laddr, 0);

  epml_operand(laddr, len);
  if (tlbEntry->lpf != LPFOf(laddr) || offset + len > 4096 || len > 8 || alignment_check())
    return false;
  if (! epml_tlb_grants(tlbEntry, laddr, user))
    return false;

  const bx_phy_address paddr = tlbEntry->ppf | offset;
  void *host = (void *) (tlbEntry->hostPageAddr | offset);

  BX_NOTIFY_LIN_MEMORY_ACCESS(laddr, paddr, len, tlbEntry->get_memtype(), BX_WRITE,
                              (Bit8u *) data);
  pageWriteStampTable.decWriteStamp(paddr, len);
  switch (len) {
  case 1:
    *(Bit8u *) host = *(const Bit8u *) data;
    break;
  case 2:
    WriteHostWordToLittleEndian((Bit16u *) host, *(const Bit16u *) data);
    break;
  case 4:
    WriteHostDWordToLittleEndian((Bit32u *) host, *(const Bit32u *) data);
    break;
  default:
    WriteHostQWordToLittleEndian((Bit64u *) host, *(const Bit64u *) data);
    break;
  }
  return true;
}
