/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The timing model inside Bochs: mode "full", each instruction, fetch and branch.
 *
 * What class an instruction has is worked out once for each opcode of Bochs, from the name and the
 * operands that its own table gives. Branches, VMX instructions and others that the hooks of
 * epml_events.cc or instrument.h charge have no class of their own, so that nothing is charged
 * twice, and an instruction that causes a VM exit costs the VM exit only.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"

#if BX_INSTRUMENTATION

#include "decoder/fetchdecode.h"
#include "decoder/ia_opcodes.h"

#define LOG_THIS BX_CPU_THIS_PTR

extern struct bxIAOpcodeTable BxOpcodesTable[];

#define NOT_CHARGED TIMING_N_COSTS

// How an instruction is written makes a difference: bits 7:6 of metaInfo1 are its prefix (LOCK,
// REP), bit 4 says that it has no memory operand.
enum { FORM_REGISTER = 1, FORM_LOCK = 2, FORM_REP = 4, FORMS = 8 };

static Bit8u class_of[BX_IA_LAST][FORMS];

// Beginning of a name, behind BX_IA_. The first that fits counts.
static const struct {
  const char *name;
  unsigned cost;
} named[] = {
  { "CALLF", TIMING_INSN_SEGMENT }, { "JMPF", TIMING_INSN_SEGMENT },
  { "RETF", TIMING_INSN_SEGMENT }, { "CALL_", NOT_CHARGED }, { "JMP_", NOT_CHARGED },
  { "RET_", NOT_CHARGED }, { "LOOP", NOT_CHARGED },
  { "IRET", NOT_CHARGED }, { "INT_", NOT_CHARGED },
  { "INT1", NOT_CHARGED }, { "INT3", NOT_CHARGED }, { "INTO", NOT_CHARGED },
  { "CPUID", NOT_CHARGED }, { "RDTSC", NOT_CHARGED }, { "RDMSR", NOT_CHARGED },
  { "WRMSR", NOT_CHARGED }, { "IN_", NOT_CHARGED }, { "OUT_", NOT_CHARGED },
  { "REP_INS", NOT_CHARGED }, { "REP_OUTS", NOT_CHARGED },
  { "SYSCALL", NOT_CHARGED }, { "SYSRET", NOT_CHARGED }, { "SYSENTER", NOT_CHARGED },
  { "SYSEXIT", NOT_CHARGED }, { "INVLPG", NOT_CHARGED }, { "INVEPT", NOT_CHARGED },
  { "INVVPID", NOT_CHARGED }, { "INVPCID", NOT_CHARGED }, { "VMREAD", NOT_CHARGED },
  { "VMWRITE", NOT_CHARGED }, { "VMPTR", NOT_CHARGED }, { "VMCLEAR", NOT_CHARGED },
  { "VMCALL", NOT_CHARGED }, { "VMLAUNCH", NOT_CHARGED }, { "VMRESUME", NOT_CHARGED },
  { "VMFUNC", NOT_CHARGED }, { "MOV_CR0R", NOT_CHARGED }, { "MOV_CR3R", NOT_CHARGED },
  { "MOV_CR4R", NOT_CHARGED },
  { "MOV_CR", TIMING_INSN_CR }, { "MOV_RdCR", TIMING_INSN_CR }, { "MOV_RqCR", TIMING_INSN_CR },
  { "MOV_DR", TIMING_INSN_CR }, { "MOV_RdDR", TIMING_INSN_CR }, { "MOV_RqDR", TIMING_INSN_CR },
  { "CLTS", TIMING_INSN_CR }, { "LMSW", TIMING_INSN_CR },
  { "MOV_SwEw", TIMING_INSN_SEGMENT }, { "LDS_", TIMING_INSN_SEGMENT },
  { "LES_", TIMING_INSN_SEGMENT }, { "LFS_", TIMING_INSN_SEGMENT },
  { "LGS_", TIMING_INSN_SEGMENT }, { "LSS_", TIMING_INSN_SEGMENT },
  { "HLT", TIMING_INSN_SYSTEM }, { "LGDT", TIMING_INSN_SYSTEM },
  { "LIDT", TIMING_INSN_SYSTEM }, { "LLDT", TIMING_INSN_SYSTEM },
  { "LTR", TIMING_INSN_SYSTEM }, { "SGDT", TIMING_INSN_SYSTEM },
  { "SIDT", TIMING_INSN_SYSTEM }, { "SLDT", TIMING_INSN_SYSTEM },
  { "STR_", TIMING_INSN_SYSTEM }, { "SWAPGS", TIMING_INSN_SYSTEM },
  { "CLI", TIMING_INSN_SYSTEM }, { "STI", TIMING_INSN_SYSTEM },
  { "WBINVD", TIMING_INSN_SYSTEM }, { "INVD", TIMING_INSN_SYSTEM },
  { "XSETBV", TIMING_INSN_SYSTEM }, { "XSAVE", TIMING_INSN_SYSTEM },
  { "XRSTOR", TIMING_INSN_SYSTEM }, { "FXSAVE", TIMING_INSN_SYSTEM },
  { "FXRSTOR", TIMING_INSN_SYSTEM }, { "VMXON", TIMING_INSN_SYSTEM },
  { "VMXOFF", TIMING_INSN_SYSTEM }, { "MONITOR", TIMING_INSN_SYSTEM },
  { "MWAIT", TIMING_INSN_SYSTEM }, { "RDPMC", TIMING_INSN_SYSTEM },
  { "PAUSE", TIMING_INSN_PAUSE }, { "MFENCE", TIMING_INSN_FENCE },
  { "LFENCE", TIMING_INSN_FENCE }, { "SFENCE", TIMING_INSN_FENCE },
  { "CLFLUSH", TIMING_INSN_CACHE }, { "CLWB", TIMING_INSN_CACHE },
  { "PREFETCH", TIMING_INSN_CACHE },
  { "IDIV_", TIMING_INSN_DIV }, { "DIV_", TIMING_INSN_DIV },
  { "IMUL_", TIMING_INSN_MUL }, { "MUL_", TIMING_INSN_MUL }, { "MULX", TIMING_INSN_MUL },
  { "REP_", TIMING_INSN_STRING },
  { "FDIV", TIMING_INSN_FP_DIV }, { "FIDIV", TIMING_INSN_FP_DIV },
  { "FSQRT", TIMING_INSN_FP_DIV }, { "FCMOV", TIMING_INSN_FP },
  { "FNOP", TIMING_INSN_FP }, { "MOV_OdAL", TIMING_INSN_STORE },
  { "MOV_ALOd", TIMING_INSN_LOAD }, { "MOV_ALOq", TIMING_INSN_LOAD },
  { "MOV_AXOd", TIMING_INSN_LOAD }, { "MOV_AXOq", TIMING_INSN_LOAD },
  { "MOV_EAXOd", TIMING_INSN_LOAD }, { "MOV_EAXOq", TIMING_INSN_LOAD },
  { "MOV_RAXOq", TIMING_INSN_LOAD }, { "MOV_OdAX", TIMING_INSN_STORE },
  { "MOV_OdEAX", TIMING_INSN_STORE }, { "MOV_OqAL", TIMING_INSN_STORE },
  { "MOV_OqAX", TIMING_INSN_STORE }, { "MOV_OqEAX", TIMING_INSN_STORE },
  { "MOV_OqRAX", TIMING_INSN_STORE },
  { "PUSH", TIMING_INSN_STORE }, { "POPCNT", TIMING_INSN_SIMPLE },
  { "POP", TIMING_INSN_LOAD }, { "ENTER", TIMING_INSN_STORE }, { "LEAVE", TIMING_INSN_LOAD },
  { "XLAT", TIMING_INSN_LOAD },
};

