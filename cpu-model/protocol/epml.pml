/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol between the processor and a guest that tracks the writes of one of its processes.
 *
 * N_CPU virtual processors run threads of the tracked process. They share its page tables; each has
 * a guest page-modification log and translation caches of its own. A collector, a thread on yet
 * another processor, asks again and again for the pages that were written, takes each of them out
 * of the ring, re-arms it, and reads it. docs/protocol.md explains the model and its results.
 *
 * The property, asserted after every step that could break it (check()):
 *
 *	A page that was written after the collector has last read it is in a log, or in the spill
 *	area or the ring, or in the hands of the collector, which has yet to read it; or the
 *	instruction that logs it has set its dirty flag and is not yet complete.
 *
 * Design parameters, as in the profiles (rules GPML-TRIG, GPML-FULL, NOTIFY):
 *	EPT_DIRTY	trigger ept-dirty; without it guest-dirty
 *	DROP, VE	full=drop, full=ve; without them full=exit
 *	WHEN_FULL	notification when-full; without it threshold, with one entry of headroom
 *
 * Mutants, each a mistake in one place:
 *	NO_FLUSH	re-arming clears the dirty flag, and leaves cached translations alone
 *	LOCAL_FLUSH	it flushes the caches of processor 0 only
 *	READ_FIRST	the collector reads a page before it re-arms it
 *	LATE_RESET	the handler copies the log, and resets the index only after the thread has
 *			run on: pages are re-armed before the log is drained
 *	SWITCH_RESET	a context switch away from the process does not drain the log
 *	SWITCH_ON	a context switch away from the process leaves logging on
 *	FLUSH_IN_HANDLER  the handler re-arms, waiting with interrupts masked for other processors
 *	INJECT_ONLY	when the log is full the hypervisor injects the notification, no more
 */

#ifndef N_CPU
#define N_CPU		2
#endif
#ifndef N_PAGES
#define N_PAGES		3
#endif
#ifndef N_ENTRIES
#define N_ENTRIES	2	/* of a log; the architecture has 512 */
#endif
#ifndef MASKED_WRITES
#define MASKED_WRITES	3	/* most writes in one section with interrupts masked */
#endif

#define FIRST_INDEX	(N_ENTRIES - 1)
#define FULL_INDEX	255	/* the architecture has FFFFH */
#ifdef WHEN_FULL
#define NOTIFY_INDEX	FULL_INDEX
#else
#define NOTIFY_INDEX	0	/* the Guest PML Threshold: one entry is left */
#endif

#define NONE		N_PAGES		/* no page */
#define FOREIGN		(N_PAGES + 1)	/* a page of another process */
#define BIT(p)		(1 << (p))

#ifdef EPT_DIRTY
#define TRIGGER(p)	(!(ept_dirty & BIT(p)))		/* GPML-TRIG-1 */
#else
#define TRIGGER(p)	(!(dirty & BIT(p)))		/* GPML-TRIG-2 */
#endif

/* One virtual processor. Sets of pages are bit masks. */
typedef cpu_state {
	byte log[N_ENTRIES];	/* the guest's log */
	byte index;		/* Guest PML Index; goes down, FULL_INDEX: full */
	byte spill;		/* set: what the hypervisor has taken out of the full log */
	byte cached;		/* set: translations cached with their dirty flag set */
	byte flight;		/* page whose dirty flag is set and whose entry is due, or NONE */
	bool pending;		/* the notification is pending */
	bool drain;		/* interprocessor interrupt: empty your log */
	byte flush;		/* set: interprocessor interrupt: invalidate these pages */
	bool masked;		/* RFLAGS.IF = 0 */
	bool tracked;		/* a thread of the tracked process runs */
	bool logging;
};

cpu_state cpu[N_CPU];
byte dirty;			/* set: dirty flags in the guest's page tables */
#ifdef EPT_DIRTY
byte ept_dirty;			/* set: dirty flags in EPT, which the guest cannot reach */
#endif
byte ring;			/* set: pages for the collector */
byte hands = NONE;		/* page that the collector has taken and not yet read */
byte unseen;			/* set: written after they were last read */

/* Only used inside of steps, and 0 between them. */
byte i, j, safe;

