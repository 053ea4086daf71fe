#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every tree-construction document of html5lib: its words and addresses are those of our output.

The tests say what tree a document is; what was made safe of it is read by python3-html5lib. Compared
are the text nodes of body outside of raw text elements, what we add in brackets aside, and the
addresses. Fragments and documents read with scripting are no mails. html.differ has Chromium read the
same documents. Exit code 77 where the tests, or the parser, are not there.
"""
import argparse
import pathlib
import re
import sys

from differ import made_safe
from tree_tests import read_folder

try:
    import html5lib
except ImportError:
    html5lib = None

SKIPPED = 77
XHTML = "{http://www.w3.org/1999/xhtml}"
HIDDEN = {"script", "style", "template", "iframe", "noembed", "noframes",
          "selectedcontent"}  # the words of an <option> again
ONE = {"href", "src", "action", "formaction", "cite", "poster", "background", "longdesc", "xlink:href"}
LIST = "Addresses in this mail that are not links above"


class Node:
    def __init__(self, name, is_html=True):
        self.name, self.is_html, self.attributes, self.children = name, is_html, {}, []


def lines_of(tree):
    """A text may hold line ends: a line that does not begin with a bar belongs to the one before."""
    lines = []
    for line in tree.split("\n"):
        if line.startswith("| ") or not lines:
            lines.append(line)
        else:
            lines[-1] += "\n" + line
    return lines


def read_tree(tree):
    root = Node("")
    path = [(-1, root)]
    for line in lines_of(tree):
        depth = len(line) - len(line[1:].lstrip(" ")) - 1
        what = line[1:].lstrip(" ")
        while path[-1][0] >= depth:
            path.pop()
        parent = path[-1][1]
        if what.startswith('"'):
            parent.children.append(what[1:-1])
        elif what.startswith("<") and not what.startswith(("<!", "<?")):
            name = what[1:-1]
            node = Node(name.removeprefix("svg ").removeprefix("math "), " " not in name)
            parent.children.append(node)
            path.append((depth, node))
        elif match := re.match(r'([^"=]+)="(.*)"\Z', what, re.S):
            parent.attributes[match[1].replace("xlink href", "xlink:href")] = match[2]
    return root


def read_html(html):
    def node_of(element):
        if not isinstance(element.tag, str):
            return Node("#comment")
        node = Node(element.tag.removeprefix(XHTML), element.tag.startswith(XHTML))
        node.attributes = dict(element.attrib)
        node.children = [element.text or ""]
        for child in element:
            node.children += [node_of(child), child.tail or ""]
        if node.name == "#comment":
            node.children = []
        return node

    root = Node("")
    root.children = [node_of(html5lib.parse(html, treebuilder="etree"))]
    return root


def nodes(node):
    yield node
    for child in node.children:
        if isinstance(child, Node):
            yield from nodes(child)


def body_of(root):
    return next((node for node in nodes(root) if node.name in ("body", "frameset")), root)


def text_of(node):
    if node.name in HIDDEN and (node.is_html or node.name in ("script", "style")):
        return ""
    return "".join(text_of(child) if isinstance(child, Node) else child for child in node.children)


def plain(text):
    """As differ.html has it; of noncharacters and C1 controls nothing is shown."""
    text = re.sub("[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]", "", text)
    text = "".join(c for c in text if ord(c) & 0xfffe != 0xfffe and not 0xfdd0 <= ord(c) <= 0xfdef)
    text = re.sub(r"\[(image|U\+\w+)\]", "", text)
    text = re.sub(r"(^|\s)\[[^\[\]]*\]", "", text)
    return " ".join(re.sub(r"\[[^\[\]]*\]", "", text).split())


def addresses_of(root):
    found = {node.attributes[name].strip() for node in nodes(root) for name in ONE
             if name in node.attributes}
    return {address for address in found if address and not re.match(r"#|cid:|about:blank$", address)}


def split_list(body):
    """Words above our list, and the lines of the list."""
    words, _, listed = text_of(body).partition(LIST)
    return words, listed


def problems_of(tree, safe):
    wanted, given = read_tree(tree), read_html(safe)
    words, listed = split_list(body_of(given))
    links = {node.attributes["href"] for node in nodes(given) if node.name == "a" and "href" in node.attributes}
    addresses = addresses_of(wanted)
    told = words + listed + "\n".join(links)
    problems = [f"address lost: {address!r}" for address in addresses if address not in told]
    problems += [f"a link that was none: {link!r}" for link in links - addresses]
    if body_of(wanted).name != "frameset" and plain(text_of(body_of(wanted))) != plain(words):
        problems.append(f"text {plain(words)!r} and not {plain(text_of(body_of(wanted)))!r}")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True, help="safe_html of the build")
    parser.add_argument("--shared", type=pathlib.Path, required=True)
    options = parser.parse_args()
    folder = options.shared / "html5lib-tests" / "tree-construction"
    if not folder.is_dir() or not html5lib:
        print(f"skipped: no {folder}" if html5lib else "skipped: no python3-html5lib")
        return SKIPPED
    cases = list(read_folder(folder))
    failures = 0
    for (name, data, tree), safe in zip(cases, made_safe([data for _, data, _ in cases], options.tool),
                                       strict=True):
        problems = problems_of(tree, safe)
        if problems:
            failures += 1
            print(f"{name}: {data!r}\n  gave {safe!r}\n  " + "\n  ".join(problems))
    print(f"{len(cases)} documents, {failures} with differences")
    return 1 if failures or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
