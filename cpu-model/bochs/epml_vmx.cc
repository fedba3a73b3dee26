/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reference model inside Bochs: VMCS fields, VM entries and exits, VMREAD and VMWRITE.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#include "epml_option.h"
#include "epml-spec.h"

#define LOG_THIS BX_CPU_THIS_PTR

// Bochs gives each of its 16 field types 64 slots of 4 bytes and uses the first 52: fields with a
// larger index, and all of the model's own, live in the unused slots.
static unsigned slot(unsigned type, unsigned n)
{
  return VMCS_DATA_OFFSET + (type * 64 + VMX_HIGHEST_VMCS_ENCODING + n) * 4;
}

unsigned epml_vmcs_field_offset(unsigned encoding)
{
  switch (encoding) {
  case EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR:
    return slot(0, 0);
  case EPML_VMCS_GUEST_PML_THRESHOLD:
    return slot(0, 1);
  case EPML_VMCS_GUEST_PML_INDEX:
    return slot(2, 0);
  case EPML_VMCS_GUEST_PML_ADDRESS:
    return slot(4, 0);
  case EPML_VMCS_GUEST_PML_ADDRESS_HIGH:
    return slot(4, 1);
  case EPML_VMCS_TERTIARY_CONTROLS:
    return slot(4, 2);
  case EPML_VMCS_TERTIARY_CONTROLS_HIGH:
    return slot(4, 3);
  default:
    return 0;
  }
}

bool BX_CPU_C::epml_rdmsr(Bit32u index, Bit64u *value)
{
  if (index != EPML_MSR_VMX_PROCBASED_CTLS3)
    return false;
  *value = EPML_PROC3_ENABLE_GUEST_PML;			// CAP-1
  return true;
}

// VM entry and VM exit

void BX_CPU_C::epml_load_vmcs(struct epml_vmcs *v)
{
  memset(v, 0, sizeof(*v));
  v->proc2 = vmcs.vmexec_ctrls3;
  if (VMEXIT(EPML_PROC_ACTIVATE_TERTIARY))		// ENTRY-12
    v->proc3 = VMread64(EPML_VMCS_TERTIARY_CONTROLS);
  v->eptp = vmcs.eptptr;
  v->spptp = VMread64(VMCS_64BIT_CONTROL_SPPTP);
  v->pml_address = VMread64(VMCS_64BIT_CONTROL_PML_ADDRESS);
  v->pml_index = VMread16(VMCS_16BIT_GUEST_PML_INDEX);
  v->gpml_address = VMread64(EPML_VMCS_GUEST_PML_ADDRESS);
  v->gpml_index = VMread16(EPML_VMCS_GUEST_PML_INDEX);
  v->gpml_vector = VMread16(EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR);
  v->gpml_threshold = VMread16(EPML_VMCS_GUEST_PML_THRESHOLD);
  v->vmread_bitmap = VMread64(VMCS_64BIT_CONTROL_VMREAD_BITMAP_ADDR);
  v->vmwrite_bitmap = VMread64(VMCS_64BIT_CONTROL_VMWRITE_BITMAP_ADDR);
  v->ve_info = VMread64(VMCS_64BIT_CONTROL_VE_EXCEPTION_INFO_ADDR);
  v->eptp_index = VMread16(EPML_VMCS_EPTP_INDEX);
}

bool BX_CPU_C::epml_vmentry_controls(void)
{
  struct epml_vmcs v;

  epml_load_vmcs(&v);
  const char *rule = epml_vmentry_check(&epml, &v);
  if (rule)
    BX_ERROR(("VMFAIL: VMCS EXEC CTRL: EPML rule %s", rule));
  return ! rule;
}

void BX_CPU_C::epml_vmentry(void)
{
  struct epml_vmcs v;

  epml_load_vmcs(&v);
  vmcs.eptp_index = v.eptp_index;	// upstream sets it in VMFUNC only
  epml_vmentry_load(&epml, &v);
  epml_forget_pages();		// the virtual-APIC page may be another one
  if (epml_checkpoint_due())
    async_event = 1;		// epml_checkpoint comes before the guest's first instruction
}

// Any VM exit: trace the ones that the model has not caused, and traced, itself.
void BX_CPU_C::epml_vmexit(Bit32u reason, Bit64u qualification)
{
  bool own = epml.exit.reason && epml.exit.reason == reason;

  epml.exit.reason = 0;
  epml_done = false;
  if (own || ! epml.ops->event)
    return;
  struct epml_event event = {};
  event.type = EPML_EV_EXIT;
  event.reason = reason;
  event.value = qualification;
  epml.ops->event(epml.host, &event);
}

