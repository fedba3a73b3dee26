# SPDX-License-Identifier: BSD-2-Clause
"""One run of CBMC: a proof, on the sources of the model or on a changed copy of them."""
import os
import pathlib
import re
import shutil
import subprocess
import threading

# The depth of loops: levels of paging and of EPT, and one to see that there is no more.
UNWIND = 5
# Other loops and the recursion for the log entry's own access. That these are enough is proved as
# well: --unwinding-assertions.
UNWINDSET = [
    "walk_by_path.0:7", "any_path.1:7", "make_worlds.0:9", "make_worlds.1:7", "make_worlds.2:9",
    "make_worlds.3:7", "compare_memory.0:9", "read_entry.0:9",
    "epml_ept_access:2", "epml_access_prepare:2", "epml_gpml_prepare:2",
    "sppt_by_path.0:7", "epml_spp_grants.0:34", "even_bits.0:33",
    "sppt_entry.0:33", "check_grants.0:65",
]
# For all claims to hold, with the loops as deep as they go.
CLAIMS = ["--unwinding-assertions"]
# And no undefined behaviour.
CHECKS = ["--bounds-check", "--pointer-check", "--div-by-zero-check", "--signed-overflow-check",
          "--undefined-shift-check"]
# For a claim that does not hold: there is nothing else that could fail.
FAILS = ["--stop-on-fail"]
# For the example that is possible.
EXAMPLE = ["--stop-on-fail", "-DPROOF_EXAMPLE"]
NOT_PROVED = {"params.c", "trace.c"}    # names and text: nothing that the processor does
# Proofs about a walk itself, without a world, and the file of the model that each includes.
INCLUDES = {"walk": "ept.c", "spp_walk": "spp.c"}
# The proofs in which all of SPP is as it is.
SPPT_IS_WALKED = {"spp_no_denied_write"}
TIMEOUT = 1800    # seconds

# Names in epml.h: EPML_TRIGGER_GUEST_DIRTY is the value guest-dirty of the parameter trigger.
PREFIXES = {"trigger": "TRIGGER", "translation": "TRANSLATE", "full": "FULL",
            "notification": "NOTIFY", "walk-writes": "WALKS"}


class Error(Exception):
    """Something is missing, or is not as expected."""


def replace_once(where, text, old, new):
    """The text with the one place @old replaced."""
    if text.count(old) != 1:
        raise Error(f"{where}: {text.count(old)} places with '{old}', expected 1")
    return text.replace(old, new)


def cases(spec, values):
    """The text of design.h: for each parameter the values that the proof is about."""
    lines = []
    for name, prefix in PREFIXES.items():
        names = [f"EPML_{prefix}_{v.upper().replace('-', '_')}"
                 for v in values.get(name, spec.values[name])]
        macro = name.upper().replace("-", "_")
        any_of = " || ".join(f"(v) == {n}" for n in names)
        lines += [f"#define {macro} {names[0] if len(names) == 1 else 'any_unsigned()'}",
                  f"#define IS_{macro}(v) ({any_of})"]
    return "\n".join(lines) + "\n"


def sources(tree, change=None):
    """The model's files by name; @change = (file, old text, new text)."""
    files = {p.name: p.read_text() for p in sorted((tree / "cpu-model/lib").glob("*.[ch]"))
             if p.name not in NOT_PROVED}
    if change:
        name, old, new = change
        files[name] = replace_once(name, files[name], old, new)
    return files


def use_ept_paths(text):
    """In place of the model's walk of EPT, that of world.c is called. walk.c says why."""
    text = replace_once("ept.c", text, "switch (walk(", "switch (walk_by_path(")
    if len(re.findall(r"\bwalk\(", text)) != 1:
        raise Error("ept.c: walk() is called at another place, expected one call")
    declaration = ("enum walk_end walk_by_path(const struct epml_cpu *cpu, uint64_t gpa,\n"
                   "\t\t\t   struct ept_walk *w);\n\n")
    return replace_once(
        "ept.c", text, "static enum walk_end walk(", declaration + "static enum walk_end walk(")


def use_sppt_paths(text):
    """The same for the walk of the SPPT and its verdict. spp_walk.c says why."""
    text = replace_once("ept.c", text, "r = epml_spp_walk(", "r = spp_walk_by_path(")
    text = replace_once("ept.c", text, "!epml_spp_grants(", "!spp_grants_by_path(")
    declaration = ("enum epml_result spp_walk_by_path(struct epml_cpu *cpu,\n"
                   "\t\t\t\t  const struct epml_access *a, struct epml_spp *spp);\n"
                   "bool spp_grants_by_path(uint32_t writable, uint64_t gpa, unsigned size);\n\n")
    return replace_once("ept.c", text, "static enum epml_result check_sub_pages(",
                        declaration + "static enum epml_result check_sub_pages(")


