// SPDX-License-Identifier: BSD-2-Clause
//
// Testbench of gpml_unit: replays exported vectors (+vectors=FILE, format hex), and compares the
// guest's log, the fields, results, VM exits and events with what they expect. A vector that needs
// more of a processor than core.vh has is counted as outside.
//
// One line for each vector that fails, with its rules; the last line counts. The simulation ends
// with $finish; "0 failed" in the last line is success.
`timescale 1ns/1ns

module gpml_tb;
`include "vector_file.vh"

localparam FILE_WORDS = 1 << 20;
localparam VE_VECTOR = 20;

// VMCS encodings.
localparam V_ADDRESS = 16'h2060, V_ADDRESS_HIGH = 16'h2061, V_INDEX = 16'h0820,
	   V_VECTOR = 16'h0010, V_THRESHOLD = 16'h0012, V_EPTP = 16'h201a, V_CR3 = 16'h6802,
	   V_PROC = 16'h4002, V_PROC2 = 16'h401e, V_PROC3 = 16'h2034, V_VMREAD_BM = 16'h2026,
	   V_VMWRITE_BM = 16'h2028, V_INT_STATUS = 16'h0810, V_PML_INDEX = 16'h0812,
	   V_VE_INFO = 16'h202a, V_ERROR = 16'h4400;

// ---- The unit ----

reg clk = 0, rst = 1, load = 0, acc_valid = 0, acc_write = 0, dirty_valid = 0;
reg [14:0] acc_field;
reg [63:0] acc_value, dirty_gva;
reg [63:0] flags = 0;
reg [63:0] vmcs_address;
reg [15:0] vmcs_index, vmcs_vector, vmcs_threshold;
wire load_bad, acc_hit, acc_fail, acc_fault, dirty_full, dirty_fault, log_write, log_dropped;
wire notify, xlate_valid;
wire [63:0] acc_data, log_address, log_data, xlate_gpa, address;
wire [15:0] index, vector, threshold;
wire [7:0] notify_vector;
reg xlate_fault = 0;
reg [63:0] xlate_hpa = 0;
reg guest_pml;

gpml_unit unit (
	.clk(clk), .rst(rst), .cfg_at_log(flags[F_TRANSLATION]), .cfg_full(flags[F_FULL +: 2]),
	.cfg_threshold(flags[F_NOTIFICATION]),
	.load(load), .load_enable(guest_pml), .load_address(vmcs_address),
	.load_index(vmcs_index), .load_vector(vmcs_vector), .load_threshold(vmcs_threshold),
	.load_bad(load_bad),
	.acc_valid(acc_valid), .acc_write(acc_write), .acc_field(acc_field),
	.acc_value(acc_value), .acc_hit(acc_hit), .acc_data(acc_data), .acc_fail(acc_fail),
	.acc_fault(acc_fault),
	.dirty_valid(dirty_valid), .dirty_gva(dirty_gva), .dirty_full(dirty_full),
	.dirty_fault(dirty_fault), .log_write(log_write), .log_address(log_address),
	.log_data(log_data), .log_dropped(log_dropped), .notify(notify),
	.notify_vector(notify_vector),
	.xlate_valid(xlate_valid), .xlate_gpa(xlate_gpa), .xlate_fault(xlate_fault),
	.xlate_hpa(xlate_hpa),
	.address(address), .index(index), .vector(vector), .threshold(threshold)
);

task tick;
begin
	#5 clk = 1;
	#5 clk = 0;
end
endtask

// ---- State of the processor ----

reg [63:0] eptp, cr3, vmread_bitmap, vmwrite_bitmap, ve_info, proc, proc2, proc3;
reg [63:0] pml_index, insn_error;
reg [7:0] rvi, svi;
reg if_flag;
reg outside;			// the vector needs more than this testbench has
reg exited;			// the current step has ended with a VM exit
reg failed;
reg event_stopped;