static bool begins(const char *name, const char *with)
{
  return ! strncmp(name, with, strlen(with));
}

static bool is_conditional_jump(unsigned op, const char *name)
{
  return name[0] == 'J' && (BxOpcodesTable[op].src[0] % 16 == BX_SRC_BRANCH_OFFSET ||
                            strstr(name, "CXZ"));
}

// x87 and everything with vector registers
static bool is_fp(unsigned op, const char *name)
{
  const unsigned vector = BX_PREPARE_SSE | BX_PREPARE_AVX | BX_PREPARE_EVEX | BX_PREPARE_OPMASK;

  return (BxOpcodesTable[op].opflags & vector) || (name[0] == 'F' && name[1] != 'X');
}

static bool is_memory(unsigned source)
{
  return source % 16 == BX_SRC_RM || source % 16 == BX_SRC_VECTOR_RM;
}

// Of an instruction with a memory operand: does it write to it?
static bool stores(unsigned op, const char *name)
{
  return is_memory(BxOpcodesTable[op].src[0]) && ! begins(name, "CMP_") &&
         ! begins(name, "TEST_") && ! begins(name, "BT_");
}

static unsigned general_class(unsigned op, const char *name, bool in_register)
{
  const Bit8u *src = BxOpcodesTable[op].src;

  if (is_fp(op, name))
    return strstr(name, "DIV") || strstr(name, "SQRT") ? TIMING_INSN_FP_DIV : TIMING_INSN_FP;
  if (in_register || begins(name, "LEA_") || begins(name, "NOP"))
    return TIMING_INSN_SIMPLE;
  if (stores(op, name))
    return TIMING_INSN_STORE;
  for (unsigned i = 0; i < 4; i++)
    if (is_memory(src[i]))
      return TIMING_INSN_LOAD;
  return TIMING_INSN_SIMPLE;
}

