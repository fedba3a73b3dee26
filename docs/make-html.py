#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turn the Markdown pages into HTML, with links between rules and vectors.

Usage: make-html.py TREE OUTPUT PAGE...

TREE is the top of the source tree, PAGE a Markdown file. OUTPUT gets one HTML file for each page, a
page vectors.html with all vectors and what rules they check, and index.html. Ids of rules become
links to appendix A of isa-extension.html, ids of vectors links to vectors.html. Every link between
the pages is followed in the end; one that leads nowhere is an error, exit status 1.
"""
import html
import json
import pathlib
import re
import shutil
import subprocess
import sys

RULES_PAGE = "isa-extension.html"
VECTORS_PAGE = "vectors.html"
FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<nav>{nav}</nav>
{body}
</body>
</html>
"""


def slug(heading):
    """The anchor that GitHub gives a heading, so that one link serves both."""
    text = html.unescape(re.sub(r"<[^>]*>", "", heading)).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def load(tree):
    rules = json.loads((tree / "vmcs-spec/rules.json").read_text())["rules"]
    vectors = []
    for path in sorted((tree / "testvectors/vectors").glob("*.json")):
        vectors += json.loads(path.read_text())["vectors"]
    return {r["id"]: r for r in rules}, {v["id"]: v for v in vectors}


class Linker:
    """Adds the links to a page's HTML."""

    def __init__(self, rules, vectors):
        self.rules, self.vectors = rules, vectors
        ids = "|".join(sorted(map(re.escape, rules), key=len, reverse=True))
        self.rule = re.compile(rf"(?<![\w-])({ids})(?![\w-])")

    def rule_link(self, match):
        return f'<a href="{RULES_PAGE}#{match[1]}">{match[1]}</a>'

    def vector_link(self, match):
        name = html.unescape(match[1])
        if name not in self.vectors:
            return match[0]
        return f'<a href="{VECTORS_PAGE}#{name}">{match[0]}</a>'

    def text(self, fragment):
        """Link the rules in the text between tags, but for text that is a link already."""
        out, depth = [], 0
        for part in re.split(r"(<[^>]*>)", fragment):
            if part.startswith("<a "):
                depth += 1
            elif part == "</a>":
                depth -= 1
            elif not part.startswith("<") and not depth:
                part = self.rule.sub(self.rule_link, part)
            out.append(part)
        return "".join(out)

    def page(self, fragment, is_rules_page):
        fragment = re.sub(r"<h([1-6])>(.*?)</h\1>",
                          lambda m: f'<h{m[1]} id="{slug(m[2])}">{m[2]}</h{m[1]}>', fragment)
        fragment = re.sub(r'href="([\w-]+)\.md(#[^"]*)?"',
                          lambda m: f'href="{m[1]}.html{m[2] or ""}"', fragment)
        fragment = re.sub(r"<code>([a-z0-9]+/[a-z0-9-]+)</code>", self.vector_link, fragment)
        if is_rules_page:   # the rows of appendix A are where links to rules lead
            fragment = re.sub(
                r"<tr>\n<td>([A-Z0-9-]+)</td>",
                lambda m: f'<tr id="{m[1]}">\n<td><a href="{VECTORS_PAGE}#by-{m[1]}">{m[1]}</a>'
                          "</td>" if m[1] in self.rules else m[0], fragment)
        return self.text(fragment)


def table(head, rows):
    """Rows are lists of cells in HTML, the first member of each row its id."""
    lines = ["<table>", "<tr>" + "".join(f"<th>{h}</th>" for h in head) + "</tr>"]
    for name, *cells in rows:
        lines.append(f'<tr id="{html.escape(name)}">' +
                     "".join(f"<td>{c}</td>" for c in cells) + "</tr>")
    return "\n".join(lines + ["</table>"])


