# SPDX-License-Identifier: Apache-2.0
"""Random HTML of a seeded grammar: every element, foreign content, every form of attribute,
misnesting, raw text, cuts. Its words hold no brackets, so that what stands in brackets in the
output is known to be added; words of images and fields stand in brackets for the same reason."""
import random
import re

FORMATTING = "a b big code em font i nobr s small strike strong tt u".split()
BLOCKS = ("address article aside blockquote center details dialog dir div dl fieldset figcaption "
          "figure footer header hgroup main menu nav ol p search section summary ul h1 h2 h3 h4 h5 "
          "h6 pre listing").split()
INLINE = ("abbr acronym audio bdi bdo blink canvas cite data del dfn ins kbd label map mark meter "
          "noscript object output picture progress q ruby samp slot span sub sup time var video "
          "marquee applet x-own o:p").split()
VOIDS = "br hr wbr img area embed param source track link meta basefont bgsound keygen col".split()
TABLE = "table caption colgroup col tbody thead tfoot tr td th".split()
LISTS = "li dd dt option optgroup rb rt rtc rp".split()
SVG = "g path text tspan circle a title desc foreignObject style script font image use".split()
MATH = "mi mo mn ms mtext mrow mglyph malignmark annotation-xml semantics mfrac".split()
RAW = "script style title textarea iframe noembed noframes xmp".split()
CONTROLS = "button select form input".split()
URLS = ["href", "src", "action", "formaction", "cite", "poster", "background", "longdesc", "lowsrc",
        "xlink:href", "srcset", "ping", "style"]
REFERENCES = "&amp; &lt; &gt; &nbsp; &copy &euro; &#65; &#x42; &#128; &period; &notit; & &x &#".split()

