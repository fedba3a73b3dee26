// SPDX-License-Identifier: BSD-2-Clause
//
// The layout of vectors in the format hex (docs/export.md), as far as the testbench needs it.

localparam MAGIC = 64'h45504D4C56454358;
localparam FILE_HEAD = 4;		// magic, version, number of vectors, words

// Words of a record's head.
localparam R_WORDS = 0;
localparam R_FLAGS = 1;
localparam R_IST = 2;
localparam R_GUEST_LOG = 4;
localparam R_COUNTS = 6;		// one word for each section
localparam R_SECTIONS = 22;		// where the first section begins

// Sections, in their order.
localparam S_ID = 0;
localparam S_RULES = 1;
localparam S_PAGES = 2;
localparam S_MEMORY = 3;
localparam S_FIELDS = 4;
localparam S_STEPS = 5;
localparam S_ENTRY_EXIT = 6;
localparam S_EXITS = 7;
localparam S_EVENTS = 8;
localparam S_RESULTS = 9;
localparam S_WORDS = 10;
localparam S_END_FIELDS = 11;
localparam S_GUEST_LOG = 12;
localparam S_GUEST_IGNORED = 13;
localparam SECTIONS = 16;

// Bits of the flags.
localparam F_CPL3 = 0;
localparam F_IF = 1;
localparam F_EPML = 2;
localparam F_HARDENED = 3;
localparam F_COMPARE_LOG = 4;
localparam F_COMPARE_RESULTS = 6;
localparam F_ENTRY = 8;			// two bits
localparam F_TRIGGER = 16;		// 0 ept-dirty, 1 guest-dirty
localparam F_TRANSLATION = 18;		// 0 at-vmwrite, 1 at-log
localparam F_FULL = 20;			// 0 drop, 1 exit, 2 ve
localparam F_NOTIFICATION = 22;		// 0 when-full, 1 threshold
localparam F_WALKS = 24;		// 0 not logged, 1 logged

// Bits of "has".
localparam HAS_QUALIFICATION = 0;
localparam HAS_GPA = 1;
localparam HAS_GVA = 2;
localparam HAS_STEP = 3;
localparam HAS_VALUE = 9;
localparam HAS_CF = 10;
localparam HAS_ZF = 11;

// Operations.
localparam OP_STORE = 1;
localparam OP_LOAD = 2;
localparam OP_RMW = 3;
localparam OP_LOCK_XADD = 4;
localparam OP_PUSH = 7;
localparam OP_VMREAD = 10;
localparam OP_VMWRITE = 11;
localparam OP_INVLPG = 14;
localparam OP_MOV_CR3 = 15;
localparam OP_CLI = 16;
localparam OP_STI = 17;
localparam OP_VMCALL = 20;
localparam OP_NOP = 26;
localparam OP_HOST = 64;		// the first one that the host executes
localparam OP_HOST_POKE = 64;
localparam OP_HOST_INVEPT = 65;
localparam OP_HOST_VMREAD = 67;
localparam OP_HOST_VMWRITE = 68;
localparam OP_HOST_VMCLEAR = 69;
localparam OP_HOST_RESUME = 70;
localparam OP_HOST_SKIP = 71;
localparam OP_HOST_PEEK = 72;