/* The property. */
inline check()
{
	d_step {
		safe = ring;
		if
		:: hands != NONE -> safe = safe | BIT(hands)
		:: else
		fi;
		i = 0;
		do
		:: i < N_CPU ->
			safe = safe | cpu[i].spill;
			if
			:: cpu[i].flight != NONE -> safe = safe | BIT(cpu[i].flight)
			:: else
			fi;
			j = N_ENTRIES;
			do
			:: j > 0 && (cpu[i].index == FULL_INDEX || j - 1 > cpu[i].index) ->
				j--;
				if
				:: cpu[i].log[j] < NONE -> safe = safe | BIT(cpu[i].log[j])
				:: else
				fi
			:: else -> break
			od;
			i++
		:: else -> break
		od;
		i = 0;
		j = 0;
		if
		:: (unseen & ~safe) != 0 -> printf("a written page is lost\n")
		:: else
		fi;
		assert((unseen & ~safe) == 0);
		safe = 0
	}
}

/* ---- The processor ---- */

inline set_dirty(page)
{
	dirty = dirty | BIT(page);
#ifdef EPT_DIRTY
	ept_dirty = ept_dirty | BIT(page)
#endif
}

/* Write an entry, and notify. GPML-LOG-1, GPML-LOG-2, NOTIFY-1, NOTIFY-2 */
inline log_entry(c, page)
{
	printf("cpu %d: logs page %d in entry %d\n", c, page, cpu[c].index);
	cpu[c].log[cpu[c].index] = page;
	cpu[c].index = (cpu[c].index == 0 -> FULL_INDEX : cpu[c].index - 1);
	if
	:: cpu[c].index == NOTIFY_INDEX ->
		printf("cpu %d: posts the notification\n", c);
		cpu[c].pending = true
	:: else
	fi
}

/* The write itself, with everything that it needed done. */
inline complete(c, page)
{
	printf("cpu %d: writes page %d\n", c, page);
	cpu[c].cached = cpu[c].cached | BIT(page);
	unseen = unseen | BIT(page);
	page = NONE;
	check()
}

/* An entry is due and the log is full. The write is tried again, but with full=drop. */
inline log_full(c, page)
{
#ifdef DROP
	/* GPML-FULL-1 */
	printf("cpu %d: log full, drops the entry of page %d\n", c, page);
	set_dirty(page);
	cpu[c].pending = true;
	complete(c, page)
#else
#ifdef VE
	/* GPML-FULL-3: the guest's handler of #VE, which no mask holds back, drains the log. */
	printf("cpu %d: log full, #VE\n", c);
	drain_log(c)
#else
	/* GPML-FULL-2 */
	printf("cpu %d: log full, VM exit\n", c);
#ifndef INJECT_ONLY
	/* The hypervisor makes room: it moves the entries to an area that the guest drains. */
	take_entries(c, cpu[c].spill);
#endif
	cpu[c].pending = true
#endif
#endif
}

/* Which page does the next instruction write? Any. */
inline choose_page(c)
{
	if
	:: next == NONE ->
		left = (cpu[c].masked -> left - 1 : 0);
		next = 0;
		do
		:: next < N_PAGES - 1 -> next++
		:: break
		od
	:: else
	fi
}

/* An instruction that writes a page, up to the point where its dirty flag is set. */
inline write_page(c, page)
{
	if
	/* The translation is cached, and says that the dirty flag is set. EPT-TLB-1 */
	:: cpu[c].cached & BIT(page) -> complete(c, page)
	/* It is not, but the flag in memory is set: nothing is to be logged. */
	:: !(cpu[c].cached & BIT(page)) && !TRIGGER(page) ->
		dirty = dirty | BIT(page);
		complete(c, page)
	/* The flag is 0, and there is room for the entry: set it, then log and write. */
	:: !(cpu[c].cached & BIT(page)) && TRIGGER(page) && cpu[c].index != FULL_INDEX ->
		printf("cpu %d: sets the dirty flag of page %d\n", c, page);
		set_dirty(page);
		cpu[c].flight = page;
		page = NONE
	/* The flag is 0, and the log is full: nothing has been set yet. */
	:: !(cpu[c].cached & BIT(page)) && TRIGGER(page) && cpu[c].index == FULL_INDEX ->
		log_full(c, page);
		check()
	fi
}