FEATURES = {
    "formatting": r"<(b|i|u|em|strong)\b", "block": r"<(div|p|section)\b", "anchor": r"<a\b",
    "heading": r"<h[1-6]", "list": r"<li\b", "definition": r"<d[td]\b", "ruby": r"<r[tpb]",
    "pre": r"<pre\b", "listing": r"<listing\b", "font": r"<font\b", "nobr": r"<nobr\b",
    "table": r"<table\b", "row": r"<tr\b", "cell": r"<t[dh]\b", "section of a table": r"<t(body|head)",
    "caption": r"<caption\b", "column": r"<col", "form": r"<form\b", "button": r"<button\b",
    "select": r"<select\b", "option": r"<opt", "input": r"<input\b", "svg": r"<svg\b",
    "math": r"<math\b", "integration point": r"<(foreignObject|desc|mi|mtext)\b",
    "annotation-xml": r"<annotation-xml", "cdata": r"<!\[CDATA\[", "script": r"<script\b",
    "style": r"<style\b", "textarea": r"<textarea\b", "title": r"<title\b", "xmp": r"<xmp\b",
    "iframe": r"<iframe\b", "template": r"<template\b", "noscript": r"<noscript\b",
    "object": r"<object\b", "marquee": r"<marquee\b", "comment": r"<!--", "bogus comment": r"<[?/!] ?x",
    "reference": r"&", "unquoted value": r"=[^\"' >]+[ >]", "apostrophes": r"='", "slash": r"/[a-z]+=",
    "srcset": r"srcset=", "base": r"<base\b", "relative": r"(href|src)=[\"']?/[a-z]",
    "other scheme": r"(ftp|javascript|file):", "cut": r"<[a-z/][^>]*\Z", "head": r"<head\b",
    "body": r"<body\b", "doctype": r"<!DOCTYPE", "plaintext": r"<plaintext", "frameset": r"<frameset",
    "upper case": r"<[A-Z]",
}


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.number = 0

    def word(self):
        self.number += 1
        return f"w{self.number}"

    def pick(self, *weighted):
        total = sum(weight for weight, _ in weighted)
        at = self.random.uniform(0, total)
        for weight, choice in weighted:
            at -= weight
            if at <= 0:
                return choice()
        return weighted[-1][1]()

    def url(self):
        host = self.random.choice(["a.example", "B.example:80", "b\u00fccher.example", "u@c.example"])
        path = self.word()
        return self.random.choice([
            f"http://{host}/{path}", f"https://{host}/{path}?q=1&amp;r={path}#f", f"/{path}",
            f"{path}/x", f"../{path}", f"//{host}/{path}", f"?{path}", f"#{path}", f"ftp://{host}/{path}",
            f"javascript:{path}()", f"mailto:{path}@x.example", f"http:\\\\{host}\\{path}",
            f" https://{host}/{path}\n", f"ht\ttps://{host}/{path}", f"http:/{host}/{path}",
            f"file:///{path}", f"HTTP://{host}/{path}", "", "about:blank", f"cid:{path}@x"])

    def quoted(self, value):
        form = self.random.randrange(5)
        if form == 0 and not re.search(r"[\s\"'=<>`]", value) and value:
            return value
        return f"'{value}'" if form == 1 else f'"{value}"'

    def attribute(self):
        name = self.random.choice(URLS + ["title", "class", "style", "align", "width", "data-x", "id"])
        if name == "style":
            value = self.random.choice(["color:red", "width:10px;x:y", f"background:url({self.plain()})",
                                        f"background:url( '{self.plain()}' )"])
            return f'style="{value}"'
        if name == "srcset":
            return f'srcset="{self.plain()} 2x, {self.plain()} 100w"'
        if name == "ping":
            return f'ping="{self.plain()} {self.plain()}"'
        if name in URLS:
            blank = self.random.choice(["", "", "", " "])
            return f"{name}{blank}={blank}{self.quoted(self.url())}"
        return self.random.choice([name, f"{name}={self.quoted(self.word())}"])

    def plain(self):
        return f"https://s.example/{self.word()}"

    def attributes(self):
        out = ""
        while self.random.random() < 0.4:
            out += self.random.choice([" ", " ", " ", "/", "\n", "\t "]) + self.attribute()
        return out

    def name(self, name):
        return name.upper() if self.random.random() < 0.05 else name

    def start(self, name):
        extra = ""
        if name in ("img", "image", "area"):
            extra = f' alt="[{self.word()}]"'
        if name == "input":
            extra += self.random.choice(["", ' type="hidden"', f' value="{self.word()}"'])
        if name == "a" and self.random.random() < 0.7:
            extra += f" href={self.quoted(self.url())}"
        if name == "annotation-xml" and self.random.random() < 0.5:
            extra += self.random.choice([' encoding="text/html"', " encoding=application/xhtml+xml"])
        if name == "font" and self.random.random() < 0.5:
            extra += " size=2"
        end = self.random.choice([">", ">", ">", " >", "/>"] if name not in ("meta",) else [">"])
        return f"<{self.name(name)}{extra}{self.attributes()}{end}"

    def end(self, name):
        return f"</{self.name(name)}{self.random.choice(['', '', '', ' ', ' x=y', '/'])}>"

    def element(self, names, depth):
        name = self.random.choice(names)
        out = self.start(name) + self.content(depth + 1)
        return out + (self.end(name) if self.random.random() < 0.75 else "")

    def raw(self):
        name = self.random.choice(RAW)
        inside = self.random.choice([self.word(), f"<b>{self.word()}</b>", f"<!--{self.word()}",
                                     "<!--<script>" + self.word() + "</script>-->", "</x>",
                                     f"a{{background:url({self.plain()})}}", "&lt;" + self.word()])
        close = f"</{self.name(name)}{self.random.choice(['', ' ', '/'])}>"
        return self.start(name).replace("/>", ">") + inside + (close if self.random.random() < 0.9 else "")

    def foreign(self, depth):
        root, names = self.random.choice([("svg", SVG), ("math", MATH)])
        out = self.start(root)
        for _ in range(self.random.randrange(4)):
            out += self.pick((4, lambda: self.element(names, depth)), (2, self.text),
                             (1, lambda: f"<![CDATA[<b>{self.word()}]]>"),
                             (1, lambda: self.element(FORMATTING + BLOCKS + TABLE, depth)),
                             (0.3, self.raw), (0.3, lambda: self.end(self.random.choice(names))))
        return out + (self.end(root) if self.random.random() < 0.8 else "")

    def table(self, depth):
        out = self.start("table")
        for _ in range(self.random.randrange(5)):
            out += self.pick((6, lambda: self.element(TABLE, depth)), (1, self.text),
                             (1, lambda: self.piece(depth)),
                             (1, lambda: "<tr><td>" + self.content(depth + 1) + "<td>" + self.text()))
        return out + (self.end("table") if self.random.random() < 0.8 else "")

    def form(self, depth):
        return self.pick((2, lambda: self.element(CONTROLS, depth)),
                         (1, lambda: "<select>" + "".join(
                             self.element(["option", "optgroup", "b", "hr", "div"], depth)
                             for _ in range(3)) + self.random.choice(["</select>", ""])))

    def text(self):
        return self.random.choice([self.word() + " ", " " + self.word(), self.word(), "\n" + self.word(),
                                   self.word() + self.random.choice(REFERENCES), " ", "\r\n", "< ", "<3 "])

    def comment(self):
        word = self.word()
        return self.random.choice([
            f"<!--{word}-->", f"<!-- <b>{word}</b> --!>", "<!-->", "<!--->", f"<?x {word}>", f"</ x{word}>",
            f"<!x {word}>", f"<![if x]>{self.text()}<![endif]>", f"<!--[if mso]><b>{word}</b><![endif]-->"])

    def template(self, depth):
        close = "</template>" if self.random.random() < 0.9 else ""
        return "<template>" + self.content(depth + 1) + close

    def piece(self, depth):
        if depth > 6:
            return self.text()
        return self.pick(
            (10, self.text), (5, lambda: self.element(FORMATTING, depth)),
            (5, lambda: self.element(BLOCKS, depth)), (3, lambda: self.element(INLINE, depth)),
            (2, lambda: self.element(LISTS, depth)), (2, lambda: self.start(self.random.choice(VOIDS))),
            (1.5, lambda: self.table(depth)), (1, lambda: self.foreign(depth)), (0.8, self.raw),
            (0.8, lambda: self.form(depth)), (0.5, self.comment), (0.2, lambda: self.template(depth)),
            (0.5, lambda: self.element(TABLE, depth)), (1.5, lambda: self.end(self.random.choice(
                FORMATTING + BLOCKS + INLINE + TABLE + LISTS + CONTROLS + ["br", "p", "svg", "math"]))),
            (0.06, lambda: f'<base href="{self.random.choice(["https://base.example/d/e?x", "/rel"])}">'),
            (0.03, lambda: "<plaintext>"),
            (0.05, lambda: f'<meta http-equiv=refresh content="1; url={self.plain()}">'))

    def content(self, depth):
        out = ""
        while self.random.random() < 0.62:
            out += self.piece(depth)
        return out

    def document(self):
        self.number = 0
        out = self.random.choice(["", "", "<!DOCTYPE html>\n", "<!doctype html public 'x'>"])
        if self.random.random() < 0.3:
            out += "<html><head>" + self.random.choice(["<title>t</title>", self.raw(), "<noscript><link>", ""])
            out += self.random.choice(["</head>", ""]) + self.random.choice(["<body>\n", "", " "])
        if self.random.random() < 0.01:
            out += "<frameset><frame src=/f>"
        for _ in range(self.random.randrange(1, 8)):
            out += self.piece(0)
        if self.random.random() < 0.05:
            out = out[:self.random.randrange(len(out) + 1)]
        # The first <base> of the tree counts: which of two that is, foster parenting may decide.
        first, *others = out.split("<base ")
        out = "<base ".join([first, *others[:1]]) + "".join("<x " + other for other in others[1:])
        return out.replace("\r\n", "\n") if self.random.random() < 0.5 else out


def features(document):
    return [name for name, pattern in FEATURES.items() if re.search(pattern, document)]


def mutate(text, seed):
    """A few bytes or tags of a real document changed."""
    chance = random.Random(seed)
    pieces = ["<", ">", "</", '"', "'", "/>", "<b>", "</p>", "<table>", "<td>", "<svg>", "<style>",
              "</style>", "<!--", "-->", "&", "<a href=/x>", "</a>", "</div>", "<p>", "<select>", "="]
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(text) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            text = text[:at] + chance.choice(pieces) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + chance.randrange(1, 12):]
        elif kind == 2:
            text = text[:at]
        else:
            end = min(len(text), at + chance.randrange(1, 200))
            text = text[:end] + text[at:end] + text[end:]
    return text
