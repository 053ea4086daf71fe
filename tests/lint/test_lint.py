#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Each check of lint.py finds what it is for."""
import os
import shutil
import subprocess
import tempfile
import unittest

import lint
import source

LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"


class LintTest(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="eii-lint-")
        self.addCleanup(shutil.rmtree, self.root)
        self.addCleanup(self.set_root, source.ROOT)
        self.set_root(self.root)

    @staticmethod
    def set_root(root):
        source.ROOT = lint.ROOT = root

    def write(self, path, text):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def assert_finds(self, check, *words, arguments=()):
        findings = list(getattr(lint, f"check_{check}")(*arguments))
        self.assertEqual(len(findings), len(words), findings)
        for finding, word in zip(findings, words):
            self.assertIn(word, finding)

    def test_layers(self):
        self.write("tests/lint/layers.txt", "base: |\nmail: base | nettle/\nnet: base | curl/\n")
        self.write("src/mail/a.c", '#include "eii/net/a.h"\n#include <curl/curl.h>\n'
                                   '#include <string.h>\n#include "eii/base/a.h"\n'
                                   '#include <nettle/sha2.h>\n#include <pcre2.h>\n'
                                   '#include "../net/x.h"\n')
        self.assert_finds("layers", "a.c:1: mail may not include net", "a.c:2: <curl/curl.h>",
                          "a.c:6: <pcre2.h> belongs to no layer", "a.c:7:")

    def test_layers_of_the_table_itself(self):
        self.write("tests/lint/layers.txt", "base: mail |\nmail: base |\n")
        self.assert_finds("layers", "base may not include mail, which is below it")

    def test_layers_may_have_no_folder_yet(self):
        self.write("tests/lint/layers.txt", "base: |\ncore: base |\n")
        self.write("src/base/a.c", "#include <string.h>\n")
        self.assert_finds("layers")

    def library(self, layer, **uses):
        """build/src/<layer>/libeii_<layer>.a: each object defines itself and calls others."""
        objects = []
        for name, others in uses.items():
            path = f"build/src/{layer}/{name}.c"
            self.write(path, "".join(f"void {other}(void);\n" for other in others)
                       + f"static int own;\nvoid {name}(void);\n"
                       f"void {name}(void)\n{{\n\town++;\n"
                       + "".join(f"\t{other}();\n" for other in others) + "}\n")
            objects.append(os.path.join(self.root, path + ".o"))
            subprocess.run(["cc", "-c", os.path.join(self.root, path), "-o", objects[-1]],
                           check=True)
        library = os.path.join(self.root, f"build/src/{layer}/libeii_{layer}.a")
        if os.path.exists(library):
            os.remove(library)
        subprocess.run(["ar", "rcs", library, *objects], check=True)

    def assert_circles(self, allowed, *words):
        self.write("tests/lint/circles.txt", "# layer: files\n" + allowed)
        self.assert_finds("circles", *words, arguments=(os.path.join(self.root, "build"),))

    def test_circles(self):
        # c and d hang on the circle and are not in it; net uses base, and no base uses net.
        self.library("base", a=("a", "b", "elsewhere"), b=("c", "a"), c=("d",), d=())
        self.library("net", e=("a",), f=("e",))
        self.assert_circles("", "base: a circle: a has b of b, b has a of a")
        self.assert_circles("base: b a  # why\n")
        self.assert_circles("net: a b\n", "base: a circle", "net: a b is no circle any more")

    def test_circles_only_shrink(self):
        self.library("base", a=("b",), b=("c",), c=("a",), d=("e",), e=("d",))
        self.assert_circles("base: a b c\nbase: d e\n")
        self.assert_circles("base: a b\nbase: d e\n", "a circle: a has b of b, b has c of c",
                            "circles.txt:2: base: a b is no circle any more: take it off")
        self.assert_circles("base: a b c d e\n", "write `base: a b c` and `base: d e`")
        self.library("base", a=("b",), b=("a",), c=("a",), d=("e",), e=())
        self.assert_circles("base: a b c\nbase: d e\n",
                            "circles.txt:2: the circle is smaller now: write `base: a b`",
                            "circles.txt:3: base: d e is no circle any more: take it off")

    def test_circles_never_in_the_core_and_its_drivers(self):
        for layer in "core", "ingest":
            self.library(layer, a=("b",), b=("a",))
        self.assert_circles("", "core: a circle", "ingest: a circle")
        self.assert_circles("core: a b\ningest: a b\n", "core may never", "ingest may never")

    def test_circles_of_nothing(self):
        self.assert_circles("", "build: no libraries")
        self.library("base", a=())
        self.write("build/src/net/libeii_net.a", "!<arch>\n")
        self.assert_circles("", "net: nm names no symbol of")

    def test_banned(self):
        self.write("src/base/a.c", "void a(void)\n{\n\tstrcpy(x, y);\n\tgoto out;\n"
                                   "\tif ((x = f()))\n\t\tg(\"strcpy(a = b)\"); /* goto */\n"
                                   "\tif (a == b || c <= d || e >= f || g != h)\n\t\tg();\n"
                                   "\tlocaltime_r(a, b);\n}\n"
                                   "void b(int c, bool d);\nbool e(bool *f, bool value);\n")
        self.assert_finds("banned", "a.c:3: strcpy", "a.c:4: goto", "a.c:5: assignment",
                          "a.c:11: boolean")

    def test_sizes(self):
        if not shutil.which("pmccabe"):
            self.skipTest("pmccabe is absent")
        self.write("src/base/a.c", "int a(int x)\n{\n" + "\tx++;\n" * 77 + "\treturn x;\n}\n")
        self.assert_finds("sizes", "81 lines, at most 80")
        self.write("src/base/a.c", "int a(int x)\n{\n" + "\tif (x)\n\t\tx++;\n" * 15
                   + "\treturn x;\n}\n")
        self.assert_finds("sizes", "complexity 16, at most 15")
        self.write("src/base/a.c", "int a(int x)\n{\n\tif (x)\n\t\tif (x)\n\t\t\tif (x)\n"
                                   "\t\t\t\tif (x)\n\t\t\t\t\tx++;\n\treturn x;\n}\n")
        self.assert_finds("sizes", "a.c:6: nested deeper than 3")
        self.write("src/base/a.c", "\n" * 501)
        self.assert_finds("sizes", "501 lines, at most 500")

    def test_words(self):
        self.write("src/base/a.c", "a \nb\r\n/* TODO */\nTODOS\nc")
        self.assert_finds("words", "the last line has no end", "a.c:1: blanks", "a.c:2: blanks",
                          "a.c:3: an open question")

    def test_events(self):
        self.write("src/base/a.c", 'EII_LOG(WARN, "a.known", "x");\n'
                                   'EII_LOG_PLAINLY(INFO, "a.told", "x");\n'
                                   'EII_LOG(ERROR,\n\t"a.silent", "x");\n'
                                   'row = { EII_LOG_ERROR, "a.other",\n'
                                   '\t"x" };\n')
        page = ("### `a.known` (warn)\n**Means:** x. **Do:** y.\n\n"
                "### `a.told` (info)\n**Means:** x.\n\n")
        self.write("docs/errors.md", page + "### `a.silent` (error)\n**Means:** x.\n**Do:** y.\n"
                                            "### `a.other` (error)\n**Means:** x. **Do:** y.\n")
        self.assert_finds("events")
        self.write("docs/errors.md", page + "### `a.told` (info)\n**Means:** x.\n"
                                            "### `a.other` (warn)\nx\n## `a.no` (warn)\n"
                                            "### `a.gone` (info)\n**Means:** x.\n")
        self.assert_finds("events", "a.told stands there twice",
                          "a.c:3: docs/errors.md does not explain a.silent",
                          "nothing logs a.gone", "a.other is warn, in the source error",
                          "a.other: no **Means:**", "a.other: no **Do:**")

    def test_headers(self):
        self.write("include/eii/base/a.h", LICENCE + "#ifndef EII_BASE_B_H\n#define EII_BASE_B_H\n"
                                                     "size_t a(void);\n#endif\n")
        self.write("src/base/a.c", "int x;\n")
        self.assert_finds("headers", "a.c:1: not /* SPDX", "the guard is not EII_BASE_A_H",
                          "does not compile alone")


if __name__ == "__main__":
    unittest.main()
