#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Prove P1 to P5 and sub-page permissions of the model with CBMC, in the designs of designs.json.

Usage: prove.py [--mutants] [--jobs N] TREE SPEC CBMC [NAME...]

TREE is the top of the source tree, SPEC the directory of the generated epml-spec.h, CBMC the one
that fetch-cbmc.sh prints. Three kinds of runs, of which each prints a line:

  holds    the claims of a proof hold in all designs with certain parameters, and what it calls an
           example is possible, so that its assumptions do not contradict each other
  fails    in a design in which a property does not hold, CBMC finds a claim that fails
  mutant   with --mutants, instead of these: a fault of mutants.json makes its claim fail

The seconds are those of processor time.

NAMEs select: a property, a file, "holds", "fails", or the name of a mutant. The last line is
"N passed, N failed". Exit status: 0 all as expected, 1 not, 2 the runs could not be made.
"""
import sys

sys.dont_write_bytecode = True    # the source tree may be read-only

import argparse
import concurrent.futures
import json
import pathlib
import signal
import tempfile

import cbmc
import designs


def with_text(values):
    return " ".join(f"{n}={','.join(v)}" for n, v in values.items()) or "all parameters"


def holds_run(checker, data, proof):
    """All claims hold, and the example is possible."""
    design = cbmc.cases(data.spec, proof["with"])
    files = cbmc.sources(checker.tree)
    options = cbmc.CLAIMS + (cbmc.CHECKS if proof["all_checks"] else [])
    result = checker.run(proof["file"], design, files, options)
    seconds = result.seconds
    if result.failed:
        return False, f"NOT PROVED: {'; '.join(result.failed)}", seconds
    if not result.claims:
        return False, "NOT PROVED: there is no claim", seconds
    example = checker.run(proof["file"], design, files, cbmc.EXAMPLE)
    seconds += example.seconds
    if example.failed != ["example"]:
        return False, "NOT PROVED: the example is impossible", seconds
    return True, f"{result.claims} claims, {result.checks} checks", seconds


def failing_run(checker, data, proof, values, claim, change=None):
    """The claim fails, for these values of all parameters."""
    design = cbmc.cases(data.spec, {name: [value] for name, value in values.items()})
    files = cbmc.sources(checker.tree, change)
    result = checker.run(proof, design, files, cbmc.FAILS, claim)
    if result.failed != [claim]:
        return False, f'"{claim}" HOLDS, which it must not', result.seconds
    return True, f'"{claim}"', result.seconds


def proof_tasks(checker, data):
    """(names that select it, what it prints, function) for each run of make prove."""
    for proof in data.proofs:
        prop = proof.get("property", proof["file"])
        yield ({prop, proof["file"], "holds"},
               f"{prop} holds   {with_text(proof['with'])}",
               lambda proof=proof: holds_run(checker, data, proof))
    for design in data.designs:
        for prop, fails in design.fails.items():
            proof = data.file(prop)
            yield ({prop, proof, "fails"},
                   f"{prop} fails   {design.name()} ({fails['vector']})",
                   lambda proof=proof, values=design.values, claim=fails["claim"]:
                       failing_run(checker, data, proof, values, claim))


def mutant_tasks(checker, data):
    """The same for make prove-mutants."""
    path = checker.tree / "cpu-model/proofs/mutants.json"
    for mutant in json.loads(path.read_text()):
        values = dict(data.spec.profiles["hardened"], **mutant.get("params", {}))
        change = (mutant["file"], mutant["old"], mutant["new"])
        cbmc.sources(checker.tree, change)    # fails now if the place is not there
        prop = mutant["proof"]
        proof = data.file(prop) if prop in designs.PROPERTIES else prop
        yield ({mutant["name"], prop},
               f"{prop} mutant  {mutant['name']} ({mutant['file']})",
               lambda proof=proof, values=values, claim=mutant["claim"], change=change:
                   failing_run(checker, data, proof, values, claim, change))


def select(tasks, names):
    """Those tasks that the names select; all if there are no names."""
    known = set().union(*(task[0] for task in tasks))
    for name in names:
        if name not in known:
            raise cbmc.Error(f"there is no {name}; expected one of {' '.join(sorted(known))}")
    return [task for task in tasks if not names or task[0] & set(names)]


def run_all(checker, tasks, jobs):
    """Run the tasks and print a line for each when it ends. Returns the number that failed."""
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(task[2]): task[1] for task in tasks}
        try:
            for future in concurrent.futures.as_completed(futures):
                good, text, seconds = future.result()
                failed += not good
                print(f"proof: {futures[future]}: {text} [{seconds:.1f} s]", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            checker.stop()
            raise
    print(f"{len(tasks) - failed} passed, {failed} failed")
    return failed


def parse():
    parser = argparse.ArgumentParser(description="Prove the properties of the model with CBMC.")
    parser.add_argument("--mutants", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("spec")
    parser.add_argument("cbmc")
    parser.add_argument("names", nargs="*")
    return parser.parse_args()


def end(number, _frame):
    raise SystemExit(128 + number)


def main():
    args = parse()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    with tempfile.TemporaryDirectory() as work:
        checker = cbmc.Cbmc(args.tree, args.spec, args.cbmc, work)
        try:
            data = designs.Data(args.tree)
            make = mutant_tasks if args.mutants else proof_tasks
            tasks = select(list(make(checker, data)), args.names)
            return 1 if run_all(checker, tasks, args.jobs) else 0
        except (cbmc.Error, designs.Error, OSError) as error:
            print(f"prove: {error}", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main())
