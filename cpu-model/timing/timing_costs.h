/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one list of what a run is charged for. Each line is a cost: the enumerator, the name that it
 * has in costs files, results and traces, the cause that its cycles are attributed to, and what
 * one of it is.
 *
 * Eight kinds of memory access have four costs in a row, for the level that had the line; which
 * one of the four is charged is decided by the cache model (TIMING_KIND_COSTS).
 */
#ifndef EPML_TIMING_COSTS_H
#define EPML_TIMING_COSTS_H

/* Causes, in the order in which they are printed and stacked. */
#define TIMING_CAUSES(X) \
	X(INSTRUCTIONS, "instructions", "execution of instructions, branches") \
	X(CODE_CACHE, "code cache", "instruction fetches that miss the first-level cache") \
	X(DATA_CACHE, "data cache", "data accesses, by the level that has the line") \
	X(TLB, "tlb", "translations found in the second-level TLB only") \
	X(WALK, "page walk", "walks of the guest's or native paging structures") \
	X(EPT_WALK, "ept walk", "walks of EPT, the second dimension") \
	X(ASSIST, "a/d assist", "setting accessed and dirty flags") \
	X(EXCEPTION, "exception", "delivery of exceptions") \
	X(INTERRUPT, "interrupt", "delivery of interrupts, and IRET") \
	X(VM_EXIT, "vm exit", "VM exits, by reason") \
	X(VM_ENTRY, "vm entry", "VM entries") \
	X(VMCS, "vmcs access", "VMREAD, VMWRITE and other instructions on a VMCS") \
	X(INVALIDATION, "invalidation", "INVLPG, INVPCID, INVEPT, INVVPID") \
	X(CR3, "cr3", "writes of CR3") \
	X(PML, "pml", "entries of the hypervisor's log") \
	X(GUEST_LOG, "guest log", "entries of the guest's log") \
	X(SPP, "spp", "checks of sub-page write permission") \
	X(IPI, "ipi", "posting of self-IPIs")

