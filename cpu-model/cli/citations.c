/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the citations of rules in source files: C and C++ as far as comments and strings go. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "citations.h"

/* Where citations count. The model and its interface; the hosts, which do what a processor does
 * around it. */
static const struct place {
	const char *directory, *suffixes;
	bool proofs;
} places[] = {
	{ "cpu-model/include/epml", ".h", false },
	{ "cpu-model/lib", ".c.h", false },
	{ "cpu-model/machine", ".c.h", false },
	{ "cpu-model/bochs", ".cc.h", false },
	{ "cpu-model/proofs", ".c.h", true },
	{ "cpu-model/protocol", ".pml", true },
};

#define N_PLACES (sizeof(places) / sizeof(places[0]))

/* One line, taken apart. */
struct line {
	char *code;		/* with strings, without comments */
	char *note;		/* comments */
	bool outermost;		/* begins in the first column: of a function, not in one */
};

struct source {
	const char *file;
	struct line *lines;
	unsigned n;
};

/* ---- Ids -------------------------------------------------------------------------------- */

unsigned citation_id_length(const char *text)
{
	unsigned n = 0, word;

	for (;;) {
		word = (unsigned)strspn(text + n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (!word || text[n + word] != '-')
			return 0;
		n += word + 1;
		if (!isdigit((unsigned char)text[n]))
			continue;
		n += (unsigned)strspn(text + n, "0123456789");
		return isalnum((unsigned char)text[n]) || text[n] == '_' ? 0 : n;
	}
}

/* The next id in a text, or NULL; @p length is set to its length. */
static const char *next_id(const char *text, unsigned *length)
{
	bool inside = false;		/* of a word */

	for (; *text; text++) {
		*length = inside ? 0 : citation_id_length(text);
		if (*length)
			return text;
		inside = isalnum((unsigned char)*text) || *text == '_' || *text == '-';
	}
	return NULL;
}

/* ---- Lines ------------------------------------------------------------------------------ */

/* Words separated by one space, none at the ends. */
static void squeeze(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		if (!isspace((unsigned char)*p))
			*out++ = *p;
		else if (out > text && out[-1] != ' ')
			*out++ = ' ';
	}
	if (out > text && out[-1] == ' ')
		out--;
	*out = '\0';
}

enum state { CODE, STRING, CHARACTER, COMMENT };

/* Length of what begins at @p p: an escape in a string, a comment's delimiter, or a character. */
static unsigned token_length(enum state state, const char *p)
{
	if (state == CODE)
		return p[0] == '/' && p[1] == '*' ? 2 : 1;
	if (state == COMMENT)
		return p[0] == '*' && p[1] == '/' ? 2 : 1;
	return p[0] == '\\' && p[1] ? 2 : 1;
}

static enum state next_state(enum state state, const char *p)
{
	switch (state) {
	case CODE:
		if (p[0] == '/' && p[1] == '*')
			return COMMENT;
		return *p == '"' ? STRING : *p == '\'' ? CHARACTER : CODE;
	case STRING:
		return *p == '"' ? CODE : STRING;
	case CHARACTER:
		return *p == '\'' ? CODE : CHARACTER;
	default:
		return p[0] == '*' && p[1] == '/' ? CODE : COMMENT;
	}
}

/* Take one line apart; @p state goes on from line to line. */
static struct line split(struct arena *arena, const char *text, enum state *state)
{
	struct line line = { arena_strdup(arena, text), arena_strdup(arena, text),
			     !isspace((unsigned char)*text) };
	unsigned code = 0, note = 0, length;

	for (const char *p = text; *p; p += length) {
		const enum state next = next_state(*state, p);

		if (*state == CODE && p[0] == '/' && p[1] == '/') {
			note += (unsigned)sprintf(line.note + note, "%s", p);
			break;
		}
		length = token_length(*state, p);
		if (*state == COMMENT || next == COMMENT) {
			memcpy(line.note + note, p, length);
			note += length;
		} else {
			memcpy(line.code + code, p, length);
			code += length;
		}
		*state = next;
	}
	if (*state != COMMENT)
		*state = CODE;		/* strings end with their line */
	line.code[code] = '\0';
	line.note[note] = '\0';
	squeeze(line.code);
	return line;
}

static int read_source(struct arena *arena, struct source *s, const char *path)
{
	FILE *in = fopen(path, "re");
	enum state state = CODE;
	char *text = NULL;
	size_t size = 0;
	bool failed;

	while (in && getline(&text, &size, in) >= 0) {
		s->lines = array_grow(s->lines, s->n, sizeof(*s->lines));
		s->lines[s->n++] = split(arena, text, &state);
	}
	failed = !in || ferror(in);
	if (failed)
		fprintf(stderr, "%s:1: cannot be read (%s); expected a source file\n", path,
			strerror(errno));
	if (in)
		fclose(in);
	free(text);
	return failed ? -1 : 0;
}

/* ---- Statements ------------------------------------------------------------------------- */

static bool is_code(const struct source *s, unsigned i)
{
	return i < s->n && s->lines[i].code[0] && s->lines[i].code[0] != '#';
}

static bool is_macro(const struct source *s, unsigned i)
{
	return i < s->n && !strncmp(s->lines[i].code, "#define ", 8);
}

static char last_character(const char *code)
{
	return code[strlen(code) - 1];
}

/* Does a statement end with this line, so that the next line begins another one? */
static bool before_statement(const char *code)
{
	return strchr(";{}:", last_character(code));
}

static int open_parentheses(const char *code)
{
	int n = 0;

	for (; *code; code++)
		n += (*code == '(') - (*code == ')');
	return n;
}

