/* SPDX-License-Identifier: BSD-2-Clause */
/* epml xen: options, and what they ask for. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bochs_child.h"
#include "cli_options.h"
#include "cmd_xen.h"
#include "cmd_xen_run.h"
#include "timing_run.h"
#include "xen_attach.h"
#include "xen_job.h"

#define MAX_FILES	64u
#define MAX_SCRIPT	65536u

static const char usage[] =
	"usage: epml xen boot [OPTION]...\n"
	"       epml xen shell [OPTION]...\n"
	"       epml xen console [DIR]\n"
	"       epml xen run [OPTION]... [-- PROGRAM [ARG]...]\n"
	"\n"
	"Boot Xen, Linux as dom0 and Linux as guest on the proposed processor, in Bochs.\n"
	"docs/xen.md tells how it is put together, and what a job can do.\n"
	"\n"
	"  boot     boot, start the guest and power off; prints each phase with its seconds\n"
	"  shell    boot, and give a prompt in the guest; its end powers off\n"
	"  console  connect this terminal to the console of a running boot; DIR is its directory\n"
	"  run      track dirty pages in the guest: \"epml xen run --help\"\n"
	"\n"
	"  --profile P          published or hardened (default)\n"
	"  --timing MODE        off (default), events or full: count cycles\n"
	"  --costs NAME|FILE    the processor that they are counted for (default i7-8565u)\n"
	"  --timing-out FILE    where the count goes\n"
	"  --memory MB          of the machine (default 1280, more if the guests need more)\n"
	"  --guest-memory MB    of each guest (default 192)\n"
	"  --guests N           guests at the same time (default 1)\n"
	"  --vcpus N            virtual processors of each guest (default 1)\n"
	"  --command TEXT       shell commands for each guest, which then powers off\n"
	"  --file FILE[=PATH]   put a file into each guest (default /job/NAME)\n"
	"  --dom0-script FILE   shell script for dom0, instead of starting the guests\n"
	"  --dom0-file FILE[=PATH]  put a file into dom0\n"
	"  --guest-config LINE  more of the guests' configuration (xl.cfg)\n"
	"  --guest-cmdline TEXT, --xen-cmdline TEXT  more words for kernel or hypervisor\n"
	"  --limit SECONDS      of Bochs without progress, after which a boot hangs (default 120)\n"
	"  --stock-xen          Debian's hypervisor, not ours: no OoH calls\n"
	"  --gui                show the machine's screen in a window\n"
	"  --verbose            the whole console, with all that the kernels tell\n"
	"  --keep DIR           keep image, logs and console in the new directory DIR\n"
	"  --help               print this\n"
	"\n"
	"Exit status: 0; 1 if the boot hung or something in it failed; 2 for bad input or if\n"
	"something is missing.\n";

struct files {
	struct xen_file file[MAX_FILES];
	size_t n;
};

struct options {
	struct xen_job job;
	struct files files, dom0_files;
	char *dom0_script;		/* its text */
	int profile;
	const char *costs;
	bool help;
};

/* ---- Options --------------------------------------------------------------------------------- */

enum { OPT_COMMAND = 256, OPT_COSTS, OPT_DOM0_FILE, OPT_DOM0_SCRIPT, OPT_FILE, OPT_GUESTS,
       OPT_GUEST_CMDLINE, OPT_GUEST_CONFIG, OPT_GUEST_MEMORY, OPT_GUI, OPT_HELP, OPT_KEEP,
       OPT_LIMIT, OPT_MEMORY, OPT_PROFILE, OPT_STOCK_XEN, OPT_TIMING, OPT_TIMING_OUT, OPT_VCPUS,
       OPT_VERBOSE, OPT_XEN_CMDLINE };

static const struct option long_options[] = {
	{ "command", required_argument, NULL, OPT_COMMAND },
	{ "costs", required_argument, NULL, OPT_COSTS },
	{ "dom0-file", required_argument, NULL, OPT_DOM0_FILE },
	{ "dom0-script", required_argument, NULL, OPT_DOM0_SCRIPT },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "guest-cmdline", required_argument, NULL, OPT_GUEST_CMDLINE },
	{ "guest-config", required_argument, NULL, OPT_GUEST_CONFIG },
	{ "guest-memory", required_argument, NULL, OPT_GUEST_MEMORY },
	{ "guests", required_argument, NULL, OPT_GUESTS },
	{ "gui", no_argument, NULL, OPT_GUI },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "keep", required_argument, NULL, OPT_KEEP },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "stock-xen", no_argument, NULL, OPT_STOCK_XEN },
	{ "timing", required_argument, NULL, OPT_TIMING },
	{ "timing-out", required_argument, NULL, OPT_TIMING_OUT },
	{ "vcpus", required_argument, NULL, OPT_VCPUS },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "xen-cmdline", required_argument, NULL, OPT_XEN_CMDLINE },
	{ NULL, 0, NULL, 0 },
};

