# SPDX-License-Identifier: BSD-2-Clause
#
# Examples of what to do with exported vectors: "make verilog" replays them on a unit in Verilog
# (needs iverilog), "make c-replay" on a small model in C.

dist_doc_DATA += docs/export.md
EXTRA_DIST += \
	%D%/c/replay.c \
	%D%/verilog/core.vh %D%/verilog/gpml_tb.v %D%/verilog/gpml_unit.v \
	%D%/verilog/replay.vh %D%/verilog/run.sh %D%/verilog/vector_file.vh

.PHONY: verilog c-replay
verilog: $(BUILT_SOURCES)
	@$(MAKE) $(AM_MAKEFLAGS) epml$(EXEEXT)
	@$(SHELL) $(srcdir)/%D%/verilog/run.sh ./epml$(EXEEXT) $(srcdir)/testvectors/vectors

C_REPLAY = %D%/c
c-replay: $(BUILT_SOURCES)
	@$(MAKE) $(AM_MAKEFLAGS) epml$(EXEEXT)
	@$(MKDIR_P) $(C_REPLAY)
	./epml$(EXEEXT) vectors export --format c --profile hardened -o $(C_REPLAY)/vectors.h \
		$(srcdir)/testvectors/vectors
	$(CC) -I$(C_REPLAY) -O1 -o $(C_REPLAY)/replay $(srcdir)/%D%/c/replay.c
	$(C_REPLAY)/replay
MOSTLYCLEANFILES += %D%/c/vectors.h %D%/c/replay
