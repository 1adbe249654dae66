"""Where each key and array element of a TOML text stands, by line.

`tomllib` gives values without positions. This reads the same text once more, knowing that it is valid,
and notes only where things begin.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'  # a multi-line string may end in one or two quotes of its own
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]+")


def key_lines(text: str) -> dict[KeyPath, int]:
    """1-based line of every key path of a TOML text; array elements count from 0.

    The text must be valid TOML: `tomllib.loads` has read it.

    >>> key_lines("a = 1\\n[[b]]\\nc = [2,\\n3]")[("b", 0, "c", 1)]
    4
    """
    return _Scan(text.replace("\r\n", "\n")).run()


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """The line of `path`, or of the nearest thing round it that has one."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path)


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.newlines = [match.start() for match in re.finditer("\n", text)]
        self.found: dict[KeyPath, int] = {}
        self.tables: dict[KeyPath, int] = {}  # how many [[...]] of each path so far

    def run(self) -> dict[KeyPath, int]:
        prefix: KeyPath = ()
        at = self._blank(0)
        while at < len(self.text):
            if self.text[at] == "[":
                prefix, at = self._header(at)
            else:
                at = self._pair(at, prefix)
            at = self._blank(at)
        return self.found

    def _note(self, path: KeyPath, at: int) -> None:
        self.found.setdefault(path, bisect_right(self.newlines, at - 1) + 1)

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self.text, at)
        assert match is not None  # the pattern matches the empty text
        return match.end()

    def _key(self, at: int) -> tuple[tuple[str, ...], int]:
        """A dotted key and the place after it and the blanks that follow."""
        parts: list[str] = []
        while True:
            at = self._blank(at)
            match = _BARE_KEY.match(self.text, at)
            if match:
                parts.append(match[0])
            else:
                match = _STRING.match(self.text, at)
                assert match is not None, "valid TOML has a key here"
                parts.append(tomllib.loads(f"key = {match[0]}")["key"])
            at = self._blank(match.end())
            if not self.text.startswith(".", at):
                return tuple(parts), at
            at += 1

    def _header(self, at: int) -> tuple[KeyPath, int]:
        start, many = at, self.text.startswith("[[", at)
        key, at = self._key(at + (2 if many else 1))
        path: KeyPath = ()
        for depth, part in enumerate(key):
            path = (*path, part)
            self._note(path, start)
            last = depth == len(key) - 1
            if last and many:
                self.tables[path] = self.tables.get(path, 0) + 1
            if path in self.tables:
                path = (*path, self.tables[path] - 1)
                self._note(path, start)
        return path, at + (2 if many else 1)

    def _pair(self, at: int, prefix: KeyPath) -> int:
        start = at
        key, at = self._key(at)
        for depth in range(len(key)):
            self._note((*prefix, *key[: depth + 1]), start)
        return self._value(self._blank(at + 1), (*prefix, *key))

    def _value(self, at: int, path: KeyPath) -> int:
        self._note(path, at)
        opening = self.text[at]
        if opening in "\"'":
            match = _STRING.match(self.text, at)
        elif opening in "[{":
            return self._inside(at, path)
        else:
            match = _SCALAR.match(self.text, at)
        assert match is not None, "valid TOML has a value here"
        return match.end()

    def _inside(self, at: int, path: KeyPath) -> int:
        """An array or an inline table, from its bracket to after the closing one."""
        array = self.text[at] == "["
        at, number = self._blank(at + 1), 0
        while self.text[at] not in "]}":
            at = self._blank(self._value(at, (*path, number)) if array else self._pair(at, path))
            number += 1
            if self.text[at] == ",":
                at = self._blank(at + 1)
        return at + 1
