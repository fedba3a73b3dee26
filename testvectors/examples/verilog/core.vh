// SPDX-License-Identifier: BSD-2-Clause
//
// The core around the unit, as far as vectors that concern the unit need one: RAM, both page walks
// with their dirty flags, and cached translations. Behavioural, to be included in the testbench.
//
// Accessed flags are left out, since nothing here depends on them.

localparam RAM_WORDS = 8388608;		// 64 MByte
localparam TLB_SIZE = 16;

reg [63:0] ram [0:RAM_WORDS - 1];

// ---- EPT ----

reg walk_ok;			// the last walk: not refused
reg [63:0] walk_hpa;		// result
reg [63:0] walk_entry;		// HPA of the entry that maps the page

// Translate gpa through EPT; need: bits 2:0 that every entry must have.
task ept_walk(input [63:0] gpa, input [2:0] need);
	reg [63:0] table_hpa, entry;
	integer level, shift;
	reg done;
begin
	table_hpa = { eptp[63:12], 12'd0 };
	walk_ok = 1;
	done = 0;
	for (level = 4; level >= 1 && walk_ok && !done; level = level - 1) begin
		shift = 12 + 9 * (level - 1);
		walk_entry = (table_hpa & 64'h000ffffffffff000) | (((gpa >> shift) & 511) << 3);
		entry = ram[walk_entry >> 3];
		if (entry[2:0] == 0 || (entry[2:0] & need) != need)
			walk_ok = 0;
		else if (level == 1 || entry[7]) begin
			walk_hpa = (entry & 64'h000fffffffffffff & ~((64'd1 << shift) - 1)) |
				   (gpa & ((64'd1 << shift) - 1));
			done = 1;
		end
		table_hpa = entry;
	end
end
endtask

// ---- The guest's paging structures ----

reg [63:0] guest_gpa;		// result
reg [63:0] pte;			// HPA of the guest's entry that maps the page
reg walk_stopped;		// a log-full event or a refused log write has stopped the access

// Translate gva; accesses to paging-structure entries count as writes if EPTP bit 6 is 1.
task guest_walk(input [63:0] gva);
	reg [63:0] table_gpa, entry;
	integer level, shift;
	reg done;
begin
	table_gpa = cr3;
	done = 0;
	walk_ok = 1;
	walk_stopped = 0;
	for (level = 4; level >= 1 && !done && walk_ok && !walk_stopped; level = level - 1) begin
		shift = 12 + 9 * (level - 1);
		table_gpa = (table_gpa & 64'h000ffffffffff000) | (((gva >> shift) & 511) << 3);
		ept_walk(table_gpa, eptp[6] ? 3'b011 : 3'b001);
		if (walk_ok) begin
			pte = walk_hpa;
			entry = ram[pte >> 3];
			if (eptp[6] && !ram[walk_entry >> 3][9])
				walk_write(gva, walk_entry);
			if (!entry[0])
				walk_ok = 0;
			if (level == 1 || entry[7]) begin
				guest_gpa = (entry & 64'h000fffffffffffff &
					     ~((64'd1 << shift) - 1)) |
					    (gva & ((64'd1 << shift) - 1));
				done = 1;
			end
			table_gpa = entry;
		end
	end
end
endtask

// A page walk sets the dirty flag of an EPT entry. GPML-WALK-1, GPML-WALK-2
task walk_write(input [63:0] gva, input [63:0] entry);
begin
	if (flags[F_TRIGGER +: 2] == 0 && flags[F_WALKS +: 2] == 1)
		dirty_event(gva);
	else
		event_stopped = 0;
	if (event_stopped)
		walk_stopped = 1;
	else
		ram[entry >> 3] = ram[entry >> 3] | 64'h200;
end
endtask

// ---- Translations cached with their dirty flags set ----

reg [63:0] tlb_gva [0:TLB_SIZE - 1];
reg [63:0] tlb_hpa [0:TLB_SIZE - 1];
integer tlb_used;

task tlb_flush;
	tlb_used = 0;
endtask

task tlb_invlpg(input [63:0] gva);
	integer t;
	for (t = 0; t < tlb_used; t = t + 1)
		if (tlb_gva[t] == (gva & ~64'hfff))
			tlb_gva[t] = 64'd1;	// the address of no page
endtask

task tlb_add(input [63:0] gva, input [63:0] hpa);
	if (tlb_used < TLB_SIZE) begin
		tlb_gva[tlb_used] = gva & ~64'hfff;
		tlb_hpa[tlb_used] = hpa & ~64'hfff;
		tlb_used = tlb_used + 1;
	end
endtask

reg hit;
reg [63:0] hit_hpa;

task tlb_look(input [63:0] gva);
	integer t;
begin
	hit = 0;
	for (t = 0; t < tlb_used; t = t + 1)
		if (tlb_gva[t] == (gva & ~64'hfff)) begin
			hit = 1;
			hit_hpa = tlb_hpa[t] | (gva & 64'hfff);
		end
end
endtask

// ---- Accesses ----

// Everything that a write of one page does before its data: walks, events, flags. The result is in
// access_ok and access_hpa.
reg access_ok;
reg [63:0] access_hpa;

task write_page(input [63:0] gva);
	reg [63:0] leaf_pte, leaf_epte, hpa;
	reg sets_ept, sets_pte, due;
begin
	tlb_look(gva);
	access_ok = hit;
	access_hpa = hit_hpa;
	if (!hit) begin
		guest_walk(gva);
		leaf_pte = pte;
		if (walk_ok && !walk_stopped) begin
			ept_walk(guest_gpa, 3'b010);
			leaf_epte = walk_entry;
			hpa = walk_hpa;
			if (!walk_ok)
				vm_exit(48, 0, guest_gpa, gva);		// GPML-ORDER-2
		end else if (!walk_stopped)
			outside = 1;	// a fault of the guest's own paging
		if (walk_ok && !walk_stopped) begin
			sets_ept = eptp[6] && !ram[leaf_epte >> 3][9];
			sets_pte = !ram[leaf_pte >> 3][6];
			due = flags[F_TRIGGER +: 2] == 1 ? sets_pte : sets_ept;
			event_stopped = 0;
			if (due)
				dirty_event(gva);
			if (!event_stopped) begin
				if (sets_ept)
					ram[leaf_epte >> 3] = ram[leaf_epte >> 3] | 64'h200;
				ram[leaf_pte >> 3] = ram[leaf_pte >> 3] | 64'h40;
				tlb_add(gva, hpa);
				access_ok = 1;
				access_hpa = hpa;
			end
		end
	end
end
endtask

task read_page(input [63:0] gva);
begin
	guest_walk(gva);
	access_ok = walk_ok && !walk_stopped;
	if (access_ok) begin
		ept_walk(guest_gpa, 3'b001);
		access_ok = walk_ok;
		access_hpa = walk_hpa;
	end
	if (!access_ok && !walk_stopped)
		outside = 1;
end
endtask

task put_byte(input [63:0] hpa, input [7:0] value);
	ram[hpa >> 3] = (ram[hpa >> 3] & ~(64'hff << { hpa[2:0], 3'd0 })) |
			({ 56'd0, value } << { hpa[2:0], 3'd0 });
endtask

// Up to 64 bytes at gva, value repeated every 8 bytes; page by page in ascending order.
// GPML-CROSS-1
task write_bytes(input [63:0] gva, input [63:0] size, input [63:0] value);
	reg [63:0] first, second, last;
	integer b;
begin
	last = gva + size - 1;
	write_page(gva);
	first = access_hpa;
	second = 0;
	if (access_ok && last[63:12] != gva[63:12]) begin
		write_page({ last[63:12], 12'd0 });
		second = access_hpa;
	end
	for (b = 0; access_ok && b < size; b = b + 1)
		if ((gva + b) >> 12 == gva >> 12)
			put_byte(first + b, value >> 8 * (b % 8));
		else
			put_byte(second + ((gva + b) & 64'hfff), value >> 8 * (b % 8));
end
endtask

reg [63:0] data;

// Up to 8 bytes within a page at a host-physical address.
task get_bytes(input [63:0] hpa, input [63:0] size);
	integer b;
begin
	data = 0;
	for (b = size - 1; b >= 0; b = b - 1)
		data = { data[55:0], 8'd0 } |
		       ((ram[(hpa + b) >> 3] >> { hpa[2:0] + b[2:0], 3'd0 }) & 64'hff);
end
endtask