def vector_row(linker, vector):
    profiles = ", ".join(vector.get("profiles", ["published", "hardened"]))
    params = "".join(f"; {k} = {v}" for k, v in vector.get("params", {}).items())
    return [vector["id"], f"<code>{vector['id']}</code>", html.escape(vector["title"]),
            linker.text(" ".join(vector["rules"])), " ".join(vector.get("properties", [])),
            html.escape(profiles + params)]


def rule_row(linker, rule):
    links = [f'<a href="#{v["id"]}">{v["id"]}</a>'
             for v in linker.vectors.values() if rule in v["rules"]]
    evidence = linker.rules[rule].get("evidence")
    if evidence:
        links.append(html.escape("tests: " + ", ".join(evidence["unit"]) + ". " + evidence["why"]))
    return [f"by-{rule}", linker.text(rule), ", ".join(links)]


def vectors_page(linker):
    parts = ["<h1>Test vectors</h1>",
             '<p>The format is described in <a href="vectors-format.html">Test vectors: the '
             f'format</a>; the rules are in <a href="{RULES_PAGE}#appendix-a-rules">appendix '
             "A</a>.</p>"]
    for chapter in sorted({name.split("/")[0] for name in linker.vectors}):
        rows = [vector_row(linker, v) for name, v in linker.vectors.items()
                if name.startswith(chapter + "/")]
        parts += [f'<h2 id="chapter-{chapter}">{chapter} ({len(rows)})</h2>',
                  table(["id", "what it shows", "rules", "properties", "profiles"], rows)]
    parts += ['<h2 id="by-rule">By rule</h2>',
              table(["rule", "vectors"], [rule_row(linker, r) for r in linker.rules])]
    return "\n".join(parts)


def broken_links(output):
    pages = {p.name: p.read_text() for p in output.glob("*.html")}
    ids = {name: set(re.findall(r' id="([^"]*)"', text)) for name, text in pages.items()}
    for name, text in sorted(pages.items()):
        for target in re.findall(r' href="([^"]*)"', text):
            page, _, anchor = html.unescape(target).partition("#")
            if re.match(r"[a-z]+:", target) or page == "style.css":
                continue
            page = page or name
            if page not in pages or (anchor and anchor not in ids[page]):
                yield f"{output / name}:1: link to {target} leads nowhere"


def main(tree, output, *pages):
    tree, output = pathlib.Path(tree), pathlib.Path(output)
    linker = Linker(*load(tree))
    # The page about the format of vectors gives its name to the list of them.
    names = {pathlib.Path(p): pathlib.Path(p).stem for p in pages}
    names = {p: "vectors-format" if n == "vectors" else n for p, n in names.items()}
    made, titles = {}, {}
    for path, name in names.items():
        fragment = subprocess.run(["cmark-gfm", "-e", "table", str(path)], check=True,
                                  capture_output=True, text=True).stdout
        fragment = re.sub(r'href="vectors\.md', 'href="vectors-format.md', fragment)
        made[name] = linker.page(fragment, name + ".html" == RULES_PAGE)
        titles[name] = re.sub(r"<[^>]*>", "", re.search(r"<h1[^>]*>(.*?)</h1>", fragment)[1])
    made["vectors"], titles["vectors"] = vectors_page(linker), "Test vectors: list"
    made["index"] = "<h1>EPML reference model</h1>\n<ul>\n" + "\n".join(
        f'<li><a href="{n}.html">{t}</a></li>' for n, t in sorted(titles.items())) + "\n</ul>"
    titles["index"] = "EPML reference model"
    nav = " | ".join(f'<a href="{n}.html">{n}</a>' for n in sorted(made))
    output.mkdir(parents=True, exist_ok=True)
    for old in output.glob("*.html"):
        old.unlink()
    for name, body in made.items():
        (output / f"{name}.html").write_text(
            FRAME.format(title=titles[name], nav=nav, body=body))
    shutil.copyfile(tree / "docs/style.css", output / "style.css")
    broken = list(broken_links(output))
    print("\n".join(broken), file=sys.stderr, end="\n" if broken else "")
    return 1 if broken else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        print("usage: make-html.py TREE OUTPUT PAGE...", file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
