/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The instrumentation of the build bochs-timing: what mode "full" of the timing model is told of
 * each instruction, data access and branch. Bochs puts these macros into its own code, so what is
 * empty here costs nothing. They are used in methods of BX_CPU_C, near branches where "i" is the
 * instruction. docs/timing.md tells of the rest, which is in both builds.
 */
#ifndef EPML_INSTRUMENT_H
#define EPML_INSTRUMENT_H

#include "timing.h"

#define EPML_FULL(call) \
  do { \
    if (epml_timing_full) \
      call; \
  } while (0)

/* ---- Instructions ------------------------------------------------------------------------- */

#define BX_INSTR_BEFORE_EXECUTION(cpu_id, i) EPML_FULL(BX_CPU_THIS_PTR epml_before(i))
#define BX_INSTR_AFTER_EXECUTION(cpu_id, i)
#define BX_INSTR_REPEAT_ITERATION(cpu_id, i) \
  EPML_FULL(timing_charge(&BX_CPU_THIS_PTR epml_timing, TIMING_INSN_STRING, 1))
#define BX_INSTR_OPCODE(cpu_id, i, opcode, len, is32, is64)

/* ---- Data; a read-modify-write is a write -------------------------------------------------- */

#define BX_INSTR_LIN_ACCESS(cpu_id, lin, phy, len, memtype, rw) \
  EPML_FULL(timing_data(&BX_CPU_THIS_PTR epml_timing, lin, phy, len, \
                        (rw) & 1 ? TIMING_DATA_WRITE : TIMING_DATA_READ))
#define BX_INSTR_PHY_ACCESS(cpu_id, phy, len, memtype, rw)

/* ---- Branches ------------------------------------------------------------------------------ */

#define BX_INSTR_CNEAR_BRANCH_TAKEN(cpu_id, from, to) \
  EPML_FULL(BX_CPU_THIS_PTR epml_branch(TIMING_CONDITIONAL, to, i->ilen(), true))
#define BX_INSTR_CNEAR_BRANCH_NOT_TAKEN(cpu_id, from) \
  EPML_FULL(BX_CPU_THIS_PTR epml_branch(TIMING_CONDITIONAL, 0, i->ilen(), false))
#define BX_INSTR_UCNEAR_BRANCH(cpu_id, what, from, to) \
  EPML_FULL(BX_CPU_THIS_PTR epml_branch(epml_branch_kind(what), to, i->ilen(), true))
#define BX_INSTR_FAR_BRANCH(cpu_id, what, prev_cs, prev_eip, new_cs, new_eip)

/* ---- Not used ------------------------------------------------------------------------------ */

#define BX_INSTR_INIT_ENV()
#define BX_INSTR_EXIT_ENV()
#define BX_INSTR_INITIALIZE(cpu_id)
#define BX_INSTR_EXIT(cpu_id)
#define BX_INSTR_RESET(cpu_id, type)
#define BX_INSTR_HLT(cpu_id)
#define BX_INSTR_MWAIT(cpu_id, addr, len, flags)
#define BX_INSTR_DEBUG_PROMPT()
#define BX_INSTR_DEBUG_CMD(cmd)
#define BX_INSTR_EXCEPTION(cpu_id, vector, error_code)
#define BX_INSTR_INTERRUPT(cpu_id, vector)
#define BX_INSTR_HWINTERRUPT(cpu_id, vector, cs, eip)
#define BX_INSTR_CLFLUSH(cpu_id, laddr, paddr)
#define BX_INSTR_CACHE_CNTRL(cpu_id, what)
#define BX_INSTR_TLB_CNTRL(cpu_id, what, new_cr3)
#define BX_INSTR_PREFETCH_HINT(cpu_id, what, seg, offset)
#define BX_INSTR_INP(addr, len)
#define BX_INSTR_INP2(addr, len, val)
#define BX_INSTR_OUTP(addr, len, val)
#define BX_INSTR_WRMSR(cpu_id, addr, value)
#define BX_INSTR_VMEXIT(cpu_id, reason, qualification)

#endif
