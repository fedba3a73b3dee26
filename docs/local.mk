# SPDX-License-Identifier: BSD-2-Clause

dist_doc_DATA += docs/asm.md docs/architecture.md docs/bochs.md docs/coverage.md docs/vectors.md
dist_doc_DATA += docs/experiment.md docs/fuzzing.md docs/linux-guest.md docs/proofs.md \
	docs/timing.md \
	docs/xen-boot.md
dist_man_MANS += docs/epml.1

dist_check_SCRIPTS += docs/tests/bochs.sh docs/tests/readme.sh
TESTS += docs/tests/bochs.sh docs/tests/readme.sh

# The proposal. Its tables are made by programs; "make update-docs" brings them up to date.
dist_doc_DATA += docs/isa-extension.md
dist_check_SCRIPTS += docs/tests/isa.sh
TESTS += docs/tests/isa.sh
EXTRA_DIST += docs/make-html.py docs/style.css docs/tests/pages.py scripts/update-blocks

update-docs: vmcs-spec/specgen$(EXEEXT) cpu-model/tests/cost$(EXEEXT)
	vmcs-spec/specgen$(EXEEXT) --document $(srcdir)/vmcs-spec docs/spec-blocks.tmp
	cpu-model/tests/cost$(EXEEXT) > docs/cost-block.tmp
	$(srcdir)/cpu-model/proofs/designs.py $(srcdir) > docs/designs-block.tmp
	$(srcdir)/scripts/update-blocks $(srcdir)/docs/isa-extension.md docs/spec-blocks.tmp \
		docs/cost-block.tmp docs/designs-block.tmp
	rm -f docs/spec-blocks.tmp docs/cost-block.tmp docs/designs-block.tmp

# All pages as HTML, in docs/html.
docs: docs/spec-tables.md
	@command -v cmark-gfm > /dev/null || { \
		echo "make docs needs cmark-gfm: install the package cmark-gfm" >&2; exit 2; }
	$(AM_V_GEN)$(srcdir)/docs/make-html.py $(srcdir) docs/html $(srcdir)/docs/*.md \
		$$(test -e $(srcdir)/docs/spec-tables.md || echo docs/spec-tables.md)
clean-local: clean-docs
clean-docs:
	rm -rf docs/html

.PHONY: update-docs docs clean-docs
