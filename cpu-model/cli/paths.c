/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"

#define BUILD_ROM "guest-firmware/rom/rom.bin"
#define BUILD_MICRO_ROM "guest-firmware/rom/micro/micro.bin"

static char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *format(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (len < 0) {
		fprintf(stderr, "epml: out of memory\n");
		exit(2);
	}
	return s;
}

/* The environment's word, or the default, which is taken over. */
static char *environment(const char *name, char *fallback)
{
	const char *value = getenv(name);

	if (!value || !*value)
		return fallback;
	free(fallback);
	return format("%s", value);
}

/* Directory of the running program; "" if the system does not tell. */
static void program_directory(char *dir, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", dir, size - 1);
	char *slash;

	dir[len > 0 ? len : 0] = '\0';
	slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
}

static void build_tree(struct paths *p, const char *dir)
{
	p->vectors = format("%s/testvectors/vectors", EPML_SRCDIR);
	p->rom = format("%s/%s", dir, BUILD_ROM);
	p->micro_rom = format("%s/%s", dir, BUILD_MICRO_ROM);
	p->bochs = format("%s/bochs/model/bochs", dir);
	p->bochs_stock = format("%s/bochs/stock/bochs", dir);
	p->bochs_timing = format("%s/bochs/timing/bochs", dir);
	p->bench = format("%s/bench.json", dir);
	p->micro = format("%s/micro", dir);
	p->costs = format("%s/cpu-model/timing/costs", EPML_SRCDIR);
	p->published = format("%s/cpu-model/timing/published.json", EPML_SRCDIR);
	p->published_tracking = format("%s/hv-shim/experiment/published-tracking.json",
				       EPML_SRCDIR);
	p->ooh_bench = format("%s/guest-firmware/linux/bench/ooh-bench", dir);
	p->ooh_track = format("%s/guest-firmware/linux/bench/ooh-track", dir);
	p->include_spec = format("%s/vmcs-spec", dir);
	p->include_guest = format("%s/guest-firmware/rom", EPML_SRCDIR);
	p->xen_image = format("%s/xen/image", dir);
	p->xen_hypervisor = format("%s/xen/hypervisor/xen", dir);
	p->ooh_module = format("%s/guest-firmware/linux/module/ooh.ko", dir);
}

static void installed(struct paths *p)
{
	p->vectors = format("%s/vectors", PKGDATADIR);
	p->rom = format("%s/rom.bin", PKGDATADIR);
	p->micro_rom = format("%s/micro.bin", PKGDATADIR);
	p->bochs = format("%s/bochs/model/bochs", PKGLIBEXECDIR);
	p->bochs_stock = format("%s/bochs/stock/bochs", PKGLIBEXECDIR);
	p->bochs_timing = format("%s/bochs/timing/bochs", PKGLIBEXECDIR);
	p->bench = format("%s/bench.json", PKGDATADIR);
	p->micro = format("%s/micro", PKGDATADIR);
	p->costs = format("%s/costs", PKGDATADIR);
	p->published = format("%s/published.json", PKGDATADIR);
	p->published_tracking = format("%s/published-tracking.json", PKGDATADIR);
	p->ooh_bench = format("%s/ooh-bench", PKGLIBEXECDIR);
	p->ooh_track = format("%s/ooh-track", PKGLIBEXECDIR);
	p->include_spec = format("%s/epml", INCLUDEDIR);
	p->include_guest = format("%s/epml", INCLUDEDIR);
	p->xen_image = format("%s/xen/image", PKGDATADIR);
	p->xen_hypervisor = format("%s/xen/hypervisor/xen", PKGDATADIR);
	p->ooh_module = format("%s/xen/ooh.ko", PKGDATADIR);
}

void paths_init(struct paths *p)
{
	char dir[PATH_MAX], *rom;
	const char *data = getenv("EPML_DATADIR");

	program_directory(dir, sizeof(dir));
	rom = format("%s/%s", dir, BUILD_ROM);
	if (!access(rom, R_OK))
		build_tree(p, dir);
	else
		installed(p);
	free(rom);
	if (data && *data) {
		free(p->vectors);
		free(p->rom);
		p->vectors = format("%s/vectors", data);
		p->rom = format("%s/rom.bin", data);
	}
	p->bochs = environment("EPML_BOCHS", p->bochs);
	p->bochs_stock = environment("EPML_BOCHS_STOCK", p->bochs_stock);
	p->bochs_timing = environment("EPML_BOCHS_TIMING", p->bochs_timing);
	p->xen_image = environment("EPML_XEN_IMAGE", p->xen_image);
	p->xen_hypervisor = environment("EPML_XEN", p->xen_hypervisor);
}

void paths_free(struct paths *p)
{
	free(p->vectors);
	free(p->rom);
	free(p->micro_rom);
	free(p->bochs);
	free(p->bochs_stock);
	free(p->bochs_timing);
	free(p->bench);
	free(p->micro);
	free(p->costs);
	free(p->published);
	free(p->published_tracking);
	free(p->ooh_bench);
	free(p->ooh_track);
	free(p->include_spec);
	free(p->include_guest);
	free(p->xen_image);
	free(p->xen_hypervisor);
	free(p->ooh_module);
}
