/* SPDX-License-Identifier: BSD-2-Clause */
/* Compiler, assembler and linker, their messages, and where an address comes from. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "asm_build.h"
#include "tempdir.h"
#include "tool.h"

#define STRINGIFY(x)	#x
#define TEXT_OF(x)	STRINGIFY(x)

#define FILE_PATH	(TEMPDIR_PATH + 20)
#define OBJECT		"/program.o"

/* One segment; the linker refuses what does not fit. */
static const char linker_script[] =
	"SECTIONS {\n"
	"	. = " TEXT_OF(EPML_GUEST_CODE) ";\n"
	"	.program : { *(.text .text.*) *(.rodata .rodata.*) *(.data .data.*)\n"
	"		*(.bss .bss.* COMMON) }\n"
	"	ASSERT(. <= " TEXT_OF(EPML_GUEST_CODE) " + " TEXT_OF(EPML_GUEST_CODE_SIZE) ",\n"
	"		\"code and data take more than "
			TEXT_OF(EPML_GUEST_CODE_SIZE) " bytes\")\n"
	"	/DISCARD/ : { *(.note.*) *(.eh_frame) }\n"
	"}\n";

/* ---- Messages ---- */

/* Does a line of a tool's output tell of a mistake? */
static bool is_message(const char *line)
{
	static const char *const marks[] = {
		"rror: ", "undefined reference", "definition of", "code and data",
		"required symbol"
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strstr(line, marks[i]))
			return true;
	return false;
}

/* Leave out what the tools put before the name of the source: "ld: DIR/program.o:././". */
static const char *skip_prefix(const struct asm_program *p, const char *line)
{
	const size_t len = strlen(p->dir);

	if (!strncmp(line, "ld: ", 4))
		line += 4;
	if (!strncmp(line, p->dir, len) && !strncmp(line + len, OBJECT ":", sizeof(OBJECT)))
		line += len + sizeof(OBJECT);
	while (!strncmp(line, "./", 2))
		line += 2;
	return line;
}

static bool names_a_line(const char *message)
{
	const char *colon = strchr(message, ':');

	return colon && isdigit((unsigned char)colon[1]);
}

/* The first mistake that a tool told of; its first line if nothing looks like one. */
static void first_message(const struct asm_program *p, const char *output, char *text,
			  size_t size)
{
	FILE *in = fopen(output, "re");
	char line[500], first[500] = "the tools failed without a message";
	const char *message = NULL;
	bool any = false;

	while (in && !message && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (is_message(line))
			message = skip_prefix(p, line);
		else if (!any)
			snprintf(first, sizeof(first), "%s", line);
		any = true;
	}
	if (in)
		fclose(in);
	if (!message)
		message = skip_prefix(p, first);
	if (names_a_line(message))
		snprintf(text, size, "%s", message);
	else
		snprintf(text, size, "%s: %s", p->file, message);
}

/* ---- The tools ---- */

static int run_builder(const struct asm_program *p, const char *const argv[], char *text,
		       size_t size)
{
	char output[FILE_PATH];
	int status;

	snprintf(output, sizeof(output), "%s/messages", p->dir);
	status = tool_run(argv, output, text, size);
	if (status > 0)
		first_message(p, output, text, size);
	return status ? -1 : 0;
}

static bool is_c(const struct asm_program *p)
{
	const size_t len = strlen(p->file);

	return len > 2 && !strcmp(p->file + len - 2, ".c");
}

/*
 * With line numbers, whose files are named relative to the current directory. C has the registers
 * that the ROM saves, and no library: loops do not become calls of memset() and memcpy(). What gcc
 * warns of by itself is nearly always a mistake, and would not be seen in a program that runs.
 */
static int compile(const struct asm_program *p, const struct paths *paths, const char *object,
		   char *text, size_t size)
{
	char cwd[PATH_MAX] = "", map[PATH_MAX + 40], spec[PATH_MAX + 3], guest[PATH_MAX + 3];
	const char *const argv[] = {
		"gcc", "-c", "-g", "-pipe", "-m64", map, spec, guest, "-o", object, "-std=gnu11",
		"-O2", "-Wformat", "-Werror", "-ffreestanding", "-fno-pic", "-fno-stack-protector",
		"-fno-asynchronous-unwind-tables", "-fno-tree-loop-distribute-patterns",
		"-fno-strict-aliasing", "-fcf-protection=none", "-mno-red-zone",
		"-mgeneral-regs-only", "-x", is_c(p) ? "c" : "assembler-with-cpp", p->file, NULL
	};

	if (!getcwd(cwd, sizeof(cwd)))
		cwd[0] = '\0';
	snprintf(map, sizeof(map), "-fdebug-prefix-map=%s=.", cwd);
	snprintf(spec, sizeof(spec), "-I%s", paths->include_spec);
	snprintf(guest, sizeof(guest), "-I%s", paths->include_guest);
	return run_builder(p, argv, text, size);
}

static int write_script(const char *path, char *text, size_t size)
{
	FILE *out = fopen(path, "we");
	bool good = out && fputs(linker_script, out) >= 0;

	if (out && fclose(out))
		good = false;
	if (!good)
		snprintf(text, size, "%s: %s", path, strerror(errno));
	return good ? 0 : -1;
}

/* A program in C begins with its function program(), one in assembler with its first byte. */
static int link_program(const struct asm_program *p, const char *object, const char *elf,
			char *text, size_t size)
{
	char script[FILE_PATH];
	const char *const argv[] = {
		"ld", "-m", "elf_x86_64", "-static", "--build-id=none", "-T", script, "-o", elf,
		object, "-e", is_c(p) ? "program" : TEXT_OF(EPML_GUEST_CODE),
		is_c(p) ? "--require-defined=program" : NULL, NULL
	};

	snprintf(script, sizeof(script), "%s/program.ld", p->dir);
	return write_script(script, text, size) ? -1 : run_builder(p, argv, text, size);
}

int asm_build(struct asm_program *p, const struct paths *paths, char *text, size_t size)
{
	char object[FILE_PATH], elf[FILE_PATH];

	if (access(p->file, R_OK)) {
		snprintf(text, size, "%s: %s", p->file, strerror(errno));
		return -1;
	}
	snprintf(object, sizeof(object), "%s" OBJECT, p->dir);
	snprintf(elf, sizeof(elf), "%s/program", p->dir);
	if (compile(p, paths, object, text, size) || link_program(p, object, elf, text, size))
		return -1;
	return asm_elf_read(p, elf, text, size);
}

bool asm_location(const struct asm_program *p, uint64_t gva, char *buf, size_t size)
{
	char elf[FILE_PATH], output[FILE_PATH], address[20], text[500] = "?";
	const char *const argv[] = { "addr2line", "-e", elf, address, NULL };
	FILE *in;

	if (gva < EPML_GUEST_CODE || gva >= EPML_GUEST_CODE + EPML_GUEST_CODE_SIZE)
		return false;
	snprintf(elf, sizeof(elf), "%s/program", p->dir);
	snprintf(output, sizeof(output), "%s/location", p->dir);
	snprintf(address, sizeof(address), "%llx", (unsigned long long)gva);
	if (tool_run(argv, output, text, sizeof(text)))
		return false;
	in = fopen(output, "re");
	if (!in || !fgets(text, sizeof(text), in))
		text[0] = '?';
	if (in)
		fclose(in);
	/* addr2line may add a remark in parentheses. */
	text[strcspn(text, " \n")] = '\0';
	snprintf(buf, size, "%s", skip_prefix(p, text));
	return text[0] != '?';
}
