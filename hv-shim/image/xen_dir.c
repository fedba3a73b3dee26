/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bochs_dir.h"
#include "cli_error.h"
#include "tool.h"
#include "xen_dir.h"

/* Bochs's disks are whole cylinders. */
#define CYLINDER	(16L * 63 * 512)

static const char *const image_files[] = {
	"xen", "vmlinux", "dom0.lz4", "eltorito.img", "boot.img", "bios.bin", "vgabios.bin"
};

const char *xen_job_bochs(const struct xen_job *job)
{
	return job->timing == XEN_TIMING_FULL ? job->paths->bochs_timing : job->paths->bochs;
}

/* Beside their memory, Xen needs some for each guest's tables, and some for itself. */
unsigned xen_job_memory(const struct xen_job *job)
{
	const unsigned guests = xen_guests(job) * (xen_guest_memory(job) + 48);
	const unsigned wanted = XEN_DOM0_MEMORY + 128 + guests;

	if (job->memory)
		return job->memory;
	return wanted > XEN_MIN_MEMORY ? wanted : XEN_MIN_MEMORY;
}

/* ---- What is needed -------------------------------------------------------------------------- */

static int check_file(const char *path, const char *make)
{
	return access(path, R_OK) ? cli_error("%s is missing; run \"make %s\"", path, make) : 0;
}

static int check_parts(const struct xen_job *job)
{
	const struct paths *p = job->paths;
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(image_files) / sizeof(image_files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", p->xen_image, image_files[i]);
		if (check_file(path, "xen-image"))
			return STATUS_BAD;
	}
	if (!job->stock_xen && check_file(p->xen_hypervisor, "xen-hypervisor"))
		return STATUS_BAD;
	return check_file(xen_job_bochs(job), job->timing == XEN_TIMING_FULL ? "bochs-timing"
									     : "bochs-model");
}

/* ---- Files ----------------------------------------------------------------------------------- */

FILE *xen_dir_create(const struct xen_dir *d, const char *name)
{
	char path[XEN_DIR_FILE];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	out = fopen(path, "we");
	if (!out)
		cli_error("%s: %s", path, strerror(errno));
	return out;
}

int xen_dir_finish(const struct xen_dir *d, const char *name, FILE *out)
{
	const bool bad = ferror(out);

	return fclose(out) || bad ? cli_error("cannot write %s/%s", d->path, name) : 0;
}

/* ---- The image ------------------------------------------------------------------------------- */

static int write_grub(const struct xen_dir *d, const struct xen_job *job)
{
	const bool published = job->params && strstr(job->params, "profile=published");
	FILE *out = xen_dir_create(d, "grub.cfg");

	if (!out)
		return STATUS_BAD;
	fprintf(out, "multiboot2 /boot/xen dom0_mem=%uM,max:%uM dom0_max_vcpus=1 console=com1 "
		"com1=115200,8n1 bootscrub=0 %s%s %s\n", XEN_DOM0_MEMORY, XEN_DOM0_MEMORY,
		job->verbose ? "loglvl=all guest_loglvl=all" : "loglvl=warning guest_loglvl=none",
		published ? " ooh=published" : "", job->xen_cmdline ? job->xen_cmdline : "");
	/* Tests of algorithms take seconds here; dom0 has no secrets that need clean memory. */
	fprintf(out, "module2 /boot/vmlinux console=hvc0 mitigations=off cryptomgr.notests=1 "
		"init_on_alloc=0 initcall_blacklist=jent_mod_init,init_kprobe_trace %s\n",
		job->verbose ? "" : "loglevel=3");
	fprintf(out, "module2 --nounzip /boot/initrd\nboot\n");
	return xen_dir_finish(d, "grub.cfg", out);
}

