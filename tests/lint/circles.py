# SPDX-License-Identifier: Apache-2.0
"""Circles between the objects of one library, by the symbols that each defines and wants."""
import re

SYMBOL = re.compile(r"^.*\[(.+?)(?:\.c)?\.o(?:bj)?\]: (\S+) (\S)(?: |$)")


def read_symbols(text):
    """What `nm --extern-only --print-file-name --format=posix` prints of an archive:
    who defines each symbol, and each (object, symbol) that is wanted."""
    definers, wanted = {}, []
    for line in text.splitlines():
        match = SYMBOL.match(line)
        if not match:
            continue
        name, symbol, kind = match.groups()
        if kind in "Uwv":
            wanted.append((name, symbol))
        else:
            definers[symbol] = name
    return definers, wanted


def edges_of(text):
    """{object: {other object: one symbol that it has of it}}"""
    definers, wanted = read_symbols(text)
    edges = {name: {} for name in sorted(set(definers.values()))}
    for name, symbol in sorted(wanted):
        other = definers.get(symbol, name)
        if other != name:
            edges.setdefault(name, {}).setdefault(other, symbol)
    return edges


def reached_from(edges, start):
    reached, left = set(), [start]
    while left:
        for other in edges.get(left.pop(), ()):
            if other not in reached:
                reached.add(other)
                left.append(other)
    return reached


def circles_of(edges):
    """The largest sets of objects that all reach each other, as sorted tuples."""
    reached = {name: reached_from(edges, name) for name in edges}
    return sorted({tuple(sorted(other for other in reached[name] if name in reached[other]))
                   for name in edges if name in reached[name]})


def describe(edges, circle):
    return ", ".join(f"{name} has {symbol} of {other}" for name in circle
                     for other, symbol in sorted(edges[name].items()) if other in circle)


def read_allowed(text):
    """[(line number, layer, objects)] of circles.txt."""
    allowed = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].strip()
        if line:
            layer, names = line.split(":")
            allowed.append((number, layer.strip(), tuple(sorted(names.split()))))
    return allowed