`include "core.vh"

// The answer to a translation request of the unit, and the dirty flag that it sets.
task answer;
begin
	#1;
	if (xlate_valid) begin
		ept_walk(xlate_gpa, 3'b010);
		xlate_fault = !walk_ok;
		xlate_hpa = walk_hpa;
		if (walk_ok && eptp[6])
			ram[walk_entry >> 3] = ram[walk_entry >> 3] | 64'h200;
		#1;
	end
end
endtask

// ---- Vector files ----

reg [63:0] file [0:FILE_WORDS - 1];
integer rec;			// first word of the current record
integer start [0:SECTIONS - 1];

function integer count(input integer section);
	count = file[rec + R_COUNTS + section];
endfunction

function integer width(input integer section);
	case (section)
	S_MEMORY, S_FIELDS, S_END_FIELDS, S_GUEST_LOG, 14: width = 2;
	S_STEPS: width = 6;
	S_ENTRY_EXIT, S_EXITS: width = 9;
	S_EVENTS: width = 5;
	S_RESULTS, S_WORDS: width = 3;
	default: width = 1;
	endcase
endfunction

function [63:0] word(input integer section, input integer item, input integer member);
	word = file[start[section] + item * width(section) + member];
endfunction

task find_sections;
	integer at, s;
begin
	at = rec + R_SECTIONS;
	for (s = 0; s < SECTIONS; s = s + 1) begin
		start[s] = at;
		at = at + count(s) * width(s);
	end
	flags = file[rec + R_FLAGS];
end
endtask

reg [8 * 512 - 1:0] text;

task get_text(input integer section);
	integer w;
begin
	text = 0;
	for (w = 0; w < count(section); w = w + 1)
		text = (text << 64) | file[start[section] + w];
end
endtask

// The first difference of a vector, with its rules.
task differs(input [8 * 40 - 1:0] what, input [63:0] is, input [63:0] expected);
	if (!failed && !outside) begin
		failed = 1;
		get_text(S_ID);
		$write("FAIL %0s [%0s] rules ", text, flags[F_HARDENED] ? "hardened" : "published");
		get_text(S_RULES);
		$display("%0s: %0s is %0x, expected %0x", text, what, is, expected);
	end
endtask

// ---- What happens, against what is expected ----

integer n_exits, n_events, n_results;

task vm_exit(input [63:0] reason, input [63:0] qualification, input [63:0] gpa,
	     input [63:0] gva);
	reg [63:0] has;
begin
	exited = 1;
	if (n_exits >= count(S_EXITS))
		differs("reason of an unexpected VM exit", reason, 0);
	else begin
		has = word(S_EXITS, n_exits, 0);
		if (word(S_EXITS, n_exits, 1) != reason)
			differs("exit reason", reason, word(S_EXITS, n_exits, 1));
		// Of an EPT violation the core here does not know all bits.
		if (reason == 62 && has[HAS_QUALIFICATION] &&
		    word(S_EXITS, n_exits, 2) != qualification)
			differs("exit qualification", qualification, word(S_EXITS, n_exits, 2));
		if (has[HAS_GPA] && word(S_EXITS, n_exits, 3) != gpa)
			differs("GPA of the VM exit", gpa, word(S_EXITS, n_exits, 3));
		if (has[HAS_GVA] && word(S_EXITS, n_exits, 4) != gva)
			differs("GVA of the VM exit", gva, word(S_EXITS, n_exits, 4));
		if (has[HAS_STEP] && word(S_EXITS, n_exits, 5) != step)
			differs("step of the VM exit", step, word(S_EXITS, n_exits, 5));
	end
	n_exits = n_exits + 1;
end
endtask

task guest_event(input [63:0] number);
begin
	if (n_events >= count(S_EVENTS))
		differs("vector of an unexpected event", number, 0);
	else begin
		if (word(S_EVENTS, n_events, 1) != number)
			differs("vector of the event", number, word(S_EVENTS, n_events, 1));
		if (((word(S_EVENTS, n_events, 0) >> HAS_STEP) & 1) &&
		    word(S_EVENTS, n_events, 2) != step)
			differs("step of the event", step, word(S_EVENTS, n_events, 2));
	end
	n_events = n_events + 1;
end
endtask

task result(input [63:0] value, input cf, input zf);
	reg [63:0] has, expected;
begin
	if (flags[F_COMPARE_RESULTS]) begin
		has = word(S_RESULTS, n_results, 0);
		expected = word(S_RESULTS, n_results, 2);
		if (n_results >= count(S_RESULTS))
			differs("value of an unexpected result", value, 0);
		else begin
			if (has[HAS_VALUE] && word(S_RESULTS, n_results, 1) != value)
				differs("result", value, word(S_RESULTS, n_results, 1));
			if (has[HAS_CF] && expected[0] != cf)
				differs("CF", cf, expected[0]);
			if (has[HAS_ZF] && expected[6] != zf)
				differs("ZF", zf, expected[6]);
		end
	end
	n_results = n_results + 1;
end
endtask

// The trigger: present it to the unit, and do what it asks for.
task dirty_event(input [63:0] gva);
begin
	dirty_valid = 1;
	dirty_gva = gva;
	answer;
	event_stopped = guest_pml && (dirty_full || dirty_fault);
	if (guest_pml && dirty_full) begin
		if (flags[F_FULL +: 2] == 2 && proc2[18] && !ram[ve_info >> 3][63:32]) begin
			ram[ve_info >> 3] = { 32'hffffffff, 32'd62 };
			guest_event(VE_VECTOR);
		end else
			vm_exit(62, 1, guest_gpa, gva);
	end else if (guest_pml && dirty_fault)
		vm_exit(48, 0, xlate_gpa, 0);
	if (log_write)
		ram[log_address >> 3] = log_data;
	if (notify && notify_vector > rvi)
		rvi = notify_vector;
	if (notify && rvi != 0 && notify_vector != rvi)
		outside = 1;	// two interrupts are pending
	tick;
	dirty_valid = 0;
end
endtask

// ---- VMX ----

task save_state;
begin
	vmcs_address = address;
	vmcs_index = index;
	vmcs_vector = vector;
	vmcs_threshold = threshold;
end
endtask

task enter;
begin
	tlb_flush;
	guest_pml = proc[17] && proc3[32];
	load = 1;
	#1 if (load_bad)
		differs("VM entry is refused, which", 1, 0);
	tick;
	load = 0;
end
endtask

// VMREAD and VMWRITE by the guest. VMACC-1
task guest_access(input write, input [63:0] field, input [63:0] value);
	reg [63:0] bitmap;
begin
	bitmap = (write ? vmwrite_bitmap : vmread_bitmap) + field[14:3];
	if (!proc2[14] || field[63:15] != 0 ||
	    ((ram[bitmap >> 3] >> { bitmap[2:0], field[2:0] }) & 1))
		vm_exit(write ? 25 : 23, 0, 0, 0);
	else begin
		acc_valid = 1;
		acc_write = write;
		acc_field = field;
		acc_value = value;
		answer;
		if (!acc_hit)
			outside = 1;	// the shadow VMCS
		else if (acc_fault)
			vm_exit(48, 0, xlate_gpa, 0);
		else begin
			if (acc_fail)
				insn_error = 29;
			result(write ? 64'd0 : acc_data, 0, acc_fail);
		end
		tick;
		acc_valid = 0;
	end
end
endtask

// A field of the VMCS while the guest does not run.
task set_field(input [63:0] field, input [63:0] value);
	case (field)
	V_ADDRESS: vmcs_address = value;
	V_ADDRESS_HIGH: vmcs_address[63:32] = value[31:0];
	V_INDEX: vmcs_index = value;
	V_VECTOR: vmcs_vector = value;
	V_THRESHOLD: vmcs_threshold = value;
	V_EPTP: eptp = value;
	V_CR3: cr3 = value;
	V_PROC: proc = value;
	V_PROC2: proc2 = value;
	V_PROC3: proc3 = value;
	V_VMREAD_BM: vmread_bitmap = value;
	V_VMWRITE_BM: vmwrite_bitmap = value;
	V_INT_STATUS: { svi, rvi } = value;
	V_PML_INDEX: pml_index = value;
	V_VE_INFO: ve_info = value;
	// The others do not matter here, at least before the first entry.
	default: if (started) outside = 1;
	endcase
endtask

reg known;
reg [63:0] field_value;

task get_field(input [63:0] field);
begin
	known = 1;
	case (field)
	V_ADDRESS: field_value = vmcs_address;
	V_ADDRESS_HIGH: field_value = vmcs_address[63:32];
	V_INDEX: field_value = vmcs_index;
	V_VECTOR: field_value = vmcs_vector;
	V_THRESHOLD: field_value = vmcs_threshold;
	V_INT_STATUS: field_value = { svi, rvi };
	V_ERROR: field_value = insn_error;
	default: known = 0;
	endcase
end
endtask

// ---- Steps ----

integer step;
reg started;

task guest_step;
	reg [63:0] op, size, a, b;
begin
	op = word(S_STEPS, step, 0);
	size = word(S_STEPS, step, 1);
	a = word(S_STEPS, step, 3);
	b = word(S_STEPS, step, 4);
	exited = 0;
	event_stopped = 0;
	case (op)
	OP_STORE, OP_PUSH: write_bytes(a, size, b);
	OP_LOAD: begin
		read_page(a);
		get_bytes(access_hpa, size);
		if (access_ok)
			result(data, 0, 0);
		if (a[11:0] + size > 4096)
			outside = 1;
	end
	OP_RMW, OP_LOCK_XADD: begin
		write_page(a);
		if (a[11:0] + size > 4096)
			outside = 1;
		else if (access_ok) begin
			get_bytes(access_hpa, size);
			if (op == OP_LOCK_XADD)
				result(data, 0, 0);
			write_bytes(a, size, data + b);
		end
	end
	OP_VMREAD: guest_access(0, a, 0);
	OP_VMWRITE: guest_access(1, a, b);
	OP_INVLPG: tlb_invlpg(a);
	OP_MOV_CR3: begin
		cr3 = a;
		tlb_flush;
	end
	OP_CLI: if_flag = 0;
	OP_STI: if_flag = 1;
	OP_VMCALL: vm_exit(18, 0, 0, 0);
	default: ;
	endcase
	// NOTIFY-4
	if (!exited && if_flag && rvi[7:4] > svi[7:4]) begin
		svi = rvi;
		rvi = 0;
		guest_event(svi);
	end
end
endtask

task host_step(input integer at);
	reg [63:0] op, size, a, b;
	integer i;
begin
	op = word(S_STEPS, at, 0);
	size = word(S_STEPS, at, 1);
	a = word(S_STEPS, at, 3);
	b = word(S_STEPS, at, 4);
	case (op)
	OP_HOST_POKE: for (i = 0; i < size; i = i + 1)
		put_byte(a + i, b >> 8 * i);
	OP_HOST_PEEK: begin
		get_bytes(a, size);
		result(data, 0, 0);
	end
	OP_HOST_VMREAD: begin
		get_field(a);
		if (!known)
			outside = 1;
		result(field_value, 0, 0);
	end
	OP_HOST_VMWRITE: begin
		set_field(a, b);
		result(0, 0, 0);
	end
	OP_HOST_INVEPT: result(0, 0, 0);
	default: ;
	endcase
end
endtask

// Does the testbench know all that the vector does and expects?
task check_scope;
	integer i;
	reg [63:0] op;
begin
	// A failed entry, a vector for any processor, event delivery on a page that is logged, VPIDs,
	// VM functions, sub-page permissions, an interrupt that is pending at entry, no EPT, no virtual
	// interrupts, a log of the hypervisor that may get full.
	outside = flags[F_ENTRY +: 2] != 0 || !flags[F_EPML] || file[rec + R_IST] != 0 ||
		  proc2[5] || proc2[13] || proc2[23] || rvi != 0 || !proc2[1] || !proc2[9] ||
		  (proc2[17] && pml_index != 511);
	for (i = 0; i < count(S_STEPS); i = i + 1) begin
		op = word(S_STEPS, i, 0);
		if (word(S_STEPS, i, 2) != 0)
			outside = 1;
		case (op)
		OP_STORE, OP_LOAD, OP_RMW, OP_LOCK_XADD, OP_PUSH, OP_VMREAD, OP_VMWRITE, OP_INVLPG,
		OP_MOV_CR3, OP_CLI, OP_STI, OP_VMCALL, OP_NOP, OP_HOST_POKE, OP_HOST_INVEPT,
		OP_HOST_VMREAD, OP_HOST_VMWRITE, OP_HOST_VMCLEAR, OP_HOST_RESUME, OP_HOST_SKIP,
		OP_HOST_PEEK: ;
		default: outside = 1;
		endcase
	end
	for (i = 0; i < count(S_EVENTS); i = i + 1)
		if (word(S_EVENTS, i, 1) < 32 && word(S_EVENTS, i, 1) != VE_VECTOR)
			outside = 1;
	for (i = 0; i < count(S_EXITS); i = i + 1) begin
		op = word(S_EXITS, i, 1);
		if (op != 18 && op != 23 && op != 25 && op != 48 && op != 62)
			outside = 1;
		if (op == 62 && !word(S_EXITS, i, 2) &&
		    ((word(S_EXITS, i, 0) >> HAS_QUALIFICATION) & 1))
			outside = 1;	// the hypervisor's log
	end
end
endtask
`include "replay.vh"
endmodule
