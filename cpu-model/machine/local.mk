# SPDX-License-Identifier: BSD-2-Clause
# libmachine: the standalone machine around libepml. Needs libepml.a and the tables of vmcs-spec.

noinst_LIBRARIES += %D%/libmachine.a
%C%_libmachine_a_SOURCES = \
	%D%/event.c %D%/guest.c %D%/host.c %D%/linear.c %D%/machine.c %D%/machine.h \
	%D%/machine_priv.h %D%/mem.c %D%/steps.c %D%/steps_mem.c %D%/steps_vmx.c %D%/steps_xsave.c \
	%D%/tlb.c %D%/vapic.c %D%/vmcs.c %D%/vmx.c %D%/walk.c

# Unit tests: what every instruction, walk, translation, interrupt and event does.
check_LIBRARIES += %D%/tests/libmachinetest.a
%C%_tests_libmachinetest_a_SOURCES = %D%/tests/world.c %D%/tests/world.h
%C%_tests_libmachinetest_a_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

MACHINE_TESTS = \
	%D%/tests/test-event %D%/tests/test-machine %D%/tests/test-steps %D%/tests/test-tlb \
	%D%/tests/test-vapic %D%/tests/test-vmx %D%/tests/test-walk %D%/tests/test-xsave
MACHINE_TEST_LIBS = \
	%D%/tests/libmachinetest.a %D%/libmachine.a cpu-model/lib/libepml.a \
	vmcs-spec/libspec.a $(CMOCKA_LIBS)

check_PROGRAMS += $(MACHINE_TESTS)
TESTS += $(MACHINE_TESTS)

%C%_tests_test_event_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_event_LDADD = $(MACHINE_TEST_LIBS)
%C%_tests_test_machine_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_machine_LDADD = $(MACHINE_TEST_LIBS)
%C%_tests_test_steps_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_steps_LDADD = $(MACHINE_TEST_LIBS)
%C%_tests_test_tlb_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_tlb_LDADD = $(MACHINE_TEST_LIBS)
%C%_tests_test_vapic_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_vapic_LDADD = $(MACHINE_TEST_LIBS)
%C%_tests_test_vmx_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_vmx_LDADD = $(MACHINE_TEST_LIBS)
%C%_tests_test_walk_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_walk_LDADD = $(MACHINE_TEST_LIBS)
%C%_tests_test_xsave_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_tests_test_xsave_LDADD = $(MACHINE_TEST_LIBS)