static unsigned find_class(unsigned op, unsigned form)
{
  const char *name = get_bx_opcode_name(op) + 6;
  const bool in_register = form & FORM_REGISTER;

  if (op == BX_INSERTED_OPCODE || is_conditional_jump(op, name))
    return NOT_CHARGED;
  if ((form & (FORM_LOCK | FORM_REP)) == FORM_LOCK ||
      (begins(name, "XCHG_E") && ! in_register && is_memory(BxOpcodesTable[op].src[0])))
    return TIMING_INSN_LOCKED;
  for (const auto &n : named)
    if (begins(name, n.name))	// iterations of a repeated one are charged one by one
      return n.cost == TIMING_INSN_STRING && (form & FORM_REP) ? (unsigned) NOT_CHARGED : n.cost;
  return general_class(op, name, in_register);
}

void epml_full_init(void)
{
  for (unsigned op = 0; op < BX_IA_LAST; op++)
    for (unsigned form = 0; form < FORMS; form++)
      class_of[op][form] = (Bit8u) find_class(op, form);
}

// Before each instruction: its class, and the line or lines that it is fetched from.
void BX_CPU_C::epml_before(const bxInstruction_c *i)
{
  struct timing *t = &epml_timing;
  const unsigned meta = i->metaInfo.metaInfo1;
  const unsigned cost = class_of[i->getIaOpcode()][(meta >> 4 & 1) | (meta >> 6) << 1];
  const bx_address lin = long64_mode() ? RIP : get_laddr32(BX_SEG_REG_CS, EIP);

  if (cost != NOT_CHARGED)
    timing_charge(t, (enum timing_cost) cost, 1);
  else if (! i->ilen())		// not an instruction: Bochs's own mark for the end of a trace
    return;
  if (lin / TIMING_LINE != t->fetch_line || lin % TIMING_LINE + i->ilen() > TIMING_LINE)
    epml_fetch(lin, i->ilen());
}

// The part behind the end of a page is fetched with the instruction that follows.
void BX_CPU_C::epml_fetch(bx_address lin, unsigned len)
{
  const bx_phy_address phys = pAddrFetchPage + (RIP + eipPageBias);

  timing_fetch(&epml_timing, lin, phys);
  if (PAGE_OFFSET(lin) + len <= 4096)
    timing_fetch(&epml_timing, lin + len - 1, phys + len - 1);
}

enum timing_branch BX_CPU_C::epml_branch_kind(unsigned what)
{
  switch (what) {
  case BX_INSTR_IS_JMP_INDIRECT:
    return TIMING_INDIRECT;
  case BX_INSTR_IS_CALL:
    return TIMING_CALL;
  case BX_INSTR_IS_CALL_INDIRECT:
    return TIMING_INDIRECT_CALL;
  case BX_INSTR_IS_RET:
    return TIMING_RETURN;
  default:
    return TIMING_JUMP;
  }
}

void BX_CPU_C::epml_branch(enum timing_branch kind, bx_address target, unsigned ilen, bool taken)
{
  ::timing_branch(&epml_timing, kind, PREV_RIP, target, PREV_RIP + ilen, taken);
}

#endif
