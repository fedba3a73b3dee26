// SPDX-License-Identifier: BSD-2-Clause
//
// One vector after the other: set up, run, compare. To be included in the testbench.

task clear_page(input [63:0] hpa);
	integer i, first;
begin
	first = hpa >> 3;
	for (i = 0; i < 512; i = i + 1)
		ram[first + i] = 0;
end
endtask

task set_up;
	integer i;
begin
	started = 0;
	failed = 0;
	n_exits = 0;
	n_events = 0;
	n_results = 0;
	{ eptp, cr3, vmread_bitmap, vmwrite_bitmap, ve_info, proc, proc2, proc3 } = 0;
	{ vmcs_address, vmcs_index, vmcs_vector, vmcs_threshold, pml_index, insn_error } = 0;
	{ svi, rvi } = 0;
	if_flag = flags[F_IF];
	for (i = 0; i < count(S_PAGES); i = i + 1)
		clear_page(word(S_PAGES, i, 0));
	for (i = 0; i < count(S_MEMORY); i = i + 1)
		ram[word(S_MEMORY, i, 0) >> 3] = word(S_MEMORY, i, 1);
	for (i = 0; i < count(S_FIELDS); i = i + 1)
		set_field(word(S_FIELDS, i, 0), word(S_FIELDS, i, 1));
	started = 1;
end
endtask

function is_host(input integer at);
	is_host = word(S_STEPS, at, 0) >= OP_HOST;
endfunction

// The host's steps from next on; again: the interrupted step is to be tried again.
integer next;
reg again;

task host_part;
begin
	again = 0;
	save_state;
	while (next < count(S_STEPS) && is_host(next)) begin
		host_step(next);
		again = word(S_STEPS, next, 0) == OP_HOST_RESUME;
		next = next + 1;
	end
	enter;
end
endtask

// docs/vectors.md: after a VM exit the vector goes on only if the next step is one of the host.
task run;
	reg over;
begin
	next = 0;
	step = 0;
	over = 0;
	enter;
	while (!over && !outside && next < count(S_STEPS)) begin
		exited = 0;
		if (is_host(next))
			host_part;
		else begin
			step = next;
			next = next + 1;
			guest_step;
			while (exited && !over) begin
				if (next == count(S_STEPS) || !is_host(next))
					over = 1;
				else begin
					host_part;
					exited = 0;
					if (again)
						guest_step;
				end
			end
		end
	end
	save_state;
end
endtask

task compare_log;
	reg [63:0] expected [0:511];
	reg ignored [0:511];
	reg [63:0] base;
	integer i;
begin
	base = file[rec + R_GUEST_LOG] >> 3;
	for (i = 0; i < 512; i = i + 1) begin
		expected[i] = 0;
		ignored[i] = 0;
	end
	for (i = 0; i < count(S_GUEST_LOG); i = i + 1)
		expected[word(S_GUEST_LOG, i, 0)] = word(S_GUEST_LOG, i, 1);
	for (i = 0; i < count(S_GUEST_IGNORED); i = i + 1)
		ignored[word(S_GUEST_IGNORED, i, 0)] = 1;
	for (i = 511; i >= 0; i = i - 1)
		if (!ignored[i] && ram[base + i] !== expected[i])
			differs("an entry of the guest's log", ram[base + i], expected[i]);
end
endtask

task compare_end;
	integer i;
	reg [8 * 40 - 1:0] what;
begin
	if (n_exits != count(S_EXITS))
		differs("number of VM exits", n_exits, count(S_EXITS));
	if (n_events != count(S_EVENTS))
		differs("number of events", n_events, count(S_EVENTS));
	if (flags[F_COMPARE_RESULTS] && n_results != count(S_RESULTS))
		differs("number of results", n_results, count(S_RESULTS));
	if (flags[F_COMPARE_LOG])
		compare_log;
	for (i = 0; i < count(S_END_FIELDS); i = i + 1) begin
		get_field(word(S_END_FIELDS, i, 0));
		$sformat(what, "VMCS field %0x at the end", word(S_END_FIELDS, i, 0));
		if (known && field_value != word(S_END_FIELDS, i, 1))
			differs(what, field_value, word(S_END_FIELDS, i, 1));
	end
end
endtask

reg [8 * 256 - 1:0] path;
integer number, passed, bad, skipped;

initial begin
	if (!$value$plusargs("vectors=%s", path)) begin
		$display("gpml_tb: +vectors=FILE is missing");
		$finish;
	end
	$readmemh(path, file);
	if (file[0] !== MAGIC || file[1] !== 1) begin
		$display("gpml_tb: %0s: expected vectors in format hex, version 1", path);
		$finish;
	end
	tick;
	rst = 0;
	rec = FILE_HEAD;
	passed = 0;
	bad = 0;
	skipped = 0;
	for (number = 0; number < file[2]; number = number + 1) begin
		find_sections;
		set_up;
		check_scope;
		if (!outside)
			run;
		if (!outside)
			compare_end;
		if (outside)
			skipped = skipped + 1;
		else if (failed)
			bad = bad + 1;
		else
			passed = passed + 1;
		rec = rec + file[rec + R_WORDS];
	end
	$display("%0d passed, %0d failed, %0d outside", passed, bad, skipped);
	$finish;
end
