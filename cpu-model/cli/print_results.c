/* SPDX-License-Identifier: BSD-2-Clause */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "print_results.h"
#include "save.h"
#include "xml.h"

static bool passed(const struct result *r)
{
	return r->status == PASSED || r->status == KNOWN;
}

unsigned count_passed(const struct result *results, unsigned n)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		count += passed(&results[i]);
	return count;
}

/* "hardened on bochs"; stock Bochs has no profile. */
static const char *where(const struct result *r, char *buf, size_t size)
{
	if (r->host == ON_STOCK)
		snprintf(buf, size, "stock");
	else
		snprintf(buf, size, "%s%s on %s", profile_names[r->v->profile], r->v->param_text,
			 host_names[r->host]);
	return buf;
}

static void print_rules(FILE *out, const struct vector *v)
{
	fprintf(out, "rule%s", v->n_rules > 1 ? "s" : "");
	for (unsigned i = 0; i < v->n_rules; i++)
		fprintf(out, "%s %s", i ? "," : "", v->rules[i]);
}

/* ---- Text ---- */

static void print_totals(FILE *out, const struct result *results, unsigned n, enum host host,
			 enum profile profile)
{
	unsigned total = 0, good = 0, known = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct result *r = &results[i];

		if (r->host != host || (host != ON_STOCK && r->v->profile != profile))
			continue;
		total++;
		good += passed(r);
		known += r->status == KNOWN;
	}
	if (!total)
		return;
	fprintf(out, "%s%s%s: %u of %u passed", host == ON_STOCK ? "" : profile_names[profile],
		host == ON_STOCK ? "" : " on ", host_names[host], good, total);
	if (known)
		fprintf(out, ", %u of them by failing as known defects make them fail", known);
	fputc('\n', out);
}

static void print_text(FILE *out, const struct result *results, unsigned n)
{
	const unsigned good = count_passed(results, n);
	char buf[120];

	for (unsigned i = 0; i < n; i++) {
		const struct result *r = &results[i];

		if (r->status == KNOWN) {
			fprintf(out, "KNOWN %s %s\n", r->v->id, r->text);
		} else if (r->status == FAILED) {
			fprintf(out, "FAIL %s [%s] ", r->v->id, where(r, buf, sizeof(buf)));
			print_rules(out, r->v);
			fprintf(out, ": %s\n", r->text);
		}
	}
	for (int host = 0; host < HOSTS; host++)
		for (int p = 0; p < (host == ON_STOCK ? 1 : PROFILES); p++)
			print_totals(out, results, n, (enum host)host, (enum profile)p);
	fprintf(out, "%u passed, %u failed\n", good, n - good);
}

/* ---- TAP ---- */

static void print_tap(FILE *out, const struct result *results, unsigned n)
{
	char buf[120];

	fprintf(out, "1..%u\n", n);
	for (unsigned i = 0; i < n; i++) {
		const struct result *r = &results[i];

		fprintf(out, "%s %u - %s [%s]\n", passed(r) ? "ok" : "not ok", i + 1, r->v->id,
			where(r, buf, sizeof(buf)));
		if (r->text)
			fprintf(out, "# %s\n", r->text);
	}
}

/* ---- JUnit ---- */

static void print_testcase(FILE *out, const struct result *r)
{
	char buf[120];

	fprintf(out, "    <testcase classname=\"%s\" name=\"%s [", host_names[r->host], r->v->id);
	xml_text(out, where(r, buf, sizeof(buf)));
	fputs("]\"", out);
	if (!r->text) {
		fputs("/>\n", out);
		return;
	}
	fputs(passed(r) ? "><system-out>" : "><failure message=\"", out);
	xml_text(out, r->text);
	fputs(passed(r) ? "</system-out></testcase>\n" : "\"/></testcase>\n", out);
}

static void print_junit(FILE *out, const struct result *results, unsigned n)
{
	const unsigned failures = n - count_passed(results, n);

	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites tests=\"%u\" failures=\"%u\">\n"
		"  <testsuite name=\"vectors\" tests=\"%u\" failures=\"%u\">\n",
		n, failures, n, failures);
	for (unsigned i = 0; i < n; i++)
		print_testcase(out, &results[i]);
	fputs("  </testsuite>\n</testsuites>\n", out);
}

/* ---- JSON ---- */

static json_t *json_result(const struct result *r)
{
	static const char *const names[] = { "not run", "passed", "failed", "known" };
	json_t *object = json_object();

	json_object_set_new(object, "id", json_string(r->v->id));
	json_object_set_new(object, "title", json_string(r->v->title));
	json_object_set_new(object, "rules", strings_to_json(r->v->rules, r->v->n_rules));
	json_object_set_new(object, "properties", properties_to_json(r->v->properties));
	json_object_set_new(object, "host", json_string(host_names[r->host]));
	if (r->host != ON_STOCK) {
		json_object_set_new(object, "profile", json_string(profile_names[r->v->profile]));
		json_object_set_new(object, "params", params_to_json(&r->v->params, NULL));
	}
	json_object_set_new(object, "status", json_string(names[r->status]));
	if (r->status == KNOWN)
		json_object_set_new(object, "defect", json_integer(r->v->stock_defect));
	if (r->text)
		json_object_set_new(object, "text", json_string(r->text));
	return object;
}

json_t *results_json(const struct result *results, unsigned n)
{
	const unsigned good = count_passed(results, n);
	json_t *root = json_object(), *list = json_array();
	const time_t now = time(NULL);
	char date[40];

	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	json_object_set_new(root, "version", json_string(PACKAGE_VERSION));
	json_object_set_new(root, "date", json_string(date));
	for (unsigned i = 0; i < n; i++)
		json_array_append_new(list, json_result(&results[i]));
	json_object_set_new(root, "passed", json_integer(good));
	json_object_set_new(root, "failed", json_integer(n - good));
	json_object_set_new(root, "results", list);
	return root;
}

static void print_json(FILE *out, const struct result *results, unsigned n)
{
	json_t *root = results_json(results, n);

	json_dumpf(root, out, JSON_INDENT(1));
	fputc('\n', out);
	json_decref(root);
}

print_results_fn *results_printer(const char *format)
{
	static const struct {
		const char *name;
		print_results_fn *print;
	} formats[] = {
		{ "text", print_text }, { "tap", print_tap }, { "junit", print_junit },
		{ "json", print_json },
	};

	for (unsigned i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(formats[i].name, format))
			return formats[i].print;
	return NULL;
}
