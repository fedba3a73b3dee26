// SPDX-License-Identifier: BSD-2-Clause
//
// The guest page-modification log of one logical processor: its VMCS fields, the log's index, the
// address of the next entry, full, and the notification. The core around it translates addresses,
// sets dirty flags, performs the write to memory, and delivers the interrupt.
//
// An operation is presented before a rising edge of clk, at most one of load, acc_valid and
// dirty_valid; its outputs are valid before that edge, and its effect on the state is there after
// it. Translation is answered in the same cycle.
//
// port                 direction
// clk, rst             in   rst clears the state; enable guest PML is then 0
// cfg_at_log           in   parameter translation: 0 at-vmwrite, 1 at-log
// cfg_full             in   parameter full: 0 drop, 1 exit, 2 ve
// cfg_threshold        in   parameter notification: 0 when-full, 1 threshold
// load, load_*         in   VM entry: fields from the VMCS; enable guest PML in force
// load_bad             out  VM entry has to fail (rules ENTRY-7, ENTRY-8, ENTRY-9)
// acc_valid            in   VMREAD or VMWRITE in VMX non-root operation that does not exit
// acc_write            in   it is VMWRITE
// acc_field            in   encoding
// acc_value            in   operand of VMWRITE
// acc_hit              out  the field is one of this unit; else it is in the shadow VMCS
// acc_data             out  result of VMREAD
// acc_fail             out  VMfailValid with VM-instruction error 29; nothing changes
// acc_fault            out  the translation of a new log address was refused; nothing changes
// dirty_valid          in   an access is about to set the dirty flag that is the trigger
// dirty_gva            in   its guest-virtual address
// dirty_full           out  log full, with exit or ve: no flag may be set, nothing changes
// dirty_fault          out  the translation of the log entry was refused; nothing changes
// log_write            out  write log_data (8 bytes) at the host-physical log_address
// log_dropped          out  log full, with drop: the entry is lost
// notify, notify_vector out post a virtual self-IPI
// xlate_valid          out  translate xlate_gpa as a write access without a linear address
// xlate_fault          in   EPT refuses it
// xlate_hpa            in   its host-physical address
// address, index, vector, threshold  out  the fields, for VM exit
//
// Defining one of these makes a mistake on purpose:
//   WRONG_WRAP         the index goes from 0 to 511
//   WRONG_ENTRY        bits 11:0 of an entry are those of the access
//   WRONG_NOTIFY       the notification comes one entry early
//   WRONG_FULL         a full log does not stop the access
//   WRONG_FIELD        VMWRITE takes any value
module gpml_unit #(parameter MAXPHYADDR = 40) (
	input wire clk,
	input wire rst,
	input wire cfg_at_log,
	input wire [1:0] cfg_full,
	input wire cfg_threshold,

	input wire load,
	input wire load_enable,
	input wire [63:0] load_address,
	input wire [15:0] load_index,
	input wire [15:0] load_vector,
	input wire [15:0] load_threshold,
	output wire load_bad,

	input wire acc_valid,
	input wire acc_write,
	input wire [14:0] acc_field,
	input wire [63:0] acc_value,
	output wire acc_hit,
	output reg [63:0] acc_data,
	output wire acc_fail,
	output wire acc_fault,

	input wire dirty_valid,
	input wire [63:0] dirty_gva,
	output wire dirty_full,
	output wire dirty_fault,
	output wire log_write,
	output wire [63:0] log_address,
	output wire [63:0] log_data,
	output wire log_dropped,
	output wire notify,
	output wire [7:0] notify_vector,

	output wire xlate_valid,
	output wire [63:0] xlate_gpa,
	input wire xlate_fault,
	input wire [63:0] xlate_hpa,

	output reg [63:0] address,
	output reg [15:0] index,
	output reg [15:0] vector,
	output reg [15:0] threshold
);
	localparam FIELD_ADDRESS = 15'h2060;
	localparam FIELD_ADDRESS_HIGH = 15'h2061;
	localparam FIELD_INDEX = 15'h0820;
	localparam FIELD_VECTOR = 15'h0010;
	localparam FIELD_THRESHOLD = 15'h0012;
	localparam FULL_DROP = 2'd0;
	localparam ENTRIES = 16'd512;
	localparam NEVER = 16'hffff;	// as an index: full

	reg enable;

	// ---- Values that a field may not have ----

	function bad_address(input [63:0] value);
		bad_address = value[11:0] != 0 || (value >> MAXPHYADDR) != 0;	// ENTRY-7
	endfunction

	function bad_vector(input [15:0] value);
		bad_vector = value[15:8] != 0 || value < 16;			// ENTRY-8
	endfunction

	function bad_threshold(input [15:0] value);
		bad_threshold = cfg_threshold && value > 510 && value != NEVER;	// ENTRY-9
	endfunction

	assign load_bad = load_enable && (bad_address(load_address) || bad_vector(load_vector) ||
					  bad_threshold(load_threshold));

	// ---- VMREAD and VMWRITE ----

	wire is_low = acc_field == FIELD_ADDRESS;
	wire is_high = acc_field == FIELD_ADDRESS_HIGH;
	wire is_address = is_low || is_high;
	wire is_index = acc_field == FIELD_INDEX;
	wire is_vector = acc_field == FIELD_VECTOR;
	wire is_threshold = acc_field == FIELD_THRESHOLD;
	// VMACC-5: the high half alone can be written
	wire [63:0] new_address = is_low ? acc_value : { acc_value[31:0], address[31:0] };
	wire writes = acc_valid && acc_write && acc_hit;
	wire new_bad = (is_address && bad_address(new_address)) ||
		       (is_vector && bad_vector(acc_value[15:0])) ||
		       (is_threshold && bad_threshold(acc_value[15:0]));
	wire translates = writes && is_address && !acc_fail && !cfg_at_log;	// GPML-ADDR-1

	assign acc_hit = enable && (is_address || is_index || is_vector || is_threshold);
