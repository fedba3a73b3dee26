/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bochsrc option of the model, and its trace.
 *
 *	epml: enabled=1, profile=hardened, full=ve, trace=FILE
 *
 * "profile" sets all design parameters, later ones change single parameters. "trace" names a file
 * for the architectural trace; "-" writes it to standard output, each line behind "t ", in order
 * with what the guest prints through port E9H. "checkpoint=DIR, checkpoint-at=TICKS" saves the
 * state of the simulation to DIR at the first VM entry after so many ticks, for "bochs -r DIR";
 * Bochs itself can be told to save only by hand, in its window.
 *
 * "seed=NUMBER" makes RDRAND and RDSEED return the same numbers in each run; they are the only part
 * of the processor that does not.
 *
 * "timing=events|full, costs=FILE" counts cycles (docs/timing.md); "timing-out=FILE" gets the
 * result at the end, "timeline=FILE" a time line, and "phase=NUMBER:NAME" names a phase in them.
 */
#include <errno.h>
#include <sys/stat.h>

#include "bochs.h"
#include "cpu.h"
#include "epml_option.h"
#include "timing_result.h"

#define LOG_THIS genlog->

bool epml_enabled;
struct epml_options epml_options;

static const char *const parameter_keys[] = {
  "trigger", "translation", "full", "notification", "walk-writes"
};

static int bad(const char *context, const char *param, const char *expected)
{
  BX_PANIC(("%s: epml: '%s' is wrong, expected %s", context, param, expected));
  return -1;
}

static bool set_path(char (&path)[512], const char *value)
{
  if (!*value || strlen(value) >= sizeof(path))
    return false;
  strcpy(path, value);
  return true;
}

static const char *set_timing(const char *value)
{
  for (unsigned mode = 0; mode < TIMING_MODES; mode++) {
    if (strcmp(value, timing_mode_names[mode]))
      continue;
    if (mode == TIMING_FULL && ! BX_INSTRUMENTATION)
      return "timing=off or events: \"full\" is for the build of \"make bochs-timing\"";
    epml_options.timing = (enum timing_mode) mode;
    return NULL;
  }
  return "timing=off, events or full";
}

static const char *set_phase_name(const char *value)
{
  char *end;
  unsigned long number = strtoul(value, &end, 10);

  if (end == value || *end != ':' || !end[1] || number >= TIMING_PHASES ||
      strlen(end + 1) >= TIMING_PHASE_NAME)
    return "phase=NUMBER:NAME, with a number from 0 to 255";
  epml_options.phase_names[number] = strdup(end + 1);
  return NULL;
}

static const char *set_seed(const char *value)
{
  char *end;
  long long seed = strtoll(value, &end, 10);

  if (end == value || *end || seed <= 0 || seed > 0xffffffff)
    return "seed=NUMBER, from 1 to 4294967295";
  epml_options.seed = (unsigned) seed;
  return NULL;
}

// One key=value of the option. Returns NULL, or what was expected.
static const char *set_value(const char *key, const char *value)
{
  if (!strcmp(key, "enabled")) {
    if (strcmp(value, "0") && strcmp(value, "1"))
      return "enabled=0 or enabled=1";
    epml_enabled = *value == '1';
    return NULL;
  }
  if (!strcmp(key, "profile"))
    return epml_params_profile(&epml_options.params, value) ? NULL
                                                            : "profile=published or hardened";
  if (!strcmp(key, "trace"))
    return set_path(epml_options.trace, value) ? NULL : "trace=FILE";
  if (!strcmp(key, "seed"))
    return set_seed(value);
  if (!strcmp(key, "timing"))
    return set_timing(value);
  if (!strcmp(key, "costs"))
    return set_path(epml_options.costs, value) ? NULL : "costs=FILE";
  if (!strcmp(key, "timing-out"))
    return set_path(epml_options.timing_out, value) ? NULL : "timing-out=FILE";
  if (!strcmp(key, "timeline"))
    return set_path(epml_options.timeline, value) ? NULL : "timeline=FILE";
  if (!strcmp(key, "phase"))
    return set_phase_name(value);
  if (!strcmp(key, "checkpoint"))
    return set_path(epml_options.checkpoint, value) ? NULL : "checkpoint=DIR";
  if (!strcmp(key, "checkpoint-at")) {
    char *end;
    epml_options.checkpoint_at = strtoull(value, &end, 10);
    return *value && !*end ? NULL : "checkpoint-at=TICKS";
  }
  return epml_params_set(&epml_options.params, key, value);
}

static Bit32s parse(const char *context, int num_params, char *params[])
{
  for (int i = 1; i < num_params; i++) {
    char *value = strchr(params[i], '=');
    if (!value)
      return bad(context, params[i], "key=value");
    *value++ = 0;
    const char *expected = set_value(params[i], value);
    if (expected) {
      value[-1] = '=';
      return bad(context, params[i], expected);
    }
  }
  return 0;
}

static Bit32s save(FILE *fp)
{
  fprintf(fp, "epml: enabled=%d", epml_enabled);
  for (const char *key : parameter_keys)
    fprintf(fp, ", %s=%s", key, epml_params_get(&epml_options.params, key));
  if (epml_options.trace[0])
    fprintf(fp, ", trace=%s", epml_options.trace);
  if (epml_options.seed)
    fprintf(fp, ", seed=%u", epml_options.seed);
  if (epml_options.timing != TIMING_OFF)
    fprintf(fp, ", timing=%s, costs=%s", timing_mode_names[epml_options.timing],
            epml_options.costs);
  if (epml_options.timing_out[0])
    fprintf(fp, ", timing-out=%s", epml_options.timing_out);
  if (epml_options.timeline[0])
    fprintf(fp, ", timeline=%s", epml_options.timeline);
  for (unsigned i = 0; i < TIMING_PHASES; i++)
    if (epml_options.phase_names[i])
      fprintf(fp, ", phase=%u:%s", i, epml_options.phase_names[i]);
  fprintf(fp, "\n");
  return 0;
}

void epml_seed_random(void)
{
  if (epml_options.seed)
    srand(epml_options.seed);
}

void epml_register_option(void)
{
  epml_params_profile(&epml_options.params, "hardened");
  SIM->register_addon_option("epml", parse, save);
}

// The trace

static FILE *trace;
static const char *trace_prefix = "";

bool epml_trace_open(void)
{
  if (trace || !epml_options.trace[0])
    return true;
  if (!strcmp(epml_options.trace, "-")) {
    trace = stdout;
    trace_prefix = "t ";
  }
  else {
    trace = fopen(epml_options.trace, "w");
  }
  return trace != NULL;
}

bool epml_tracing(void)
{
  return trace != NULL;
}

void epml_trace_event(unsigned cpu, const struct epml_event *event)
{
  char line[256];

  epml_event_format(event, line, sizeof(line));
  // a prefix only where it is needed, so that traces of one processor can be diffed
  if (BX_SMP_PROCESSORS > 1)
    fprintf(trace, "%scpu%u %s\n", trace_prefix, cpu, line);
  else
    fprintf(trace, "%s%s\n", trace_prefix, line);
}

// Checkpoints

static bool checkpoint_taken;

bool epml_checkpoint_due(void)
{
  return epml_options.checkpoint[0] && !checkpoint_taken &&
         bx_pc_system.time_ticks() >= epml_options.checkpoint_at;
}

bool epml_checkpoint_save(void)
{
  checkpoint_taken = true;
  if (mkdir(epml_options.checkpoint, 0777) && errno != EEXIST)
    return false;
  return SIM->save_state(epml_options.checkpoint);
}