/* ---- The guest's kernel ---- */

/* All entries of the log go into a set, and the log is empty. */
inline take_entries(c, set)
{
	copy_entries(c, set);
	cpu[c].index = FIRST_INDEX
}

inline copy_entries(c, set)
{
	i = N_ENTRIES;
	do
	:: i > 0 && (cpu[c].index == FULL_INDEX || i - 1 > cpu[c].index) ->
		i--;
		if
		:: cpu[c].log[i] == FOREIGN ->
			printf("a page of another process is reported\n");
			assert(false)
		:: else -> set = set | BIT(cpu[c].log[i])
		fi
		/* What an entry held does not matter any more. */
#ifndef LATE_RESET
		;
		cpu[c].log[i] = 0
#endif
	:: else -> break
	od;
	i = 0
}

/*
 * On the log's own processor, with nothing else running there: the thread cannot write between the
 * copy and the reset of the index.
 */
inline drain_log(c)
{
	take_entries(c, ring);
	ring = ring | cpu[c].spill;
	cpu[c].spill = 0
}

/* Between two instructions; an interrupt that is due comes first. */
#define READY(c)	(cpu[c].flight == NONE && !DUE(c))

#define DUE(c)	(!cpu[c].masked && (cpu[c].pending || cpu[c].drain || cpu[c].flush != 0))

/* All interrupts that are due. */
inline handle_interrupts(c)
{
	if
	:: cpu[c].pending || cpu[c].drain ->
		printf("cpu %d: handler drains the log\n", c);
#ifdef LATE_RESET
		copy_entries(c, ring);
		ring = ring | cpu[c].spill;
		cpu[c].spill = 0;
		reset = true;
#else
		drain_log(c);
#endif
		cpu[c].pending = false;
		cpu[c].drain = false
	:: else
	fi;
	if
	:: cpu[c].flush != 0 ->
		printf("cpu %d: flushes its translation\n", c);
		cpu[c].cached = cpu[c].cached & ~cpu[c].flush;
		cpu[c].flush = 0
	:: else
	fi;
	check()
}

#ifdef FLUSH_IN_HANDLER
/* Between two processors: the other one must take its interrupt before this handler ends. */
inline rearm_in_handler(c)
{
	printf("cpu %d: handler drains the log and re-arms\n", c);
	cpu[c].masked = true;
	cpu[c].pending = false;
	rearm = cpu[c].spill;
	cpu[c].spill = 0;
	take_entries(c, rearm);
	ring = ring | rearm;
	dirty = dirty & ~rearm;
	cpu[c].cached = cpu[c].cached & ~rearm;
	printf("cpu %d: waits until cpu %d has flushed\n", c, 1 - c);
	cpu[1 - c].flush = cpu[1 - c].flush | rearm;
	rearm = 0;
	cpu[1 - c].flush == 0;
	cpu[c].masked = false
}
#endif

inline switch_away(c)
{
	printf("cpu %d: switches to another process\n", c);
#ifdef SWITCH_RESET
	cpu[c].index = FIRST_INDEX;
#else
	drain_log(c);
#endif
#ifndef SWITCH_ON
	cpu[c].logging = false;
#endif
	cpu[c].tracked = false;
	check()
}

/*
 * A processor: user code, kernel code with interrupts masked, interrupts, context switches. A step
 * is what no interrupt can divide. An interrupt that can be delivered is delivered before the next
 * instruction (NOTIFY-4).
 */