`ifdef WRONG_FIELD
	assign acc_fail = 0;
`else
	assign acc_fail = writes && new_bad;					// VMACC-4
`endif
	assign acc_fault = translates && xlate_fault;				// VMACC-7

	always @* begin
		if (is_low)
			acc_data = address;
		else if (is_high)
			acc_data = address >> 32;
		else if (is_index)
			acc_data = index;
		else if (is_vector)
			acc_data = vector;
		else
			acc_data = threshold;
	end

	// ---- Log entries ----

	wire full = index >= ENTRIES;						// ENTRY-10
	wire due = dirty_valid && enable;
	wire [63:0] entry_address = address + { 45'd0, index, 3'd0 };
	wire entry_translates = due && !full && cfg_at_log;			// GPML-ADDR-3
`ifdef WRONG_WRAP
	wire [15:0] next_index = index == 0 ? 16'd511 : index - 16'd1;
`else
	wire [15:0] next_index = index - 16'd1;					// GPML-LOG-2
`endif
`ifdef WRONG_NOTIFY
	wire [15:0] notify_index = (cfg_threshold ? threshold : NEVER) + 16'd1;
`else
	wire [15:0] notify_index = cfg_threshold ? threshold : NEVER;		// NOTIFY-1, NOTIFY-2
`endif

`ifdef WRONG_FULL
	assign dirty_full = 0;
	assign log_dropped = due && full;
`else
	assign dirty_full = due && full && cfg_full != FULL_DROP;		// GPML-FULL-2, -3
	assign log_dropped = due && full && cfg_full == FULL_DROP;		// GPML-FULL-1
`endif
	assign dirty_fault = entry_translates && xlate_fault;			// GPML-ADDR-4
	assign log_write = due && !full && !dirty_fault;
	assign log_address = cfg_at_log ? xlate_hpa : entry_address;		// GPML-ADDR-2
`ifdef WRONG_ENTRY
	assign log_data = dirty_gva;
`else
	assign log_data = { dirty_gva[63:12], 12'd0 };				// GPML-LOG-1
`endif
	assign notify = log_dropped || (log_write && next_index == notify_index);
	assign notify_vector = vector[7:0];					// NOTIFY-3

	assign xlate_valid = translates || entry_translates;
	assign xlate_gpa = translates ? new_address : entry_address;

	// ---- State ----

	always @(posedge clk) begin
		if (rst) begin
			enable <= 0;
			address <= 0;
			index <= 0;
			vector <= 0;
			threshold <= 0;
		end else if (load) begin					// STATE-1
			enable <= load_enable;
			address <= load_address;
			index <= load_index;
			vector <= load_vector;
			threshold <= load_threshold;
		end else if (writes && !acc_fail && !acc_fault) begin		// VMACC-2, VMACC-8
			if (is_address)
				address <= cfg_at_log ? new_address : xlate_hpa;
			if (is_index)
				index <= acc_value[15:0];
			if (is_vector)
				vector <= acc_value[15:0];
			if (is_threshold)
				threshold <= acc_value[15:0];
		end else if (log_write) begin
			index <= next_index;
		end
	end
endmodule