void BX_CPU_C::epml_vmexit_save(void)
{
  vmcs.pml_index = epml.v.pml_index;			// STATE-2: Bochs writes it to the VMCS
  if (! epml_gpml_enabled(&epml.v))
    return;
  VMwrite16(EPML_VMCS_GUEST_PML_INDEX, epml.v.gpml_index);	// STATE-2
  VMwrite64(EPML_VMCS_GUEST_PML_ADDRESS, epml.v.gpml_address);	// STATE-3
  VMwrite16(EPML_VMCS_GUEST_PML_NOTIFICATION_VECTOR, epml.v.gpml_vector);
  VMwrite16(EPML_VMCS_GUEST_PML_THRESHOLD, epml.v.gpml_threshold);
}

void BX_CPU_C::epml_interrupt(Bit8u vector)
{
  if (! epml.ops->event)
    return;
  struct epml_event event = {};
  event.type = EPML_EV_INTERRUPT;
  event.vector = vector;
  epml.ops->event(epml.host, &event);
}

// An access to the shadow VMCS, which is Bochs's own.
void BX_CPU_C::epml_vmcs_event(enum epml_event_type type, Bit32u field, Bit64u value)
{
  if (! epml.ops->event)
    return;
  struct epml_event event = {};
  event.type = type;
  event.field = field;
  event.value = value;
  epml.ops->event(epml.host, &event);
}

// VMREAD and VMWRITE in VMX non-root operation. Bochs has looked at the bitmaps already.

bool BX_CPU_C::epml_is_guest_pml_access(Bit64u encoding)
{
  if (! epml_gpml_enabled(&epml.v) || ! epml_is_gpml_field(encoding))
    return false;
  if (CPL != 0)						// VMACC-6
    exception(BX_GP_EXCEPTION, 0);
  return true;
}

void BX_CPU_C::epml_vmfail(unsigned error)
{
  clearEFlagsOSZAPC();
  assert_ZF();
  VMwrite32(VMCS_32BIT_INSTRUCTION_ERROR, error);
}

// Returns false if the field is none of the model's: Bochs goes on with the shadow VMCS.
bool BX_CPU_C::epml_vmread(bxInstruction_c *i, bool is64)
{
  Bit64u encoding = is64 ? BX_READ_64BIT_REG(i->src()) : BX_READ_32BIT_REG(i->src());
  uint64_t value;
  unsigned error;

  if (! epml_is_guest_pml_access(encoding))
    return false;
  if (::epml_guest_vmread(&epml, encoding, &value, &error) != EPML_INSN_OK)
    BX_PANIC(("epml: VMREAD of a Guest PML field refused after the bitmap allowed it"));

  if (i->modC0()) {
    if (is64) {
      BX_WRITE_64BIT_REG(i->dst(), value);
    }
    else {
      BX_WRITE_32BIT_REGZ(i->dst(), (Bit32u) value);
    }
  }
  else {
    bx_address eaddr = BX_CPU_RESOLVE_ADDR(i);
    if (is64)
      write_linear_qword(i->seg(), get_laddr64(i->seg(), eaddr), value);
    else
      write_virtual_dword_32(i->seg(), (Bit32u) eaddr, (Bit32u) value);
  }
  VMsucceed();
  return true;
}

bool BX_CPU_C::epml_vmwrite(bxInstruction_c *i, bool is64)
{
  Bit64u encoding = is64 ? BX_READ_64BIT_REG(i->dst()) : BX_READ_32BIT_REG(i->dst());
  Bit64u value;
  unsigned error = 0;

  if (! epml_is_guest_pml_access(encoding))
    return false;
  if (i->modC0()) {
    value = is64 ? BX_READ_64BIT_REG(i->src()) : BX_READ_32BIT_REG(i->src());
  }
  else {
    bx_address eaddr = BX_CPU_RESOLVE_ADDR(i);
    if (is64)
      value = read_linear_qword(i->seg(), get_laddr64(i->seg(), eaddr));
    else
      value = read_virtual_dword_32(i->seg(), (Bit32u) eaddr);
  }

  epml.v.eptp = vmcs.eptptr;
  switch (::epml_guest_vmwrite(&epml, encoding, value, &error)) {
  case EPML_INSN_OK:
    VMsucceed();
    break;
  case EPML_INSN_VMFAIL:
    epml_vmfail(error);
    break;
  case EPML_INSN_FAULT:
    epml_finish(EPML_VMEXIT);
    break;
  default:
    BX_PANIC(("epml: VMWRITE of a Guest PML field refused after the bitmap allowed it"));
  }
  return true;
}
