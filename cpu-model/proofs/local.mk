# SPDX-License-Identifier: BSD-2-Clause
#
# The proofs: "make prove" and, with faults put into the model, "make prove-mutants". Each takes
# minutes. PROOFS selects some, PROVE_JOBS runs several at a time.

EXTRA_DIST += \
	%D%/cbmc.py %D%/designs.json %D%/designs.py %D%/entries.h %D%/fetch-cbmc.sh \
	%D%/mutants.json %D%/p1_no_lost_page.c %D%/p2_no_hpa.c %D%/p3_confinement.c %D%/p4_rearm.c \
	%D%/p5_no_spurious.c %D%/proof.h %D%/prove.py %D%/spp_no_denied_write.c \
	%D%/spp_walk.c %D%/sppt.h %D%/walk.c %D%/world.c %D%/world.h

PYTHON = python3
PROVE_JOBS = 1
PROVE = \
	cbmc=$$($(SHELL) $(srcdir)/%D%/fetch-cbmc.sh '$(CACHE_DIR)') && \
	$(PYTHON) $(srcdir)/%D%/prove.py --jobs '$(PROVE_JOBS)'
PROVE_ARGUMENTS = '$(srcdir)' vmcs-spec "$$cbmc" $(PROOFS)

.PHONY: prove prove-mutants
prove: vmcs-spec/epml-spec.h
	@$(PROVE) $(PROVE_ARGUMENTS)
prove-mutants: vmcs-spec/epml-spec.h
	@$(PROVE) --mutants $(PROVE_ARGUMENTS)

dist_check_SCRIPTS += %D%/tests/prove.sh
TESTS += %D%/tests/prove.sh