#define TIMING_KIND_COSTS(X, ID, name, cause, text) \
	X(ID##_L1, name "-l1", cause, text ", in the first-level cache") \
	X(ID##_L2, name "-l2", cause, text ", in the second-level cache") \
	X(ID##_LLC, name "-llc", cause, text ", in the last-level cache") \
	X(ID##_MEMORY, name "-memory", cause, text ", from memory")

#define TIMING_COST_LIST(X) \
	X(INSN_AVERAGE, "insn-average", INSTRUCTIONS, \
	  "instruction of any class; events mode only") \
	X(INSN_SIMPLE, "insn-simple", INSTRUCTIONS, "move, integer arithmetic, logic") \
	X(INSN_LOAD, "insn-load", INSTRUCTIONS, "instruction that loads") \
	X(INSN_STORE, "insn-store", INSTRUCTIONS, "instruction that stores") \
	X(INSN_MUL, "insn-mul", INSTRUCTIONS, "integer multiplication") \
	X(INSN_DIV, "insn-div", INSTRUCTIONS, "integer division") \
	X(INSN_STRING, "insn-string", INSTRUCTIONS, "iteration of a string instruction") \
	X(INSN_FP, "insn-fp", INSTRUCTIONS, "floating-point or vector operation") \
	X(INSN_FP_DIV, "insn-fp-div", INSTRUCTIONS, "floating-point division, square root") \
	X(INSN_LOCKED, "insn-locked", INSTRUCTIONS, "locked read-modify-write") \
	X(INSN_FENCE, "insn-fence", INSTRUCTIONS, "MFENCE and other serialization of memory") \
	X(INSN_PAUSE, "insn-pause", INSTRUCTIONS, "PAUSE") \
	X(INSN_SYSTEM, "insn-system", INSTRUCTIONS, "system instruction without a class") \
	X(INSN_SEGMENT, "insn-segment", INSTRUCTIONS, "load of a segment register") \
	X(INSN_CPUID, "insn-cpuid", INSTRUCTIONS, "CPUID") \
	X(INSN_RDTSC, "insn-rdtsc", INSTRUCTIONS, "RDTSC, RDTSCP") \
	X(INSN_RDMSR, "insn-rdmsr", INSTRUCTIONS, "RDMSR") \
	X(INSN_WRMSR, "insn-wrmsr", INSTRUCTIONS, "WRMSR") \
	X(INSN_IO, "insn-io", INSTRUCTIONS, "IN, OUT, without the device") \
	X(INSN_CR, "insn-cr", INSTRUCTIONS, "access to a control or debug register, not CR3") \
	X(INSN_SYSCALL, "insn-syscall", INSTRUCTIONS, "SYSCALL, SYSENTER") \
	X(INSN_SYSRET, "insn-sysret", INSTRUCTIONS, "SYSRET, SYSEXIT") \
	X(INSN_CACHE, "insn-cache", INSTRUCTIONS, "CLFLUSH, CLWB, PREFETCH") \
	X(BRANCH, "branch", INSTRUCTIONS, "branch") \
	X(BRANCH_MISPREDICTED, "branch-mispredicted", INSTRUCTIONS, \
	  "in addition: the branch went where it was not expected") \
	TIMING_KIND_COSTS(X, FETCH, "fetch", CODE_CACHE, "instruction fetch of a line") \
	TIMING_KIND_COSTS(X, READ, "read", DATA_CACHE, "data read") \
	TIMING_KIND_COSTS(X, WRITE, "write", DATA_CACHE, "data write") \
	X(ITLB_STLB, "itlb-stlb", TLB, "instruction TLB miss that the second-level TLB has") \
	X(DTLB_STLB, "dtlb-stlb", TLB, "data TLB miss that the second-level TLB has") \
	X(WALK_START, "walk-start", WALK, "page walk, without its accesses to entries") \
	TIMING_KIND_COSTS(X, WALK, "walk-entry", WALK, "paging-structure entry") \
	X(EPT_START, "ept-start", EPT_WALK, "EPT walk, without its accesses to entries") \
	TIMING_KIND_COSTS(X, EPT, "ept-entry", EPT_WALK, "EPT entry") \
	X(ASSIST_ACCESSED, "assist-accessed", ASSIST, "accessed flag of a paging-structure entry") \
	X(ASSIST_DIRTY, "assist-dirty", ASSIST, "dirty flag of a paging-structure entry") \
	X(ASSIST_EPT_ACCESSED, "assist-ept-accessed", ASSIST, "accessed flag of an EPT entry") \
	X(ASSIST_EPT_DIRTY, "assist-ept-dirty", ASSIST, "dirty flag of an EPT entry") \
	X(EXCEPTION_PF, "exception-pf", EXCEPTION, "page fault, up to its handler") \
	X(EXCEPTION_VE, "exception-ve", EXCEPTION, \
	  "virtualization exception, with the information area, up to its handler") \
	X(EXCEPTION_OTHER, "exception-other", EXCEPTION, "any other exception") \
	X(INTERRUPT_EXTERNAL, "interrupt-external", INTERRUPT, "external interrupt") \
	X(INTERRUPT_VIRTUAL, "interrupt-virtual", INTERRUPT, \
	  "virtual interrupt, without a VM exit") \
	X(INTERRUPT_NMI, "interrupt-nmi", INTERRUPT, "NMI") \
	X(INTERRUPT_SOFTWARE, "interrupt-software", INTERRUPT, "INT n, INT3, INTO") \
	X(IRET, "iret", INTERRUPT, "IRET") \
	X(EXIT_EPT_VIOLATION, "exit-ept-violation", VM_EXIT, "VM exit: EPT violation") \
	X(EXIT_EPT_MISCONFIG, "exit-ept-misconfig", VM_EXIT, "VM exit: EPT misconfiguration") \
	X(EXIT_PML_FULL, "exit-pml-full", VM_EXIT, "VM exit: page-modification log full") \
	X(EXIT_GPML_FULL, "exit-gpml-full", VM_EXIT, "VM exit: guest page-modification log full") \
	X(EXIT_SPP, "exit-spp", VM_EXIT, "VM exit: SPP miss or misconfiguration") \
	X(EXIT_VMCALL, "exit-vmcall", VM_EXIT, "VM exit: VMCALL") \
	X(EXIT_VMREAD, "exit-vmread", VM_EXIT, "VM exit: VMREAD in the guest") \
	X(EXIT_VMWRITE, "exit-vmwrite", VM_EXIT, "VM exit: VMWRITE in the guest") \
	X(EXIT_EXCEPTION, "exit-exception", VM_EXIT, "VM exit: exception or NMI") \
	X(EXIT_INTERRUPT, "exit-interrupt", VM_EXIT, "VM exit: external interrupt") \
	X(EXIT_WINDOW, "exit-window", VM_EXIT, "VM exit: interrupt or NMI window") \
	X(EXIT_CPUID, "exit-cpuid", VM_EXIT, "VM exit: CPUID") \
	X(EXIT_HLT, "exit-hlt", VM_EXIT, "VM exit: HLT") \
	X(EXIT_INVALIDATION, "exit-invalidation", VM_EXIT, \
	  "VM exit: INVLPG, INVEPT, INVVPID, INVPCID") \
	X(EXIT_CR, "exit-cr", VM_EXIT, "VM exit: access to a control register") \
	X(EXIT_IO, "exit-io", VM_EXIT, "VM exit: I/O instruction") \
	X(EXIT_MSR, "exit-msr", VM_EXIT, "VM exit: RDMSR, WRMSR") \
	X(EXIT_APIC, "exit-apic", VM_EXIT, "VM exit: APIC access, APIC write, virtualized EOI") \
	X(EXIT_TIMER, "exit-timer", VM_EXIT, "VM exit: VMX-preemption timer") \
	X(EXIT_OTHER, "exit-other", VM_EXIT, "VM exit: any other reason") \
	X(ENTRY, "entry", VM_ENTRY, "VM entry") \
	X(ENTRY_INJECTION, "entry-injection", VM_ENTRY, \
	  "in addition: VM entry that injects an event") \
	X(ENTRY_FAILED, "entry-failed", VM_ENTRY, "VM entry that fails its checks") \
	X(VMREAD_ROOT, "vmread-root", VMCS, "VMREAD in VMX root operation") \
	X(VMWRITE_ROOT, "vmwrite-root", VMCS, "VMWRITE in VMX root operation") \
	X(VMREAD_SHADOW, "vmread-shadow", VMCS, "VMREAD in the guest, with VMCS shadowing") \
	X(VMWRITE_SHADOW, "vmwrite-shadow", VMCS, "VMWRITE in the guest, with VMCS shadowing") \
	X(VMREAD_GPML, "vmread-gpml", VMCS, "VMREAD in the guest of a Guest PML field") \
	X(VMWRITE_GPML, "vmwrite-gpml", VMCS, \
	  "VMWRITE in the guest of a Guest PML field, without its translation") \
	X(VMPTRLD, "vmptrld", VMCS, "VMPTRLD, VMPTRST") \
	X(VMCLEAR, "vmclear", VMCS, "VMCLEAR") \
	X(VMFUNC, "vmfunc", VMCS, "VMFUNC: EPTP switching") \
	X(INVLPG, "invlpg", INVALIDATION, "INVLPG") \
	X(INVPCID, "invpcid", INVALIDATION, "INVPCID") \
	X(INVEPT, "invept", INVALIDATION, "INVEPT") \
	X(INVVPID, "invvpid", INVALIDATION, "INVVPID") \
	X(CR3_FLUSH, "cr3-flush", CR3, "write of CR3 that flushes the TLB") \
	X(CR3_KEEP, "cr3-keep", CR3, "write of CR3 that keeps the TLB (PCID, bit 63)") \
	X(PML_ENTRY, "pml-entry", PML, "entry of the hypervisor's log, without its write") \
	TIMING_KIND_COSTS(X, PML, "pml-write", PML, "write of an entry") \
	X(GPML_AT_VMWRITE, "gpml-at-vmwrite", GUEST_LOG, \
	  "entry of the guest's log translated at VMWRITE, without its write") \
	X(GPML_AT_LOG, "gpml-at-log", GUEST_LOG, \
	  "entry of the guest's log translated when it is written, without walk and write") \
	X(GPML_DROP, "gpml-drop", GUEST_LOG, "entry that is lost because the log is full") \
	TIMING_KIND_COSTS(X, GPML, "gpml-write", GUEST_LOG, "write of an entry") \
	X(SPP_START, "spp-start", SPP, "walk of the SPP table, without its accesses to entries") \
	TIMING_KIND_COSTS(X, SPP, "spp-entry", SPP, "entry of the SPP table") \
	X(SELF_IPI, "self-ipi", IPI, "virtual self-IPI that the processor posts (notification)") \
	X(IPI_SEND, "ipi-send", IPI, "IPI that software sends through the virtual APIC")

#endif
