#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check what the pages say about rules, vectors and each other.

Usage: pages.py CHECK TREE PAGE...

  cited      every rule of vmcs-spec/rules.json is cited in the PAGEs, outside of generated parts
  known      every rule and every vector that the PAGEs name exists
  normative  every sentence with "must" or "shall" cites a rule
  links      every link to another file, or to a heading of one, leads there

Each finding is one line "file:line: text"; the exit status is 1 if there is one.
"""
import json
import pathlib
import re
import sys

RULE = r"(?<![\w-])[A-Z]+(?:-[A-Z]+)*-\d+(?![\w-])"
CITATION = re.compile(r"\[([^\]]*)\](?!\()")


def load(tree):
    rules = json.loads((tree / "vmcs-spec/rules.json").read_text())["rules"]
    vectors = [v["id"] for path in (tree / "testvectors/vectors").glob("*.json")
               for v in json.loads(path.read_text())["vectors"]]
    return [r["id"] for r in rules], set(vectors)


def lines(page, code=True):
    """Number and text of each line outside of generated parts and, if asked, of code blocks."""
    generated = fenced = False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.startswith("<!-- generated:"):
            generated = True
        if line.strip().startswith("```"):
            fenced = not fenced
        if not generated and (code or not fenced):
            yield number, line
        if line.startswith("<!-- end"):
            generated = False


def statements(page):
    """Sentences, list items and table rows with the number of their first line."""
    text, first = "", 0
    for number, line in list(lines(page, code=False)) + [(0, "")]:
        if not line.strip() or re.match(r"\s*([*|#]|\d+\.) ?", line):
            for sentence in re.split(r"(?<=[.;:])\s+(?=[A-Z*])", text):
                yield first, sentence
            text, first = "", number
        text += " " + line


def check_cited(tree, pages):
    text = "\n".join(line for page in pages for _, line in lines(page))
    cited = {rule for c in CITATION.findall(text) for rule in re.findall(RULE, c)}
    for rule in load(tree)[0]:
        if rule not in cited:
            yield f"{pages[0]}:1: rule {rule} is cited nowhere, expected [{rule}]"


def check_known(tree, pages):
    rules, vectors = load(tree)
    chapters = {v.split("/")[0] for v in vectors}
    kinds = {r.split("-")[0] for r in rules}
    for page in pages:
        for number, line in lines(page):
            for rule in re.findall(RULE, line):
                if rule.split("-")[0] in kinds and rule not in rules:
                    yield f"{page}:{number}: there is no rule {rule}, expected one of rules.json"
            for name in re.findall(r"`([a-z0-9]+/[a-z0-9-]+)`", line):
                if name.split("/")[0] in chapters and name not in vectors:
                    yield f"{page}:{number}: there is no vector {name}, expected one"


def check_normative(tree, pages):
    del tree
    for page in pages:
        for number, sentence in statements(page):
            if re.search(r"\b(must|shall)\b", sentence) and not re.search(RULE, sentence):
                yield f"{page}:{number}: must or shall without a rule: {sentence.strip()[:60]}"


def anchors(page):
    return {re.sub(r"[^\w\- ]", "", re.sub(r"`", "", m[1]).strip().lower()).replace(" ", "-")
            for _, line in lines(page, code=False) if (m := re.match(r"#+ (.*)", line))}


def check_links(tree, pages):
    del tree
    for page in pages:
        for number, line in lines(page, code=False):
            for target in re.findall(r"\]\(([^)\s]+)\)", line):
                if re.match(r"[a-z]+:", target):
                    continue
                name, _, anchor = target.partition("#")
                path = page.parent / name if name else page
                if not path.exists() or (anchor and anchor not in anchors(path)):
                    yield f"{page}:{number}: link to {target} leads nowhere"


def main(check, tree, *pages):
    checks = {"cited": check_cited, "known": check_known, "normative": check_normative,
              "links": check_links}
    findings = list(checks[check](pathlib.Path(tree), [pathlib.Path(p) for p in pages]))
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
