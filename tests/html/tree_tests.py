# SPDX-License-Identifier: Apache-2.0
"""The tree-construction tests of html5lib that are whole documents, read without scripting."""
import re


def read_tests(text):
    """(document, lines of the tree) of each."""
    for test in re.split(r"(?:\A|\n\n)#data\n", text)[1:]:
        data, rest = ("\n" + test).split("\n#errors\n", 1)
        head, _, tree = rest.partition("#document\n")
        if "#document-fragment\n" not in rest and "#script-on\n" not in head:
            # The words of an image would be there in ours alone.
            yield re.sub(r"\balt=", "data-alt=", data.removeprefix("\n")), tree.rstrip("\n")


def read_folder(folder):
    """(name of the file, document, lines of the tree) of each."""
    for path in sorted(folder.glob("*.dat")):
        for data, tree in read_tests(path.read_text(encoding="utf-8")):
            yield path.name, data, tree
