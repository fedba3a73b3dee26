# SPDX-License-Identifier: BSD-2-Clause

dist_doc_DATA += docs/asm.md docs/architecture.md docs/bochs.md docs/coverage.md docs/vectors.md
dist_man_MANS += docs/epml.1

dist_check_SCRIPTS += docs/tests/bochs.sh docs/tests/readme.sh
TESTS += docs/tests/bochs.sh docs/tests/readme.sh
