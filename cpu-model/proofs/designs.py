#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The designs of designs.json: which properties hold there, and what shows that one fails.

Usage: designs.py TREE

Print the table of designs and properties for docs/isa-extension.md, as scripts/update-blocks takes
it. TREE is the top of the source tree. "make prove" checks each cell: a property holds where one of
"proofs" covers the design, and fails with the vector that "fails" names.

An error in designs.json is one line, and the exit status is 2.
"""
import itertools
import json
import pathlib
import sys

PROPERTIES = ["P1", "P2", "P3", "P4", "P5"]
DATA = "cpu-model/proofs/designs.json"


class Error(Exception):
    """designs.json does not agree with itself, the specification or the vectors."""


class Design:
    """One value for each parameter."""

    def __init__(self, spec, entry):
        self.profile = entry["profile"]
        self.params = entry["params"]
        self.fails = entry["fails"]
        self.values = dict(spec.profiles[self.profile])
        for name, value in self.params.items():
            spec.check_value(name, value)
            self.values[name] = value

    def name(self):
        """The design in words."""
        return " ".join([self.profile] + [f"{n}={v}" for n, v in self.params.items()])


class Spec:
    """What vmcs-spec/fields.json says of parameters and profiles."""

    def __init__(self, tree):
        fields = json.loads((tree / "vmcs-spec/fields.json").read_text())
        self.values = {p["name"]: [v["name"] for v in p["values"]] for p in fields["parameters"]}
        self.profiles = {p["name"]: p["values"] for p in fields["profiles"]}

    def check_value(self, name, value):
        if value not in self.values.get(name, []):
            raise Error(f"{name} = {value} is not a parameter and its value")


class Data:
    """designs.json, checked."""

    def __init__(self, tree):
        tree = pathlib.Path(tree)
        data = json.loads((tree / DATA).read_text())
        vectors = json.loads((tree / "testvectors/vectors/properties.json").read_text())
        self.spec = Spec(tree)
        self.vectors = {v["id"]: v for v in vectors["vectors"]}
        self.proofs = data["proofs"]
        self.designs = [Design(self.spec, entry) for entry in data["designs"]]
        for proof in self.proofs:
            for name, values in proof["with"].items():
                for value in values:
                    self.spec.check_value(name, value)
            if not (tree / "cpu-model/proofs" / f"{proof['file']}.c").exists():
                raise Error(f"there is no proof {proof['file']}")
        for design, prop in itertools.product(self.designs, PROPERTIES):
            self.check_cell(design, prop)

    def file(self, prop):
        """The proof of a property."""
        return next(p["file"] for p in self.proofs if p.get("property") == prop)

    def holds(self, design, prop):
        """Does a proof of the property cover the design?"""
        return any(p.get("property") == prop and
                   all(design.values[name] in values for name, values in p["with"].items())
                   for p in self.proofs)

    def check_cell(self, design, prop):
        where = f"{design.name()}, {prop}"
        fails = prop in design.fails
        if self.holds(design, prop) == fails:
            raise Error(f"{where}: expected either a proof or a vector, found "
                        + ("both" if fails else "neither"))
        if fails:
            self.check_vector(where, design, prop, design.fails[prop]["vector"])

    def check_vector(self, where, design, prop, name):
        """The vector runs in this very design, and is about the property."""
        if name not in self.vectors:
            raise Error(f"{where}: there is no vector {name}")
        vector = self.vectors[name]
        if (design.profile not in vector.get("profiles", ["published", "hardened"])
                or vector.get("params", {}) != design.params):
            raise Error(f"{where}: the vector {name} does not run in this design")
        if prop not in vector.get("properties", []):
            raise Error(f"{where}: the vector {name} does not name the property")


def design_cell(design):
    if not design.params:
        return f"profile `{design.profile}`"
    changed = ", ".join(f"`{n}` = `{v}`" for n, v in design.params.items())
    return f"{design.profile}, but {changed}"


def table(data):
    """The table in Markdown."""
    print("<!-- generated: properties -->\n")
    print("| design | " + " | ".join(PROPERTIES) + " |")
    print("| --- |" + " --- |" * len(PROPERTIES))
    for design in data.designs:
        cells = [f"holds: `{data.file(p)}.c`" if data.holds(design, p) else
                 f"fails: `{design.fails[p]['vector']}`" for p in PROPERTIES]
        print("| " + " | ".join([design_cell(design)] + cells) + " |")
    print("\n<!-- end -->")


def main():
    if len(sys.argv) != 2:
        print("usage: designs.py TREE", file=sys.stderr)
        return 2
    try:
        table(Data(sys.argv[1]))
    except (Error, OSError, KeyError, json.JSONDecodeError) as error:
        print(f"{DATA}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