/* The image is booted as a disk, which Bochs reads faster than a CD; it is both. */
static int write_iso(const struct xen_dir *d, const struct xen_job *job)
{
	const char *image = job->paths->xen_image;
	char xen[PATH_MAX + 20], kernel[PATH_MAX + 30], initrd[XEN_DIR_FILE + 20];
	char grub[XEN_DIR_FILE + 20], el_torito[PATH_MAX + 40], mbr[PATH_MAX + 20];
	char iso[XEN_DIR_FILE], output[XEN_DIR_FILE], text[200];
	const char *const argv[] = {
		"xorriso", "-as", "mkisofs", "-quiet", "-r", "-f", "-graft-points",
		"--modification-date=2020010100000000", "--set_all_file_dates", "2020010100000000",
		"-b", "boot/eltorito.img", "-no-emul-boot", "-boot-load-size", "4",
		"-boot-info-table", "--grub2-boot-info", "--grub2-mbr", mbr, "-o", iso,
		xen, kernel, initrd, grub, el_torito, NULL
	};
	struct stat st;
	int status;

	snprintf(mbr, sizeof(mbr), "%s/boot.img", image);
	snprintf(iso, sizeof(iso), "%s/boot.iso", d->path);
	snprintf(output, sizeof(output), "%s/xorriso", d->path);
	snprintf(xen, sizeof(xen), "/boot/xen=%s%s", job->stock_xen ? image : "",
		 job->stock_xen ? "/xen" : job->paths->xen_hypervisor);
	snprintf(kernel, sizeof(kernel), "/boot/vmlinux=%s/vmlinux", image);
	snprintf(initrd, sizeof(initrd), "/boot/initrd=%s/initrd", d->path);
	snprintf(grub, sizeof(grub), "/boot/grub.cfg=%s/grub.cfg", d->path);
	snprintf(el_torito, sizeof(el_torito), "/boot/eltorito.img=%s/eltorito.img", image);
	status = tool_run(argv, output, text, sizeof(text));
	if (status < 0)
		return cli_error("%s", text);
	if (status > 0)
		return cli_error("xorriso failed with status %d", status);
	if (stat(iso, &st) || truncate(iso, (st.st_size + CYLINDER - 1) / CYLINDER * CYLINDER))
		return cli_error("%s: %s", iso, strerror(errno));
	return 0;
}

/* ---- Bochs ----------------------------------------------------------------------------------- */

static int write_model(FILE *out, const struct xen_job *job)
{
	char *costs;

	/* With the clock's time0, a run repeats bit for bit (docs/bochs.md). */
	fprintf(out, "epml: enabled=1, seed=1");
	if (job->params)
		fprintf(out, ", %s", job->params);
	if (job->trace)
		fprintf(out, ", trace=trace");
	if (job->timing != XEN_TIMING_OFF) {
		costs = bochs_absolute_path(job->costs);
		if (!costs)
			return STATUS_BAD;
		fprintf(out, ", timing=%s, costs=%s, timing-out=timing.json",
			job->timing == XEN_TIMING_FULL ? "full" : "events", costs);
		free(costs);
		for (const char *const *p = job->phases; p && *p; p++)
			fprintf(out, ", phase=%s", *p);
	}
	putc('\n', out);
	return 0;
}

static int write_rc(const struct xen_dir *d, const struct xen_job *job, const char *terminal)
{
	FILE *out = xen_dir_create(d, "bochsrc");
	int status;

	if (!out)
		return STATUS_BAD;
	fprintf(out,
		"cpu: model=corei7_icelake_u, count=1, ips=100000000, ignore_bad_msrs=1\n"
		"megs: %u\n"
		"romimage: file=\"%s/bios.bin\"\n"
		"vgaromimage: file=\"%s/vgabios.bin\"\n"
		"ata0-master: type=disk, path=boot.iso, mode=flat\n"
		"boot: disk\n"
		"com1: enabled=1, mode=term, dev=%s\n"
		"display_library: %s\n"
		"clock: sync=none, time0=1000000000\n"
		"log: log\n"
		"panic: action=fatal\n"
		"error: action=ignore\n"
		"info: action=ignore\n"
		"debug: action=ignore\n",
		xen_job_memory(job), job->paths->xen_image, job->paths->xen_image, terminal,
		job->gui ? "sdl2" : "nogui");
	status = write_model(out, job);
	return xen_dir_finish(d, "bochsrc", out) || status ? STATUS_BAD : 0;
}

/* ---- The directory --------------------------------------------------------------------------- */

static int make_directory(struct xen_dir *d, const struct xen_job *job)
{
	char text[300];
	int size;

	if (!job->keep)
		return tempdir_make(d->path, text, sizeof(text)) ? cli_error("%s", text) : 0;
	size = snprintf(d->path, sizeof(d->path), "%s", job->keep);
	if (size >= (int)sizeof(d->path))
		return cli_error("%s: the path is too long", job->keep);
	d->keep = true;
	return mkdir(d->path, 0777) ? cli_error("%s: %s", job->keep, strerror(errno)) : 0;
}

int xen_dir_make(struct xen_dir *d, const struct xen_job *job, const char *terminal)
{
	*d = (struct xen_dir){ .keep = false };
	if (check_parts(job) || make_directory(d, job))
		return STATUS_BAD;
	snprintf(d->log, sizeof(d->log), "%s/log", d->path);
	snprintf(d->errors, sizeof(d->errors), "%s/errors", d->path);
	snprintf(d->console, sizeof(d->console), "%s/console", d->path);
	if (xen_initrd_write(d, job) || write_grub(d, job) || write_iso(d, job) ||
	    write_rc(d, job, terminal)) {
		d->keep = false;
		xen_dir_remove(d);
		return STATUS_BAD;
	}
	return 0;
}

void xen_dir_remove(struct xen_dir *d)
{
	if (!d->keep)
		tempdir_remove(d->path);
}
