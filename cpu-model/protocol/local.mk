# SPDX-License-Identifier: BSD-2-Clause
#
# The protocol between processor and guest as a Spin model, and "make spin", which verifies it:
# all cases, or those of SPIN_CASES.

EXTRA_DIST += %D%/epml.pml %D%/check-protocol.sh
dist_doc_DATA += docs/protocol.md

.PHONY: spin
spin:
	@abs_srcdir='$(abs_top_srcdir)' CC='$(CC)' \
		$(SHELL) $(srcdir)/%D%/check-protocol.sh $(SPIN_CASES)

dist_check_SCRIPTS += %D%/tests/protocol.sh
TESTS += %D%/tests/protocol.sh
