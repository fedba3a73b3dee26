/* SPDX-License-Identifier: BSD-2-Clause */
/* The initial file systems: what the job adds, and behind it that of the image. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_error.h"
#include "newc.h"
#include "xen_dir.h"

void xen_guest_name(unsigned guest, char *name, size_t size)
{
	if (guest)
		snprintf(name, size, "guest%u", guest + 1);
	else
		snprintf(name, size, "guest");
}

unsigned xen_guests(const struct xen_job *job)
{
	return job->guests ? job->guests : 1;
}

unsigned xen_guest_memory(const struct xen_job *job)
{
	return job->guest_memory ? job->guest_memory : XEN_GUEST_MEMORY;
}

static int append(FILE *out, const char *path)
{
	FILE *in = fopen(path, "re");
	char buf[65536];
	size_t n;

	if (!in)
		return cli_error("%s: %s", path, strerror(errno));
	while ((n = fread(buf, 1, sizeof(buf), in)))
		fwrite(buf, 1, n, out);
	fclose(in);
	return 0;
}

static int add_files(struct newc *n, const struct xen_file *files, size_t n_files)
{
	for (size_t i = 0; i < n_files; i++) {
		if (files[i].guest_path[0] != '/')
			return cli_error("%s: expected an absolute path in the guest",
					 files[i].guest_path);
		if (newc_file(n, files[i].guest_path, files[i].path))
			return cli_error("%s: %s", files[i].path, strerror(errno));
	}
	return 0;
}

static int add_script(struct newc *n, const char *path, const char *text)
{
	char *script;
	const int size = asprintf(&script, "#!/bin/sh\n%s\n", text);

	if (size < 0)
		return cli_error("out of memory");
	newc_data(n, path, 0755, script, (size_t)size);
	free(script);
	return 0;
}

/* What is added to the guests' initramfs. */
static int write_guest_part(FILE *out, const struct xen_job *job)
{
	struct newc n;
	int status;

	newc_begin(&n, out);
	status = add_files(&n, job->files, job->n_files);
	if (!status && !access(job->paths->ooh_module, R_OK) &&
	    newc_file(&n, "/lib/modules/ooh.ko", job->paths->ooh_module))
		status = cli_error("%s: %s", job->paths->ooh_module, strerror(errno));
	if (!status && job->command)
		status = add_script(&n, "/job/run", job->command);
	if (job->shell)
		newc_data(&n, "/job/shell", 0644, "", 0);
	newc_end(&n);
	return status;
}

/* The port is that of no device: it is how Xen is told that a guest has the right to OoH calls. */
static int add_config(struct newc *n, const struct xen_job *job, unsigned guest)
{
	char name[16], path[40], *text;
	int size;

	xen_guest_name(guest, name, sizeof(name));
	snprintf(path, sizeof(path), "/job/%s.cfg", name);
	size = asprintf(&text,
		"name = \"%s\"\n"
		"type = \"pvh\"\n"
		"kernel = \"/guest/vmlinux\"\n"
		"ramdisk = \"/run/guest.initrd\"\n"
		"memory = %u\n"
		"vcpus = %u\n"
		"ioports = [ \"4f6\" ]\n"
		"extra = \"console=hvc0 mitigations=off cryptomgr.notests=1 "
		"initcall_blacklist=jent_mod_init %s %s\"\n"
		"on_poweroff = \"destroy\"\n"
		"on_reboot = \"destroy\"\n"
		"on_crash = \"destroy\"\n"
		"%s\n",
		name, xen_guest_memory(job), job->vcpus ? job->vcpus : 1,
		job->verbose ? "earlyprintk=xen" : "loglevel=3",
		job->guest_cmdline ? job->guest_cmdline : "",
		job->guest_config ? job->guest_config : "");
	if (size < 0)
		return cli_error("out of memory");
	newc_data(n, path, 0644, text, (size_t)size);
	free(text);
	return 0;
}

/* What dom0's initramfs gets; the guests' part is one file in it. */
static int write_dom0_part(FILE *out, const struct xen_job *job, const char *guest_part)
{
	struct newc n;
	int status;

	newc_begin(&n, out);
	status = add_files(&n, job->dom0_files, job->n_dom0_files);
	if (!status && newc_file(&n, "/job/guest.cpio", guest_part))
		status = cli_error("%s: %s", guest_part, strerror(errno));
	for (unsigned guest = 0; guest < xen_guests(job) && !status; guest++)
		status = add_config(&n, job, guest);
	if (!status && job->dom0_script)
		status = add_script(&n, "/job/dom0.sh", job->dom0_script);
	if (job->shell)
		newc_data(&n, "/job/shell", 0644, "", 0);
	newc_end(&n);
	return status;
}

int xen_initrd_write(const struct xen_dir *d, const struct xen_job *job)
{
	char base[PATH_MAX], guest_part[XEN_DIR_FILE];
	FILE *out = xen_dir_create(d, "guest.cpio");
	int status;

	if (!out)
		return STATUS_BAD;
	status = write_guest_part(out, job);
	status = xen_dir_finish(d, "guest.cpio", out) || status ? STATUS_BAD : 0;
	out = status ? NULL : xen_dir_create(d, "initrd");
	if (!out)
		return STATUS_BAD;
	snprintf(base, sizeof(base), "%s/dom0.lz4", job->paths->xen_image);
	snprintf(guest_part, sizeof(guest_part), "%s/guest.cpio", d->path);
	status = write_dom0_part(out, job, guest_part);
	/* Behind a compressed archive the kernel would expect nothing more. */
	if (!status)
		status = append(out, base);
	return xen_dir_finish(d, "initrd", out) || status ? STATUS_BAD : 0;
}

