/* SPDX-License-Identifier: BSD-2-Clause */
/* epml asm: assemble or compile, run on Bochs, report. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asm_result.h"
#include "asm_timing.h"
#include "asm_trace.h"
#include "bochs_run.h"
#include "cli_options.h"
#include "cmd_asm.h"
#include "tempdir.h"

#define DEFAULT_LIMIT	10000000u	/* ticks of the VMX-preemption timer */
#define BASE_TIMEOUT	20u		/* seconds for Bochs itself */
#define TICKS_PER_S	1000000u	/* that the slowest machine of interest emulates */
#define PARAM_TEXT	200

static const char usage[] =
	"usage: epml asm [OPTION]... FILE\n"
	"\n"
	"Assemble FILE, or compile it if its name ends in \".c\", run it in a VMX guest on Bochs\n"
	"with the model inside, and print how it ended, what it printed, its registers, both logs\n"
	"and the events that were delivered to it.\n"
	"\n"
	"The program begins at its first instruction, in C with its function program(), and ends\n"
	"with \"ret\"; a label or function vector_XX is the handler of that vector.\n"
	"#include <epml-guest.h> has the addresses of its data pages, their paging-structure\n"
	"entries and the log, and all of epml-spec.h; <epml-print.h> has epml_printf().\n"
	"\n"
	"  --profile P          published or hardened (default)\n"
	"  --param KEY=VALUE    change one design parameter; \"epml spec parameters\" lists them\n"
	"  --cpl N              run at CPL 0 (default) or 3\n"
	"  --trace FILE         write the architectural trace of the program; \"-\" prints it\n"
	"  --limit N            ticks of the VMX-preemption timer until the program is stopped\n"
	"                       (default 10000000)\n"
	"  --timing MODE        count cycles and print them by cause: events, or full with caches\n"
	"                       and TLBs; docs/timing.md explains them\n"
	"  --costs NAME|FILE    the processor that cycles are counted for (default i7-8565u)\n"
	"  --timing-out FILE    keep the count, for epml timing\n"
	"  --timeline FILE      write a time line, for ui.perfetto.dev\n"
	"  --format F           text (default) or json\n"
	"  --help               print this\n"
	"\n"
	"Exit status: 0 the program returned, 1 it ended otherwise, 2 bad input or something is\n"
	"missing.\n";

struct command {
	const struct paths *paths;
	struct asm_options run;
	char param_text[PARAM_TEXT];
	const char *params[10];		/* as given, applied when the profile is known */
	unsigned n_params;
	const char *trace;		/* file, "-", or NULL */
	asm_print_fn *print;
	struct asm_timing timing;
	struct asm_program program;
};

/* ---- Options ---- */

static int parse_profile(const char *text, struct asm_options *o)
{
	const int found = profile_find(text);

	if (found < 0)
		return cli_error("--profile %s: expected published or hardened", text);
	o->profile = (enum profile)found;
	return 0;
}

static int parse_cpl(const char *text, unsigned *cpl)
{
	if (strcmp(text, "0") && strcmp(text, "3"))
		return cli_error("--cpl %s: expected 0 or 3", text);
	*cpl = *text == '3' ? 3 : 0;
	return 0;
}

static int parse_format(const char *text, struct command *c)
{
	if (!strcmp(text, "text"))
		c->print = asm_print_text;
	else if (!strcmp(text, "json"))
		c->print = asm_print_json;
	else
		return cli_error("--format %s: expected text or json", text);
	return 0;
}

static int keep_param(const char *text, struct command *c)
{
	if (c->n_params == sizeof(c->params) / sizeof(c->params[0]))
		return cli_error("--param %s: too many parameters", text);
	c->params[c->n_params++] = text;
	return 0;
}

/* Profile first, then what changes it, in the order given. */
static int apply_params(struct command *c)
{
	epml_params_profile(&c->run.params, profile_names[c->run.profile]);
	for (unsigned i = 0; i < c->n_params; i++) {
		const char *equals = strchr(c->params[i], '='), *error;
		char key[40];

		if (!equals || (size_t)(equals - c->params[i]) >= sizeof(key))
			return cli_error("--param %s: expected KEY=VALUE", c->params[i]);
		snprintf(key, sizeof(key), "%.*s", (int)(equals - c->params[i]), c->params[i]);
		error = epml_params_set(&c->run.params, key, equals + 1);
		if (error)
			return cli_error("--param %s: expected %s", c->params[i], error);
		snprintf(c->param_text + strlen(c->param_text),
			 sizeof(c->param_text) - strlen(c->param_text), ", %s", c->params[i]);
	}
	c->run.param_text = c->param_text;
	return 0;
}

