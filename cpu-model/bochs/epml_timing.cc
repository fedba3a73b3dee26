/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The timing model inside Bochs: its life cycle, time, and results.
 *
 * Each processor has a struct timing, which is told what the processor does: by the hooks of this
 * file and epml_events.cc in both modes, and by those of epml_full.cc in mode "full". Instructions
 * of mode "events" are those that icount has counted since it was looked at last.
 *
 * With one processor the time of Bochs is the clock of the timing model, to the cycle: ticks come
 * from epml_timing_sync only, and where Bochs itself lets time pass (HLT, slow devices) the clock
 * follows as idle. Of several processors, the one whose clock is furthest behind runs next, and the
 * time of Bochs is that clock; each one's TSC is its own clock.
 */
#define NEED_CPU_REG_SHORTCUTS 1
#include "bochs.h"
#include "cpu.h"
#include "param_names.h"
#include "epml_option.h"
#include "timing_result.h"
#include "timing_timeline.h"

extern "C" {
#include "costs_load.h"
}

#define LOG_THIS genlog->

bool epml_timing_enabled;
bool epml_timing_full;

static struct timing_processor processor;
static BX_CPU_C *running;		// the processor that is executing
static bool ticking;			// catching up: what timers read is the time as it passes
static Bit64u ticked;			// several processors: cycles that have become ticks
static FILE *timeline_file;
static struct timing_timeline timeline;

// Life cycle

// Returns NULL, or what is wrong with the option.
static const char *load_costs(void)
{
  if (! epml_on)
    return "'timing' needs enabled=1";
  if (! epml_options.costs[0])
    return "'timing' needs costs=FILE";
  if (timing_costs_load(&processor, epml_options.costs))
    return "cannot use the file that 'costs' names";
  if (processor.khz * 1000 > BX_MAX_BIT32U)
    return "'costs' names a processor of more than 4294 MHz, Bochs's highest rate";
  return NULL;
}

static bool open_timeline(void)
{
  if (! epml_options.timeline[0])
    return true;
  timeline_file = fopen(epml_options.timeline, "w");
  if (timeline_file)
    timing_timeline_begin(&timeline, timeline_file, TIMING_TIMELINE_LIMIT);
  return timeline_file != NULL;
}

void epml_timing_begin(void)
{
  if (epml_options.timing == TIMING_OFF)
    return;
  const char *error = load_costs();
  if (! error && ! open_timeline())
    error = "cannot write the file that 'timeline' names";
  if (error) {
    BX_PANIC(("epml: %s", error));
    return;
  }
  SIM->get_param_num(BXPN_IPS)->set(processor.khz * 1000);
  epml_timing_enabled = true;
#if BX_INSTRUMENTATION
  epml_timing_full = epml_options.timing == TIMING_FULL;
  epml_full_init();
#endif
}

static uint64_t timing_read(void *host, uint64_t hpa)
{
  const Bit8u *memory = ((BX_CPU_C *) host)->epml_host_address(hpa);

  return memory ? ReadHostQWordFromLittleEndian((Bit64u *) memory) : 0;
}

static void timing_mark(void *host, enum timing_mark mark, unsigned what)
{
  BX_CPU_C *cpu = (BX_CPU_C *) host;
  const char *name = mark == TIMING_MARK_PHASE ? epml_options.phase_names[what] : NULL;

  if (timeline_file)
    timing_timeline_mark(&timeline, &cpu->epml_tracks, &cpu->epml_timing, mark, what, name);
}

static const struct timing_ops timing_ops = { timing_read, timing_mark };

void BX_CPU_C::epml_timing_init(void)
{
  if (timing_init(&epml_timing, &processor, epml_options.timing, &timing_ops, this, which_cpu()))
    BX_PANIC(("epml: the timing model needs more memory than there is, or than %u MByte",
              TIMING_MAX_BYTES >> 20));
  BX_INFO(("epml: counting cycles of '%s', mode %s, %u KByte", processor.name,
           timing_mode_names[epml_options.timing], (unsigned) (epml_timing.bytes >> 10)));
  epml_timing_restart();
  if (! running)
    running = this;
}

// Cycle 0 is now.
void BX_CPU_C::epml_timing_restart(void)
{
  ticking = true;
  epml_first_tick = bx_pc_system.time_ticks();
  ticking = false;
  ticked = 0;
  epml_counted = epml_first_icount = icount;
  epml_synced = epml_timing.clock;
  epml_sppt_read = epml_virtual = epml_injecting = false;
}

// The simulation goes on from a saved state: the count begins at 0, with empty caches and TLBs;
// Bochs's time, and with it the TSC, goes on from where it was.
void BX_CPU_C::epml_timing_restored(void)
{
  epml_timing_restart();
  epml_paging = epml_paging_bits();
  epml_timing_context();
}

// Time

// All charges of mode "events" come after the instructions before them.
void BX_CPU_C::epml_count_insns(void)
{
  if (epml_timing.mode == TIMING_EVENTS)
    timing_insns(&epml_timing, icount - epml_counted);
  else
    epml_timing.insns = icount - epml_first_icount;
  epml_counted = icount;
}

// One processor: Bochs's time is behind by what was counted, or ahead by what was waited for.
void BX_CPU_C::epml_timing_sync(void)
{
  epml_count_insns();
  const Bit64u clock = timing_now(&epml_timing);
  Bit64u now = bx_pc_system.time_ticks() - epml_first_tick;

  if (now > clock)
    timing_idle_until(&epml_timing, now);
  while (now < clock) {
    const Bit32u step = clock - now > 0x40000000 ? 0x40000000 : (Bit32u) (clock - now);
    bx_pc_system.tickn(step);
    now += step;
  }
  epml_synced = epml_timing.clock;
  sync_icount();
}

