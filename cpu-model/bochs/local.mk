# SPDX-License-Identifier: BSD-2-Clause
#
# The builds of Bochs 2.6.11: bochs/stock/bochs, as published; bochs/model/bochs, with the reference
# model inside; bochs/timing/bochs, with hooks for the timing model too. build-bochs.sh looks at
# everything that goes into them each time and ends at once if a finished build is in the cache, so
# that no prerequisites are listed here.

BUILD_BOCHS = CC='$(CC)' CXX='$(CXX)' $(SHELL) $(srcdir)/cpu-model/bochs/build-bochs.sh

.PHONY: bochs bochs-stock bochs-model bochs-timing
bochs: bochs-stock bochs-model bochs-timing
bochs-stock:
	@$(BUILD_BOCHS) stock $(srcdir) . '$(CACHE_DIR)' '$(BOCHS_SOURCE)'
bochs-model: vmcs-spec/epml-spec.h
	@$(BUILD_BOCHS) model $(srcdir) . '$(CACHE_DIR)' '$(BOCHS_SOURCE)'
bochs-timing: vmcs-spec/epml-spec.h
	@$(BUILD_BOCHS) timing $(srcdir) . '$(CACHE_DIR)' '$(BOCHS_SOURCE)'

if WITH_BOCHS
ALL_LOCAL += bochs-stock bochs-model bochs-timing
INSTALL_LOCAL += install-bochs
UNINSTALL_LOCAL += uninstall-bochs
endif

.PHONY: install-bochs uninstall-bochs
install-bochs: bochs
	for kind in stock model timing; do \
		$(MKDIR_P) '$(DESTDIR)$(pkglibexecdir)/bochs/'$$kind && \
		$(INSTALL_PROGRAM) bochs/$$kind/bochs \
			'$(DESTDIR)$(pkglibexecdir)/bochs/'$$kind/bochs || exit 1; \
	done
uninstall-bochs:
	rm -rf '$(DESTDIR)$(pkglibexecdir)/bochs'

CLEANFILES += \
	bochs/stock/bochs bochs/stock/build.log bochs/model/bochs bochs/model/build.log \
	bochs/timing/bochs bochs/timing/build.log

TESTS += \
	cpu-model/bochs/tests/insert.sh \
	cpu-model/bochs/tests/fetch.sh \
	cpu-model/bochs/tests/checkpoint.sh \
	cpu-model/bochs/tests/off.sh \
	cpu-model/bochs/tests/mends.sh \
	cpu-model/bochs/tests/capability.sh \
	cpu-model/bochs/tests/timing.sh \
	cpu-model/bochs/tests/clocks.sh

# The ROM of mends.sh shares the way into VMX operation with that of the vectors.
MENDS_OBJECTS = cpu-model/bochs/tests/mends-rom.rom.o \
	guest-firmware/rom/entry.rom.o guest-firmware/rom/memory.rom.o \
	guest-firmware/rom/report.rom.o guest-firmware/rom/reset.rom.o \
	guest-firmware/rom/tables.rom.o guest-firmware/rom/vmx.rom.o

check_DATA += cpu-model/bochs/tests/mends.bin
MOSTLYCLEANFILES += cpu-model/bochs/tests/mends-rom.rom.o cpu-model/bochs/tests/mends.elf
CLEANFILES += cpu-model/bochs/tests/mends.bin

cpu-model/bochs/tests/mends-rom.rom.o: $(ROM_H) testvectors/vecimg.h vmcs-spec/epml-spec.h
cpu-model/bochs/tests/mends.elf: $(MENDS_OBJECTS) guest-firmware/rom/rom.ld
	$(AM_V_GEN)$(LD) $(ROM_LINK) -T $(srcdir)/guest-firmware/rom/rom.ld -o $@ $(MENDS_OBJECTS)
cpu-model/bochs/tests/mends.bin: cpu-model/bochs/tests/mends.elf
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .text -j .rodata -j .data -j .reset --gap-fill 0xff $< $@

check_PROGRAMS += cpu-model/bochs/tests/vector-image
cpu_model_bochs_tests_vector_image_SOURCES = cpu-model/bochs/tests/vector-image.c
cpu_model_bochs_tests_vector_image_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/testvectors
cpu_model_bochs_tests_vector_image_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
cpu_model_bochs_tests_vector_image_LDADD = testvectors/libvectors.a vmcs-spec/libspec.a \
	vmcs-spec/libjsonfile.a cpu-model/lib/libepml.a $(JANSSON_LIBS)

EXTRA_DIST += \
	cpu-model/bochs/tests/insert.sh \
	cpu-model/bochs/tests/fetch.sh \
	cpu-model/bochs/tests/checkpoint.sh \
	cpu-model/bochs/tests/off.sh \
	cpu-model/bochs/tests/mends.sh \
	cpu-model/bochs/tests/mends-rom.c \
	cpu-model/bochs/tests/capability.sh \
	cpu-model/bochs/tests/timing.sh \
	cpu-model/bochs/tests/clocks.sh \
	cpu-model/bochs/tests/clocks.S \
	cpu-model/bochs/tests/whole.json \
	cpu-model/bochs/insertions \
	cpu-model/bochs/instrument \
	cpu-model/bochs/epml_bochs.cc \
	cpu-model/bochs/epml_bochs.h \
	cpu-model/bochs/epml_events.cc \
	cpu-model/bochs/epml_full.cc \
	cpu-model/bochs/epml_members.h \
	cpu-model/bochs/epml_mends.cc \
	cpu-model/bochs/epml_option.cc \
	cpu-model/bochs/epml_option.h \
	cpu-model/bochs/epml_spp.cc \
	cpu-model/bochs/epml_time.h \
	cpu-model/bochs/epml_timing.cc \
	cpu-model/bochs/epml_vmx.cc \
	cpu-model/bochs/build-bochs.sh \
	cpu-model/bochs/fetch-bochs.sh \
	cpu-model/bochs/insert.sh