enum { OPT_PROFILE = 256, OPT_PARAM, OPT_CPL, OPT_TRACE, OPT_LIMIT, OPT_FORMAT, OPT_TIMING,
       OPT_COSTS, OPT_TIMING_OUT, OPT_TIMELINE, OPT_HELP };

static int parse_option(int option, struct command *c)
{
	switch (option) {
	case OPT_PROFILE:
		return parse_profile(optarg, &c->run);
	case OPT_PARAM:
		return keep_param(optarg, c);
	case OPT_CPL:
		return parse_cpl(optarg, &c->run.cpl);
	case OPT_TRACE:
		c->trace = optarg;
		return 0;
	case OPT_LIMIT:
		return option_count("--limit", optarg, UINT32_MAX, &c->run.limit);
	case OPT_FORMAT:
		return parse_format(optarg, c);
	case OPT_TIMING:
		return asm_timing_mode(&c->timing, optarg);
	case OPT_COSTS:
		c->timing.costs = optarg;
		return 0;
	case OPT_TIMING_OUT:
		c->timing.save = optarg;
		return 0;
	case OPT_TIMELINE:
		c->timing.timeline = optarg;
		return 0;
	default:
		/* getopt has printed what is wrong. */
		return STATUS_BAD;
	}
}

static int parse_options(int argc, char **argv, struct command *c, bool *help)
{
	static const struct option options[] = {
		{ "profile", required_argument, NULL, OPT_PROFILE },
		{ "param", required_argument, NULL, OPT_PARAM },
		{ "cpl", required_argument, NULL, OPT_CPL },
		{ "trace", required_argument, NULL, OPT_TRACE },
		{ "limit", required_argument, NULL, OPT_LIMIT },
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "timing", required_argument, NULL, OPT_TIMING },
		{ "costs", required_argument, NULL, OPT_COSTS },
		{ "timing-out", required_argument, NULL, OPT_TIMING_OUT },
		{ "timeline", required_argument, NULL, OPT_TIMELINE },
		{ "help", no_argument, NULL, OPT_HELP },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	cli_begin(argv, "epml asm");
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == OPT_HELP) {
			*help = true;
			return 0;
		}
		if (parse_option(option, c))
			return STATUS_BAD;
	}
	if (argc - optind != 1)
		return cli_error("expected one file, %d were given", argc - optind);
	c->program.file = argv[optind];
	c->run.phases = c->timing.mode != TIMING_OFF;
	return apply_params(c);
}

/* ---- The run ---- */

/* Where the output of Bochs goes. */
struct output {
	struct outcome *outcome;
	FILE *trace;		/* or NULL */
};

/* A line of the trace, or one between 'V' and 'z'; anything else is Bochs's own. */
static bool take_line(void *ctx, const char *line)
{
	const struct output *o = ctx;
	struct report r;

	if (o->trace && !strncmp(line, "t ", 2)) {
		fprintf(o->trace, "%s\n", line + 2);
		return true;
	}
	if (!report_parse(line, &r))
		return false;
	outcome_add(o->outcome, &r);
	return true;
}

/* What Bochs's option gets, to be freed; NULL if memory is short. */
static char *bochs_option(const struct command *c)
{
	char *timing = asm_timing_option(&c->timing), *text = NULL;

	if (timing && asprintf(&text, "enabled=1, profile=%s%s%s", profile_names[c->run.profile],
			       c->run.param_text, timing) < 0)
		text = NULL;
	free(timing);
	return text;
}

/* Returns 0 if the ROM began with the program. */
static int run_bochs(const struct command *c, const struct vector *v, struct output *o)
{
	char *epml = bochs_option(c), text[400] = "";
	const struct bochs_options options = {
		.program = c->timing.mode == TIMING_FULL ? c->paths->bochs_timing
							 : c->paths->bochs,
		.rom = c->paths->rom, .epml = epml,
		.trace_lines = o->trace != NULL,
		.timeout = BASE_TIMEOUT + c->run.limit / TICKS_PER_S,
	};
	enum bochs_end end;
	size_t size;
	void *image = asm_image(v, &c->run, &size);

	if (!epml)
		return cli_error("out of memory");
	end = bochs_run(&options, image, size, take_line, o, text, sizeof(text));
	free(image);
	free(epml);
	if (end == BOCHS_STOPPED)
		return STATUS_BAD;
	if (!o->outcome->n || o->outcome->reports[0].kind != 'V')
		return cli_error("%s: %s", options.program,
				 text[0] ? text : "the ROM did not run the program");
	if (!o->outcome->ended)
		snprintf(o->outcome->failure, sizeof(o->outcome->failure), "Bochs %s: %s",
			 end == BOCHS_HUNG ? "hung" : "ended", text);
	return 0;
}

