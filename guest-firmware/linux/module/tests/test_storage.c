// SPDX-License-Identifier: BSD-2-Clause
/*
 * The dirty flags are the kernel's too: tracking must not make it forget to write a page to a file
 * or to swap. Both are on RAM disks; the modules brd and minix come with the job.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "world.h"

#define PAGES  128
#define ROUNDS 4

static struct tracker t;
static uint8_t seen[PAGES], wanted[PAGES];

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

/* Pages that do not have the value at the place where write_pages() put it. */
static size_t wrong_values(const volatile uint8_t *area, uint8_t value)
{
	size_t i, wrong = 0;

	for (i = 0; i < PAGES; i++)
		wrong += area[i * PAGE + i % PAGE] != value;
	return wrong;
}

/* The page on the disk, past the page cache of the mapping. */
static size_t wrong_in_file(const char *path, uint8_t value)
{
	uint8_t *copy = malloc(PAGES * PAGE);
	size_t wrong = PAGES;
	int fd;

	write_text("/proc/sys/vm/drop_caches", "3");
	fd = open(path, O_RDONLY);
	if (read(fd, copy, PAGES * PAGE) == PAGES * PAGE)
		wrong = wrong_values(copy, value);
	close(fd);
	free(copy);
	return wrong;
}

#define BLOCK	   1024
#define BLOCKS	   2048
#define INODES	   64
#define FIRST_ZONE 6

struct minix_super {
	uint16_t inodes, zones, inode_map_blocks, zone_map_blocks, first_zone, log_zone_size;
	uint32_t max_size;
	uint16_t magic, state;
};

struct minix_inode {
	uint16_t mode, uid;
	uint32_t size, time;
	uint8_t gid, links;
	uint16_t zones[9];
};

struct minix_entry {
	uint16_t inode;
	char name[14];
};

/* An empty Minix file system: super block, two bit maps, inodes, the root directory. */
static bool make_filesystem(const char *device)
{
	const struct minix_super super = {INODES, BLOCKS, 1, 1, FIRST_ZONE, 0, 519 * BLOCK, 0x137f,
					  1};
	const struct minix_inode root = {
		S_IFDIR | 0755, 0, 2 * sizeof(struct minix_entry), 0, 0, 2, {FIRST_ZONE}};
	const struct minix_entry entries[2] = {{1, "."}, {1, ".."}};
	uint8_t *image = calloc(FIRST_ZONE + 1, BLOCK);
	int fd = open(device, O_WRONLY);
	bool done;

	memcpy(image + BLOCK, &super, sizeof(super));
	image[2 * BLOCK] = 3;
	image[3 * BLOCK] = 3;
	memcpy(image + 4 * BLOCK, &root, sizeof(root));
	memcpy(image + FIRST_ZONE * BLOCK, entries, sizeof(entries));
	done = write(fd, image, (FIRST_ZONE + 1) * BLOCK) == (FIRST_ZONE + 1) * BLOCK;
	free(image);
	return !close(fd) && done;
}

static bool mount_disk(void)
{
	if (load_module("minix", "") || !make_filesystem("/dev/ram0"))
		return false;
	mkdir("/tmp/disk", 0700);
	return !mount("/dev/ram0", "/tmp/disk", "minix", 0, NULL);
}

/*
 * Each round: write, collect and re-arm, so that the flags in the page tables are clear when the
 * mapping goes away and the kernel decides what to write.
 */
static void file_pages(void)
{
	const char *path = "/tmp/disk/file";
	uint8_t *area;
	int fd, round;

	if (!mount_disk()) {
		skip("file", "no minix.ko, or it cannot be mounted");
		return;
	}
	fd = open(path, O_RDWR | O_CREAT, 0600);
	check(!ftruncate(fd, PAGES * PAGE), "a file of %u pages", PAGES);
	memset(wanted, 1, PAGES);
	for (round = 1; round <= ROUNDS; round++) {
		area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		write_pages(area, PAGES, NULL, round);
		collect(&t, area, PAGES, seen);
		check(!differences(seen, wanted, PAGES), "file: all pages are found");
		rearm(&t, area, PAGES);
		if (round & 1) {
			msync(area, PAGES * PAGE, MS_SYNC);
			write_pages(area, PAGES, NULL, round + 64);
			collect(&t, area, PAGES, seen);
			check(!differences(seen, wanted, PAGES), "file: again after msync");
			rearm(&t, area, PAGES);
			write_pages(area, PAGES, NULL, round);
			rearm(&t, area, PAGES);
		}
		munmap(area, PAGES * PAGE);
		sync();
		check(!wrong_in_file(path, round), "file: what was written is on the disk");
	}
	close(fd);
	umount("/tmp/disk");
}

/* How many pages of the area are in memory. */
static size_t resident(void *area)
{
	unsigned char in[PAGES];
	size_t i, n = 0;

	if (mincore(area, PAGES * PAGE, in))
		return PAGES;
	for (i = 0; i < PAGES; i++)
		n += in[i] & 1;
	return n;
}

static bool swap_on(void)
{
	return !system("mkswap /dev/ram1 >/dev/null") && !syscall(SYS_swapon, "/dev/ram1", 0);
}

static void swapped_pages(void)
{
	uint8_t *area = map_pages(PAGES);
	int round;

	if (!swap_on()) {
		skip("swap", "the RAM disk cannot be used for swap");
		return;
	}
	memset(wanted, 1, PAGES);
	for (round = 1; round <= ROUNDS; round++) {
		write_pages(area, PAGES, NULL, round);
		collect(&t, area, PAGES, seen);
		check(!differences(seen, wanted, PAGES), "swap: all pages are found");
		rearm(&t, area, PAGES);
		madvise(area, PAGES * PAGE, MADV_PAGEOUT);
		check(resident(area) < PAGES, "swap: %zu of %u pages stay in memory",
		      resident(area), PAGES);
		check(!wrong_values(area, round), "swap: what was written comes back");
	}
	check(collect(&t, area, PAGES, seen) == 0, "swap: what comes back was not modified");
	syscall(SYS_swapoff, "/dev/ram1");
	check(!wrong_values(area, ROUNDS), "swap: also when it is turned off");
	munmap(area, PAGES * PAGE);
}

void test_storage(void)
{
	if (load_module("brd", "rd_nr=2 rd_size=4096")) {
		skip("storage", "no brd.ko");
		return;
	}
	usleep(100000);
	tracker_open(&t, getpid(), OOH_KIND_EPML, 64);
	check(!call(t.fd, OOH_IOC_START, NULL), "START");
	file_pages();
	swapped_pages();
	tracker_close(&t);
}