def use_paths(proof, files):
    """The model's files with walks replaced as far as the proof has them replaced."""
    text = use_ept_paths(files["ept.c"])
    if proof not in SPPT_IS_WALKED:
        text = use_sppt_paths(text)
    for name in files:
        calls = len(re.findall(r"\bepml_spp_walk\(", files[name]))
        if calls != {"ept.c": 1, "spp.c": 1, "internal.h": 1}.get(name, 0):
            raise Error(f"{name}: epml_spp_walk() is called at another place, expected one call")
    return dict(files, **{"ept.c": text})


class Result:
    """What CBMC has found."""

    def __init__(self, output, seconds):    # of processor time
        found = re.findall(r"^\[(\S+)\] (?:line \d+ )?(.*): (SUCCESS|FAILURE)$", output, re.M)
        self.claims = sum(".assertion." in name for name, _, _ in found)    # others: .unwind.
        self.checks = len(found) - self.claims
        self.failed = [text for _, text, status in found if status == "FAILURE"]
        violated = re.search(r"^Violated property:\n.*\n *(.*)", output, re.M)
        if violated:
            self.failed = [violated.group(1)]
        self.verified = "VERIFICATION SUCCESSFUL" in output
        self.known = self.verified or "VERIFICATION FAILED" in output
        self.output = output
        self.seconds = seconds


class Cbmc:
    """CBMC on one tree."""

    def __init__(self, tree, spec_dir, program_dir, work):
        self.tree = pathlib.Path(tree).resolve()
        self.spec_dir = pathlib.Path(spec_dir).resolve()
        self.program_dir = pathlib.Path(program_dir).resolve()
        self.work = pathlib.Path(work)
        self.children = set()
        self.lock = threading.Lock()
        self.count = 0
        self.stopped = False

    def directory(self):
        with self.lock:
            self.count += 1
            place = self.work / str(self.count)
        place.mkdir()
        return place

    def run(self, proof, design, files, options, claim=None):
        """
        Run the proof in file @proof on the model's sources @files. With the text of a @claim only
        this one is looked at.
        """
        place = self.directory()
        proofs = self.tree / "cpu-model/proofs"
        if proof not in INCLUDES:
            files = use_paths(proof, files)
            shutil.copy(proofs / "world.c", place)
        for name, text in files.items():
            (place / name).write_text(text)
        (place / "design.h").write_text(design)
        shutil.copy(proofs / f"{proof}.c", place)
        units = [p.name for p in sorted(place.glob("*.c"))]
        if proof in INCLUDES:
            units.remove(INCLUDES[proof])
        if claim:
            listed = self.call(place, units, ["--show-properties"]).output
            options = options + self.only(claim, listed)
        result = self.call(place, units, options)
        shutil.rmtree(place)
        if not result.known:
            lines = result.output.strip().splitlines() or ["no output"]
            reason = next((l for l in lines if "error" in l.lower()), lines[-1])
            raise Error(f"{proof}: CBMC has no result: {reason}")
        return result

    @staticmethod
    def only(claim, listed):
        """Options that select a claim by its text; @listed is what --show-properties prints."""
        names = re.findall(rf"^Property (\S+):\n.*\n *{re.escape(claim)}\n", listed, re.M)
        if not names:
            raise Error(f"there is no claim '{claim}'")
        return [option for name in names for option in ("--property", name)]

    def call(self, place, units, options):
        model = self.tree / "cpu-model"
        command = [str(self.program_dir / "cbmc"), *units, "-I.", f"-I{model / 'proofs'}",
                   f"-I{model / 'include'}", f"-I{self.spec_dir}", "--object-bits", "12",
                   "--unwind", str(UNWIND), "--unwindset", ",".join(UNWINDSET),
                   "--verbosity", "6", *options]
        output, status, usage = self.wait(command, place)
        if status < 0:
            output += f"error: ended by signal {-status}, or after {TIMEOUT} s"
        return Result(output, usage.ru_utime + usage.ru_stime)

    def wait(self, command, place):
        """Run the command in a directory: its output, exit status and usage of resources."""
        with open(place / "output", "w+", encoding="utf-8", errors="replace") as output:
            with self.lock:
                if self.stopped:
                    raise Error("stopped")
                child = subprocess.Popen(command, cwd=place, stdin=subprocess.DEVNULL,
                                         stdout=output, stderr=subprocess.STDOUT,
                                         env={"LD_LIBRARY_PATH": str(self.program_dir),
                                              "PATH": os.environ["PATH"]})
                self.children.add(child)
            timer = threading.Timer(TIMEOUT, child.kill)
            timer.start()
            _, status, usage = os.wait4(child.pid, 0)
            timer.cancel()
            with self.lock:
                self.children.remove(child)
                child.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            return output.read(), child.returncode, usage

    def stop(self):
        """End all that runs."""
        with self.lock:
            self.stopped = True
            for child in self.children:
                child.kill()