static int parse_range(const char *option, unsigned min, unsigned max, unsigned *n)
{
	uint64_t value;
	const int status = option_number(option, optarg, min, max, &value);

	if (!status)
		*n = (unsigned)value;
	return status;
}

static int parse_profile(struct options *o)
{
	o->profile = profile_find(optarg);
	return o->profile < 0
		? cli_error("--profile %s: expected published or hardened", optarg) : 0;
}

static int parse_timing(struct options *o)
{
	static const char *const words[] = {
		[XEN_TIMING_OFF] = "off", [XEN_TIMING_EVENTS] = "events",
		[XEN_TIMING_FULL] = "full"
	};

	for (int i = XEN_TIMING_OFF; i <= XEN_TIMING_FULL; i++) {
		if (!strcmp(words[i], optarg)) {
			o->job.timing = (enum xen_timing)i;
			return 0;
		}
	}
	return cli_error("--timing %s: expected off, events or full", optarg);
}

/* FILE or FILE=PATH */
static int parse_file(const char *option, struct files *files)
{
	char *equals = strrchr(optarg, '='), *path;
	const char *slash;

	if (files->n == MAX_FILES)
		return cli_error("%s: at most %u are taken", option, MAX_FILES);
	if (equals && equals[1] != '/')
		return cli_error("%s %s: expected FILE or FILE=PATH, with an absolute path",
				 option, optarg);
	if (equals)
		*equals = '\0';
	slash = strrchr(optarg, '/');
	if (access(optarg, R_OK))
		return cli_error("%s %s: %s", option, optarg, strerror(errno));
	if (asprintf(&path, "%s%s", equals ? "" : "/job/", equals ? equals + 1
		     : slash ? slash + 1 : optarg) < 0)
		return cli_error("out of memory");
	files->file[files->n++] = (struct xen_file){ .path = optarg, .guest_path = path };
	return 0;
}

static int parse_script(struct options *o)
{
	FILE *in = fopen(optarg, "re");
	size_t n;

	if (!in)
		return cli_error("--dom0-script %s: %s", optarg, strerror(errno));
	free(o->dom0_script);
	o->dom0_script = calloc(1, MAX_SCRIPT);
	n = o->dom0_script ? fread(o->dom0_script, 1, MAX_SCRIPT, in) : 0;
	fclose(in);
	if (!n || n == MAX_SCRIPT)
		return cli_error("--dom0-script %s: expected 1 to %u bytes", optarg,
				 MAX_SCRIPT - 1);
	o->job.dom0_script = o->dom0_script;
	return 0;
}

static int parse_option(int option, struct options *o)
{
	switch (option) {
	case OPT_COMMAND:
		o->job.command = optarg;
		return 0;
	case OPT_COSTS:
		o->costs = optarg;
		return 0;
	case OPT_DOM0_FILE:
		return parse_file("--dom0-file", &o->dom0_files);
	case OPT_DOM0_SCRIPT:
		return parse_script(o);
	case OPT_FILE:
		return parse_file("--file", &o->files);
	case OPT_GUESTS:
		return parse_range("--guests", 1, XEN_MAX_GUESTS, &o->job.guests);
	case OPT_GUEST_CMDLINE:
		o->job.guest_cmdline = optarg;
		return 0;
	case OPT_GUEST_CONFIG:
		o->job.guest_config = optarg;
		return 0;
	case OPT_GUEST_MEMORY:
		return parse_range("--guest-memory", 128, XEN_MAX_MEMORY, &o->job.guest_memory);
	case OPT_GUI:
		o->job.gui = true;
		return 0;
	case OPT_HELP:
		o->help = true;
		return 0;
	case OPT_KEEP:
		o->job.keep = optarg;
		return 0;
	case OPT_LIMIT:
		return parse_range("--limit", 1, 3600, &o->job.limit);
	case OPT_MEMORY:
		return parse_range("--memory", 768, XEN_MAX_MEMORY, &o->job.memory);
	case OPT_PROFILE:
		return parse_profile(o);
	case OPT_STOCK_XEN:
		o->job.stock_xen = true;
		return 0;
	case OPT_TIMING:
		return parse_timing(o);
	case OPT_TIMING_OUT:
		o->job.timing_out = optarg;
		return 0;
	case OPT_VCPUS:
		return parse_range("--vcpus", 1, 8, &o->job.vcpus);
	case OPT_VERBOSE:
		o->job.verbose = true;
		return 0;
	case OPT_XEN_CMDLINE:
		o->job.xen_cmdline = optarg;
		return 0;
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

static int check_options(const struct options *o)
{
	struct xen_job needed = o->job;

	needed.memory = 0;
	if (xen_job_memory(&needed) > XEN_MAX_MEMORY)
		return cli_error("the guests would need %u MByte; Bochs has at most %u",
				 xen_job_memory(&needed), XEN_MAX_MEMORY);
	if (o->job.timing == XEN_TIMING_OFF && (o->costs || o->job.timing_out))
		return cli_error("--%s is for --timing", o->costs ? "costs" : "timing-out");
	return 0;
}

static int parse_options(int argc, char **argv, struct options *o)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0)
		if (parse_option(option, o))
			return STATUS_BAD;
	if (o->help)
		return 0;
	if (optind < argc)
		return cli_error("%s: expected an option", argv[optind]);
	return check_options(o);
}