/*
 * Line of the end of the statement that goes over line @p i. It ends with its semicolon or at the
 * brace of a block; that of a function or structure is part of it.
 */
static unsigned statement_end(const struct source *s, unsigned first, unsigned i)
{
	bool whole = false;
	int open = 0;

	for (unsigned end = first; end < s->n; end++) {
		const struct line *line = &s->lines[end];
		const char last = *line->code ? last_character(line->code) : ' ';

		if (!whole && !is_code(s, end))
			return end - 1;
		open += open_parentheses(line->code);
		whole |= line->outermost && last == '{';
		if (end < i || (whole ? !line->outermost || *line->code != '}' : open > 0))
			continue;
		if (whole || strchr(";{}", last))
			return end;
	}
	return s->n - 1;
}

/*
 * The statement that line @p i is written at, or NULL. A comment that no code follows directly, as
 * at the head of a file, stands for nothing.
 */
static const char *statement(struct arena *arena, const struct source *s, unsigned i)
{
	const char *text = "";
	unsigned first, end;

	while (i < s->n && !s->lines[i].code[0] && s->lines[i].note[0])
		i++;
	if (is_macro(s, i))
		return arena_strdup(arena, s->lines[i].code);
	if (!is_code(s, i))
		return NULL;
	for (first = i; first && is_code(s, first - 1); first--)
		if (before_statement(s->lines[first - 1].code))
			break;
	end = statement_end(s, first, i);
	for (; first <= end; first++)
		if (s->lines[first].code[0])
			text = arena_printf(arena, "%s%s%s", text, *text ? " " : "",
					    s->lines[first].code);
	return text;
}

/* ---- Citations -------------------------------------------------------------------------- */

static void add(struct citations *c, const struct source *s, unsigned i, const char *id,
		unsigned length, const char *text)
{
	c->list = array_grow(c->list, c->n, sizeof(*c->list));
	c->list[c->n++] = (struct citation){
		.rule = arena_printf(&c->arena, "%.*s", (int)length, id),
		.file = arena_strdup(&c->arena, s->file), .line = i + 1, .text = text };
}

static void cite(struct citations *c, const struct source *s, unsigned i, const char *where)
{
	const char *text = NULL;
	unsigned length;

	for (const char *id = where; (id = next_id(id, &length)); id += length) {
		if (!text)
			text = statement(&c->arena, s, i);
		if (text)
			add(c, s, i, id, length, text);
	}
}

static bool is_strings(const char *code, const char *id)
{
	bool inside = false;

	for (; code < id; code++)
		inside ^= *code == '"';
	return inside;
}

/* Ids in strings count as those in comments do: epml_vmentry_check() returns them. */
static void cite_strings(struct citations *c, const struct source *s, unsigned i)
{
	const char *code = s->lines[i].code;
	unsigned length;

	for (const char *id = code; (id = next_id(id, &length)); id += length)
		if (is_strings(code, id))
			add(c, s, i, id, length, statement(&c->arena, s, i));
}

/* "Proves: P1, GPML-LOG-1": ids of rules and names of properties. */
static void cite_proof(struct citations *c, const struct source *s, unsigned i)
{
	const char *p = strstr(s->lines[i].note, "Proves:");
	unsigned length;

	while (p && *p) {
		length = citation_id_length(p);
		if (!length && p[0] == 'P' && p[1] >= '1' && p[1] <= '5' &&
		    !isalnum((unsigned char)p[2]))
			length = 2;
		if (length)
			add(c, s, i, p, length, "");
		p += length ? length : strcspn(p, " ,");
		p += strspn(p, " ,");
	}
}

static int find_in_file(struct citations *c, const struct place *place, const char *tree,
			const char *name)
{
	struct arena arena = { NULL };
	struct source s = { .file = arena_printf(&arena, "%s/%s", place->directory, name) };
	int status = read_source(&arena, &s, arena_printf(&arena, "%s/%s", tree, s.file));

	for (unsigned i = 0; !status && i < s.n; i++) {
		if (place->proofs) {
			cite_proof(c, &s, i);
			continue;
		}
		cite_strings(c, &s, i);
		cite(c, &s, i, s.lines[i].note);
	}
	free(s.lines);
	arena_free(&arena);
	return status;
}

static bool has_suffix(const char *suffixes, const char *name)
{
	const char *dot = strrchr(name, '.'), *found = dot ? strstr(suffixes, dot) : NULL;

	return found && (found[strlen(dot)] == '.' || !found[strlen(dot)]);
}

static int find_in_place(struct citations *c, const struct place *place, const char *tree)
{
	char *path = arena_printf(&c->arena, "%s/%s", tree, place->directory);
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort), status = 0;

	if (n < 0 && place->proofs && errno == ENOENT)
		return 0;
	if (n < 0) {
		fprintf(stderr, "%s: %s; expected the sources of the model\n", path,
			strerror(errno));
		return -1;
	}
	for (int i = 0; i < n; i++) {
		if (!status && has_suffix(place->suffixes, entries[i]->d_name))
			status = find_in_file(c, place, tree, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return status;
}

int citations_find(struct citations *sources, struct citations *proofs, const char *tree)
{
	for (unsigned i = 0; i < N_PLACES; i++)
		if (find_in_place(places[i].proofs ? proofs : sources, &places[i], tree))
			return -1;
	return 0;
}

void citations_free(struct citations *c)
{
	free(c->list);
	arena_free(&c->arena);
	memset(c, 0, sizeof(*c));
}
