# SPDX-License-Identifier: BSD-2-Clause
#
# The ROM that executes vector images on Bochs: freestanding code for x86-64, built with its own
# options. rom.ld refuses an absolute address, since root and guest run the ROM at different ones.

ROM_C = \
	%D%/guest.c %D%/host.c %D%/image.c %D%/main.c %D%/memory.c %D%/one_writable.c \
	%D%/report.c %D%/run.c %D%/tables.c %D%/vmx.c
ROM_S = %D%/entry.S %D%/ops.S %D%/reset.S
ROM_H = %D%/cpu.h %D%/rom.h %D%/romimage.h
ROM_OBJECTS = $(ROM_C:.c=.rom.o) $(ROM_S:.S=.rom.o)

ROM_CFLAGS = -std=gnu11 -O2 $(EPML_WARNINGS) -m64 -ffreestanding -fpie -fvisibility=hidden \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-strict-aliasing \
	-fcf-protection=none -mno-red-zone -mgeneral-regs-only
ROM_CPPFLAGS = -I$(srcdir)/%D% -I$(srcdir)/testvectors -Ivmcs-spec
ROM_LINK = -m elf_x86_64 -pie --no-dynamic-linker -z norelro -z noexecstack \
	--hash-style=sysv --build-id=none

pkgdata_DATA += %D%/rom.bin
# For programs of "epml asm".
include_epml_HEADERS += %D%/epml-guest.h %D%/epml-print.h
examplesdir = $(docdir)/examples
dist_examples_DATA = \
	%D%/examples/full-log.S \
	%D%/examples/heap-guards.c \
	%D%/examples/hello-log.S \
	%D%/examples/rearm.S

MOSTLYCLEANFILES += $(ROM_OBJECTS) %D%/rom.elf
CLEANFILES += %D%/rom.bin
EXTRA_DIST += $(ROM_C) $(ROM_S) $(ROM_H) %D%/rom.ld

%.rom.o: %.c
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) $(ROM_CPPFLAGS) $(ROM_CFLAGS) -c -o $@ $<
%.rom.o: %.S
	$(AM_V_CC)$(MKDIR_P) $(@D) && $(CC) $(ROM_CPPFLAGS) -m64 -c -o $@ $<

$(ROM_OBJECTS): $(ROM_H) testvectors/vecimg.h vmcs-spec/epml-spec.h

%D%/rom.elf: $(ROM_OBJECTS) %D%/rom.ld
	$(AM_V_GEN)$(LD) $(ROM_LINK) -T $(srcdir)/%D%/rom.ld -o $@ $(ROM_OBJECTS)
%D%/rom.bin: %D%/rom.elf
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .text -j .rodata -j .data -j .reset --gap-fill 0xff $< $@

# Its test needs Bochs, but none of the vector tools.
check_PROGRAMS += %D%/tests/smoke-image
%C%_tests_smoke_image_SOURCES = %D%/tests/smoke-image.c
dist_check_SCRIPTS += %D%/tests/test-rom.sh
TESTS += %D%/tests/test-rom.sh
EXTRA_DIST += %D%/tests/rom-on-bochs.sh %D%/tests/smoke.expected