proctype processor(byte me)
{
	byte next = NONE;	/* page of an instruction that is to be tried again */
	byte left;		/* writes that a masked section may still do */
#ifdef LATE_RESET
	bool reset = false;
#endif
#ifdef FLUSH_IN_HANDLER
	byte rearm = 0;
#endif

	do
	:: atomic {
		DUE(me) && cpu[me].flight == NONE ->
#ifdef FLUSH_IN_HANDLER
		if
		:: cpu[me].pending ->
			rearm_in_handler(me)
		:: else -> handle_interrupts(me)
		fi
#else
		handle_interrupts(me)
#endif
	   }
#ifdef LATE_RESET
	:: atomic {
		reset && READY(me) ->
		printf("cpu %d: resets the index\n", me);
		reset = false;
		cpu[me].index = FIRST_INDEX;
		check()
	   }
#endif
	/* An instruction that writes a page; a new one, or the one that the full log has stopped. */
	:: atomic {
		READY(me) &&
		(next != NONE || cpu[me].tracked && (!cpu[me].masked || left > 0)) ->
		choose_page(me);
		write_page(me, next)
	   }
	:: atomic {
		cpu[me].flight != NONE ->
		log_entry(me, cpu[me].flight);
		next = cpu[me].flight;
		cpu[me].flight = NONE;
		complete(me, next)
	   }
	/* Kernel code masks interrupts, writes the process's memory, and unmasks them. */
	:: atomic {
		READY(me) && next == NONE && !cpu[me].masked && cpu[me].tracked ->
		printf("cpu %d: masks interrupts\n", me);
		cpu[me].masked = true;
		left = MASKED_WRITES
	   }
	:: atomic {
		READY(me) && next == NONE && cpu[me].masked ->
		printf("cpu %d: unmasks interrupts\n", me);
		cpu[me].masked = false;
		left = 0
	   }
	/* The scheduler. */
	:: atomic {
		READY(me) && next == NONE && !cpu[me].masked && cpu[me].tracked -> switch_away(me)
	   }
	:: atomic {
		READY(me) && next == NONE && !cpu[me].tracked ->
		printf("cpu %d: switches back to the tracked process\n", me);
		cpu[me].logging = true;
		cpu[me].tracked = true
	   }
	/* The other process writes a page of its own, whose dirty flag is 0. */
	:: atomic {
		READY(me) && !cpu[me].tracked && cpu[me].logging && cpu[me].index != FULL_INDEX ->
		log_entry(me, FOREIGN)
	   }
	od
}

/* ---- The collector ---- */

inline flush_all(page)
{
	c = 0;
#ifndef NO_FLUSH
	do
	:: c < N_CPU ->
		cpu[c].flush = cpu[c].flush | BIT(page);
		!(cpu[c].flush & BIT(page));
#ifdef LOCAL_FLUSH
		break;
#endif
		c++
	:: else -> break
	od;
	c = 0;
#endif
	skip
}

/* The collector copies the page, or sends it, or whatever it collects pages for. */
inline read_page(page)
{
	atomic {
		printf("collector: reads page %d\n", page);
		unseen = unseen & ~BIT(page)
#ifndef READ_FIRST
		;
		hands = NONE
#endif
	}
}

proctype collector()
{
	byte c = 0;

	do
	:: /* Every processor empties its log. */
		do
		:: c < N_CPU ->
			atomic {
				printf("collector: asks cpu %d to drain its log\n", c);
				cpu[c].drain = true
			}
			!cpu[c].drain;
			c++
		:: else -> break
		od;
		c = 0;
		/* Every page of the ring is re-armed, then read. */
		do
		:: atomic {
			ring != 0 ->
			hands = 0;
			do
			:: ring & BIT(hands) -> break
			:: else -> hands++
			od;
			ring = ring & ~BIT(hands);
			printf("collector: takes page %d out of the ring\n", hands)
		   }
#ifdef READ_FIRST
			read_page(hands);
#endif
			atomic {
				printf("collector: clears the dirty flag of page %d\n", hands);
				dirty = dirty & ~BIT(hands)
			}
			flush_all(hands);
#ifdef READ_FIRST
			atomic {
				hands = NONE;
				check()
			}
#else
			read_page(hands)
#endif
		:: else -> break
		od
	od
}

init {
	byte n;

	atomic {
		for (n : 0 .. N_CPU - 1) {
			cpu[n].index = FIRST_INDEX;
			cpu[n].flight = NONE;
			cpu[n].tracked = true;
			cpu[n].logging = true;
			run processor(n)
		}
		run collector()
	}
}

/* A pending notification is finally handled. */
ltl handled { [] (cpu[0].pending -> <> !cpu[0].pending) }

/* A page that was written is finally read. */
ltl collected { [] ((unseen & 1) -> <> !(unseen & 1)) }
