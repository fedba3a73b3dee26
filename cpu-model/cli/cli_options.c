/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "addrexpr.h"
#include "cli_options.h"

#define MAX_JOBS	64
#define MAX_TIMEOUT	3600

int option_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *n)
{
	const char *end = text;

	if (!number_parse(&end, n) || *end || *n < min || *n > max)
		return cli_error("%s %s: expected a number from %" PRIu64 " to %" PRIu64, option,
				 text, min, max);
	return 0;
}

int option_count(const char *option, const char *text, unsigned max, unsigned *n)
{
	uint64_t value;

	if (option_number(option, text, 1, max, &value))
		return STATUS_BAD;
	*n = (unsigned)value;
	return 0;
}

int option_jobs(const char *text, unsigned *jobs)
{
	return option_count("-j", text, MAX_JOBS, jobs);
}

int option_timeout(const char *text, unsigned *seconds)
{
	return option_count("--timeout", text, MAX_TIMEOUT, seconds);
}

int option_hosts(const char *text, unsigned *hosts)
{
	while (*text) {
		size_t len = strcspn(text, ",");
		int host = 0;

		while (host < HOSTS && (strlen(host_names[host]) != len ||
					strncmp(host_names[host], text, len)))
			host++;
		if (host == HOSTS)
			return cli_error("--on %.*s: expected model, bochs or stock", (int)len,
					 text);
		*hosts |= 1u << host;
		text += len + (text[len] == ',');
	}
	return *hosts ? 0 : cli_error("--on: expected model, bochs or stock");
}

int option_profiles(const char *text, int *profile)
{
	const int found = profile_find(text);

	if (found < 0 && strcmp(text, "all"))
		return cli_error("--profile %s: expected published, hardened or all", text);
	*profile = found < 0 ? ALL_PROFILES : found;
	return 0;
}

int require_hosts(const struct paths *p, unsigned *hosts)
{
	const bool bochs = !access(p->bochs, X_OK), stock = !access(p->bochs_stock, X_OK);

	if (!*hosts)
		*hosts = 1u << ON_MODEL | (unsigned)bochs << ON_BOCHS |
			 (unsigned)stock << ON_STOCK;
	if ((*hosts & 1u << ON_BOCHS) && !bochs)
		return cli_error("%s is missing; run \"make bochs-model\" or set EPML_BOCHS",
				 p->bochs);
	if ((*hosts & 1u << ON_STOCK) && !stock)
		return cli_error("%s is missing; run \"make bochs-stock\" or set EPML_BOCHS_STOCK",
				 p->bochs_stock);
	if ((*hosts & ~(1u << ON_MODEL)) && access(p->rom, R_OK))
		return cli_error("%s is missing; run \"make\" or set EPML_DATADIR", p->rom);
	return 0;
}