void epml_timing_catch_up(void)
{
  if (ticking || ! running || BX_SMP_PROCESSORS > 1)
    return;
  ticking = true;
  running->epml_timing_sync();
  ticking = false;
}

// A repeated string instruction has done so many iterations since the last look at the time. The
// result is when upstream shall look: never, this was it.
Bit32u BX_CPU_C::epml_timing_repeat(void)
{
  if (icount - icount_last_sync >= BX_MAX_TRACE_LENGTH)
    epml_timing_catch_up();
  return BX_MAX_BIT32U;
}

// Has a timer come due since the time was looked at? For loops that stay in linked traces.
bool BX_CPU_C::epml_timing_due(void)
{
  return epml_timing.clock - epml_synced >=
         (Bit64u) bx_pc_system.getNumCpuTicksLeftNextEvent() * 1000;
}

// Several processors. All comparisons are of whole cycles, and of those that are equal the next one
// in turn comes first: one that waits for another never runs twice in between.

static Bit64u clock_of(unsigned cpu)
{
  return timing_now(&BX_CPU(cpu)->epml_timing);
}

// The processor that is furthest behind, beginning with the one behind "after".
static unsigned furthest_behind(unsigned after)
{
  unsigned found = (after + 1) % BX_SMP_PROCESSORS;

  for (unsigned i = 2; i <= (unsigned) BX_SMP_PROCESSORS; i++) {
    const unsigned cpu = (after + i) % BX_SMP_PROCESSORS;
    if (clock_of(cpu) < clock_of(found))
      found = cpu;
  }
  return found;
}

// It is the turn of this processor.
unsigned epml_timing_next(void)
{
  const unsigned next = furthest_behind(running->which_cpu());

  running = BX_CPU(next);
  return next;
}

// It has run for a moment. A processor that is halted waits for the others; if all are, until the
// next timer is due.
void epml_timing_ran(void)
{
  static int halted;

  if (running->epml_ran())
    halted = 0;
  else if (++halted > BX_SMP_PROCESSORS) {
    halted = 0;
    running->epml_wait(ticked + bx_pc_system.getNumCpuTicksLeftNextEvent());
  }
  else {
    Bit64u others = ~(Bit64u) 0;
    for (unsigned i = 0; i < (unsigned) BX_SMP_PROCESSORS; i++)
      if (BX_CPU(i) != running && clock_of(i) < others)
        others = clock_of(i);
    running->epml_wait(others);
  }
  const Bit64u now = clock_of(furthest_behind(0));
  while (ticked < now) {
    const Bit32u step = now - ticked > 0x40000000 ? 0x40000000 : (Bit32u) (now - ticked);
    ticked += step;
    bx_pc_system.tickn(step);
  }
}

// Has this processor executed anything since it was looked at?
bool BX_CPU_C::epml_ran(void)
{
  const bool ran = epml_counted != icount;

  epml_count_insns();
  return ran;
}

void BX_CPU_C::epml_wait(Bit64u cycle)
{
  timing_idle_until(&epml_timing, cycle);
}

// How far the TSC of this processor is before Bochs's time.
Bit64u BX_CPU_C::epml_timing_ahead(void)
{
  if (BX_SMP_PROCESSORS == 1)
    return 0;
  epml_count_insns();
  return timing_now(&epml_timing) - ticked;
}

// Results

static bool write_result(void)
{
  const struct timing *cpus[BX_SMP_PROCESSORS];
  struct timing_result result;
  char temporary[sizeof(epml_options.timing_out) + 8];

  for (unsigned i = 0; i < BX_SMP_PROCESSORS; i++)
    cpus[i] = &BX_CPU(i)->epml_timing;
  if (timing_result_take(&result, cpus, BX_SMP_PROCESSORS, epml_options.phase_names))
    return false;
  snprintf(temporary, sizeof(temporary), "%s.new", epml_options.timing_out);
  FILE *out = fopen(temporary, "w");
  bool good = out != NULL;
  if (good) {
    timing_result_write(out, &result);
    good = ! ferror(out);
    good = ! fclose(out) && good && ! rename(temporary, epml_options.timing_out);
    if (! good)
      remove(temporary);
  }
  timing_result_free(&result);
  return good;
}

// Each processor at the end of the simulation; the last one writes the result.
void BX_CPU_C::epml_timing_end(void)
{
  if (! running)
    return;
  if (BX_SMP_PROCESSORS == 1)
    epml_timing_catch_up();
  else
    epml_count_insns();
  if (timeline_file)
    timing_timeline_end_cpu(&timeline, &epml_tracks, &epml_timing);
  if (which_cpu() + 1 < (unsigned) BX_SMP_PROCESSORS)
    return;
  running = NULL;
  if (timeline_file) {
    timing_timeline_end(&timeline);
    const bool failed = ferror(timeline_file);
    if (fclose(timeline_file) || failed)
      fprintf(stderr, "epml: cannot write time line '%s'\n", epml_options.timeline);
    timeline_file = NULL;
  }
  if (epml_options.timing_out[0] && ! write_result())
    fprintf(stderr, "epml: cannot write '%s'\n", epml_options.timing_out);
}

// Devices

void epml_timing_io(void)
{
  if (running)
    running->epml_charge(TIMING_INSN_IO);
}

// A mark is free, since a program has it for our sake.
void epml_timing_out(unsigned port, unsigned len, unsigned value)
{
  if (port != EPML_PHASE_PORT || len != 1)
    epml_timing_io();
  else if (running)
    running->epml_phase(value);
}

void BX_CPU_C::epml_phase(unsigned number)
{
  epml_count_insns();
  timing_phase(&epml_timing, number);
}
