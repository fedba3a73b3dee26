/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bochs makes a library of its instrumentation. That of ours is in cpu/epml_full.cc. */