static void free_files(struct files *files)
{
	for (size_t i = 0; i < files->n; i++)
		free((char *)files->file[i].guest_path);
}

static void free_options(struct options *o)
{
	free_files(&o->files);
	free_files(&o->dom0_files);
	free(o->dom0_script);
}

/* ---- Commands -------------------------------------------------------------------------------- */

static void print_phase(void *ctx, const char *name, double seconds)
{
	(void)ctx;
	fprintf(stderr, "%6.1f s  %s\n", seconds, name);
}

static void print_result(void *ctx, const char *guest, const char *text)
{
	(void)ctx;
	(void)guest;
	puts(text);
}

static void print_line(void *ctx, const char *line)
{
	const bool *verbose = ctx;

	if (*verbose)
		puts(line);
}

/* Bad costs are told about here, not by Bochs. */
static int find_costs(struct options *o, const struct paths *paths, char **costs)
{
	*costs = NULL;
	if (o->job.timing == XEN_TIMING_OFF)
		return 0;
	*costs = timing_find_costs(paths->costs, o->costs);
	o->job.costs = *costs;
	return *costs ? 0 : STATUS_BAD;
}

static int boot(struct options *o)
{
	static const struct xen_job_ops ops = { print_result, print_phase, print_line };
	struct paths paths;
	char params[40], *costs;
	int status;

	snprintf(params, sizeof(params), "profile=%s", profile_names[o->profile]);
	setlinebuf(stdout);
	paths_init(&paths);
	o->job.paths = &paths;
	o->job.params = params;
	o->job.files = o->files.file;
	o->job.n_files = o->files.n;
	o->job.dom0_files = o->dom0_files.file;
	o->job.n_dom0_files = o->dom0_files.n;
	status = find_costs(o, &paths, &costs);
	if (!status) {
		bochs_catch_signals();
		status = xen_job_run(&o->job, &ops, &o->job.verbose);
	}
	free(costs);
	paths_free(&paths);
	if (bochs_stopped())
		bochs_reraise();
	return status;
}

static int cmd_boot(int argc, char **argv)
{
	struct options o = { .profile = PROFILE_HARDENED };
	int status;

	o.job.shell = !strcmp(argv[0], "shell");
	cli_begin(argv, o.job.shell ? "epml xen shell" : "epml xen boot");
	status = parse_options(argc, argv, &o);
	if (!status && o.help)
		fputs(usage, stdout);
	else if (!status)
		status = boot(&o);
	free_options(&o);
	return status;
}

static int cmd_console(int argc, char **argv)
{
	cli_begin(argv, "epml xen console");
	if (argc > 1 && argv[1][0] == '-') {
		if (strcmp(argv[1], "--help"))
			return cli_error("%s: expected a directory", argv[1]);
		fputs(usage, stdout);
		return 0;
	}
	if (argc > 2)
		return cli_error("%s: expected one directory", argv[2]);
	bochs_catch_signals();
	return xen_attach_run(argv[1]);
}

int cmd_xen(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{ "boot", cmd_boot }, { "console", cmd_console }, { "run", cmd_xen_run },
		{ "shell", cmd_boot },
	};

	cli_begin(argv, "epml xen");
	if (argc < 2)
		return cli_error("expected boot, shell, console or run; \"epml xen --help\" "
				 "explains them");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		fputs(usage, stdout);
		return 0;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return cli_error("there is no command \"%s\"; \"epml xen --help\" lists them", argv[1]);
}