/* As run_bochs(), with the trace in a file. */
static int run_traced(const struct command *c, const struct vector *v, struct output *o,
		      const char *trace)
{
	int status;

	o->trace = fopen(trace, "we");
	if (!o->trace)
		return cli_error("%s: %s", trace, strerror(errno));
	status = run_bochs(c, v, o);
	if (fclose(o->trace) && !status)
		status = cli_error("%s: %s", trace, strerror(errno));
	return status;
}

static int write_trace(const struct command *c, const char *from, bool rom_ended)
{
	const bool print = !strcmp(c->trace, "-");
	FILE *out = print ? stdout : fopen(c->trace, "we");
	bool good = out && asm_trace_copy(out, from, rom_ended);

	if (out && !print && fclose(out))
		good = false;
	return good ? 0 : cli_error("--trace %s: %s", c->trace, strerror(errno));
}

static void find_location(const struct asm_program *p, struct asm_result *r)
{
	if ((r->end == ASM_RETURNED && r->failed_handler < 0) || !r->has_regs ||
	    !asm_location(p, r->regs[ASM_RIP], r->location, sizeof(r->location)))
		r->location[0] = '\0';
}

static int report(const struct command *c, const struct vector *v, const struct outcome *o,
		  const char *trace)
{
	struct asm_result *r = malloc(sizeof(*r));
	const struct asm_run run = {
		.program = &c->program, .vector = v, .options = &c->run, .result = r,
		.timing = &c->timing
	};
	int status;

	if (!r)
		return cli_error("out of memory");
	asm_result_read(r, &c->program, v, o);
	find_location(&c->program, r);
	status = trace ? write_trace(c, trace, r->last.kind != 'x') : 0;
	if (!status) {
		c->print(stdout, &run);
		if (fflush(stdout) || ferror(stdout))
			status = cli_error("cannot write the result: %s", strerror(errno));
		else if (r->end != ASM_RETURNED || r->failed_handler >= 0)
			status = STATUS_FAILED;
	}
	free(r);
	return status;
}

static int run_program(struct command *c)
{
	struct arena arena = { NULL };
	struct outcome outcome = { .n = 0 };
	struct output output = { .outcome = &outcome };
	struct vector *v = asm_vector(&arena, &c->program, &c->run);
	char trace[TEMPDIR_PATH + 20];
	int status;

	snprintf(trace, sizeof(trace), "%s/trace", c->program.dir);
	status = c->trace ? run_traced(c, v, &output, trace) : run_bochs(c, v, &output);
	if (!status)
		status = asm_timing_read(&c->timing);
	if (!status)
		status = report(c, v, &outcome, c->trace ? trace : NULL);
	outcome_clear(&outcome);
	arena_free(&arena);
	return status;
}

static int build_and_run(struct command *c)
{
	char dir[TEMPDIR_PATH], text[600];
	int status;

	bochs_catch_signals();
	if (tempdir_make(dir, text, sizeof(text)))
		return cli_error("%s", text);
	c->program.dir = dir;
	status = asm_timing_begin(&c->timing, c->paths, dir);
	if (status) {
		/* It has been said why. */
	} else if (!asm_build(&c->program, c->paths, text, sizeof(text))) {
		status = run_program(c);
	} else {
		if (!bochs_stopped())
			fprintf(stderr, "%s\n", text);
		status = STATUS_BAD;
	}
	asm_timing_free(&c->timing);
	tempdir_remove(dir);
	return status;
}

/* Bochs with instructions hooked is only needed to model each of them. */
static int require_timing(const struct command *c)
{
	if (c->timing.mode != TIMING_FULL || !access(c->paths->bochs_timing, X_OK))
		return 0;
	return cli_error("%s is missing; run \"make bochs-timing\" or set EPML_BOCHS_TIMING",
			 c->paths->bochs_timing);
}

int cmd_asm(int argc, char **argv)
{
	static struct command c = {
		.run = { .profile = PROFILE_HARDENED, .limit = DEFAULT_LIMIT },
		.print = asm_print_text,
	};
	unsigned hosts = 1u << ON_BOCHS;
	struct paths paths;
	bool help = false;
	int status = parse_options(argc, argv, &c, &help);

	if (help)
		fputs(usage, stdout);
	if (status || help)
		return status;
	paths_init(&paths);
	c.paths = &paths;
	status = require_hosts(&paths, &hosts);
	if (!status)
		status = require_timing(&c);
	if (!status)
		status = build_and_run(&c);
	paths_free(&paths);
	if (bochs_stopped())
		bochs_reraise();
	return status;
}
