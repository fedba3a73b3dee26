/* SPDX-License-Identifier: BSD-2-Clause */
/* epml: the command around the reference model. */
#include <stdio.h>
#include <string.h>

#include "cmd_asm.h"
#include "cmd_fuzz.h"
#include "cmd_report.h"
#include "cmd_spec.h"
#include "cmd_timing.h"
#include "cmd_vectors.h"
#include "cmd_xen.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);	/* argv[0] is the name */
	const char *help;
};

static const struct command commands[] = {
	{ "asm", cmd_asm, "run assembler code of your own as a guest on Bochs" },
	{ "fuzz", cmd_fuzz, "run random vectors on the model and on Bochs, and compare" },
	{ "spec", cmd_spec, "print fields, controls, parameters and rules" },
	{ "report", cmd_report, "run all vectors and write what they show as Markdown and HTML" },
	{ "timing", cmd_timing, "print, compare and replay runs that were counted in cycles" },
	{ "vectors", cmd_vectors, "run test vectors on the model and on Bochs" },
	{ "xen", cmd_xen, "boot Xen and a Linux guest on Bochs with the model" },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
	fputs("usage: epml COMMAND [OPTION]...\n\n"
	      "The reference model of EPML: guest page-modification logging for Intel VT-x.\n\n",
	      out);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\n\"epml COMMAND --help\" explains a command, \"epml --version\" prints the "
	      "version.\n", out);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return 2;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("epml %s\n", PACKAGE_VERSION);
		return 0;
	}
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "epml: there is no command \"%s\"; \"epml --help\" lists them\n", argv[1]);
	return 2;
}
