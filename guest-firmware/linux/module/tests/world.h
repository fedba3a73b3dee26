/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the tests of the OoH Module: TAP lines, and trackers as the ioctls give them.
 */
#ifndef OOH_TEST_WORLD_H
#define OOH_TEST_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ooh_uapi.h"

#define PAGE 4096ul

/* Of OOH_IOC_CAPS; ooh_call.h tells of them. */
#define CAP_EPML      1u
#define CAP_SPML      2u
#define CAP_SPP	      4u
#define CAP_EPT_DIRTY 8u
#define CAP_LOG_EXITS 16u

/* One TAP line. Returns whether it was "ok". */
bool check(bool passed, const char *format, ...) __attribute__((format(printf, 2, 3)));
void skip(const char *what, const char *why);
int finish(void);

struct tracker {
	int fd;
	int uio;
	uint32_t number;
	struct ooh_user_ring *ring;
	const uint64_t *entries;
	size_t bytes;
};

extern uint32_t caps;

/* The negative of an error number, or 0. */
int call(int fd, unsigned long request, void *arg);
int open_ooh(void);

/* Register a process and map its ring. Both end the test program if it cannot be done. */
void tracker_open(struct tracker *t, pid_t pid, uint32_t kind, uint32_t ring_pages);
void tracker_close(struct tracker *t);

/*
 * Drain and take all entries of the ring. Bit i of the result's bytes says whether page i of the
 * area is among them. Returns how many pages of the area are; frees nothing, seen has one byte for
 * each page.
 */
size_t collect(struct tracker *t, const void *area, size_t pages, uint8_t *seen);
int rearm(struct tracker *t, const void *area, size_t pages);

/* Pages that are in one of the sets only; the first few are printed. */
size_t differences(const uint8_t *seen, const uint8_t *expected, size_t pages);

void *map_pages(size_t pages);
void write_pages(void *area, size_t pages, const uint8_t *which, uint8_t value);

/* Load a kernel module of the job or of the image: 0 if it is loaded or was. */
int load_module(const char *name, const char *parameters);

void test_calls(void);
void test_life(void);
void test_pages(void);
void test_kernel(void);
void test_storage(void);
void test_published(void);

#endif
