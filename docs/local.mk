# SPDX-License-Identifier: BSD-2-Clause

dist_doc_DATA += docs/architecture.md docs/bochs.md docs/vectors.md
dist_man_MANS += docs/epml.1
