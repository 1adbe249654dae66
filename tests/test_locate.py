"""Lines of keys: hand-worked cases, and random TOML against what tomllib reads."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longreach.locate import key_lines, line_of

TEXT = '''# a comment with = and [brackets]
name = "a # that is no comment"
text = """
[not.a.table]
three = 3 \\"""
end""""
raw = \'\'\'
[[nor.this]]\'\'\'
"quoted.key" = 1
dotted . "key" = 2

[table]      # comment
list = [
  1, # one ]
  [2, 3],
  { at = [4,
          5], name = "}" },
]
[[many]]
a = 2020-12-10 10:00:00Z
[[many]]
[many.inner]
b = 1
[[many.deep]]
c = \'\'
[[many.deep]]
c = 1.5e3
'''

EXPECTED = {
    ("name",): 2,
    ("text",): 3,
    ("raw",): 7,
    ("quoted.key",): 9,
    ("dotted",): 10,
    ("dotted", "key"): 10,
    ("table",): 12,
    ("table", "list"): 13,
    ("table", "list", 0): 14,
    ("table", "list", 1): 15,
    ("table", "list", 1, 0): 15,
    ("table", "list", 1, 1): 15,
    ("table", "list", 2): 16,
    ("table", "list", 2, "at"): 16,
    ("table", "list", 2, "at", 0): 16,
    ("table", "list", 2, "at", 1): 17,
    ("table", "list", 2, "name"): 17,
    ("many",): 19,
    ("many", 0): 19,
    ("many", 0, "a"): 20,
    ("many", 1): 21,
    ("many", 1, "inner"): 22,
    ("many", 1, "inner", "b"): 23,
    ("many", 1, "deep"): 24,
    ("many", 1, "deep", 0): 24,
    ("many", 1, "deep", 0, "c"): 25,
    ("many", 1, "deep", 1): 26,
    ("many", 1, "deep", 1, "c"): 27,
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_hand_worked(newline):
    text = TEXT.replace("\n", newline)
    tomllib.loads(text)
    assert key_lines(text) == EXPECTED


def test_the_nearest_thing_round_a_missing_key():
    lines = key_lines(TEXT)
    assert line_of(lines, ("table", "missing")) == 12
    assert line_of(lines, ("many", 1, "deep", 1, "missing")) == 26
    assert line_of(lines, ("missing",)) is None


def paths(value, at=()):
    """Every key path of what tomllib read."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield (*at, key)
        yield from paths(child, (*at, key))


KEYS = st.text("abcXYZ019_- .#='[]é", min_size=1, max_size=5)
TEXTS = st.text("ab #[]{}=,.'\"\\\n1é", max_size=8)
VALUES = st.recursive(
    st.integers(-99, 99) | st.booleans() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(
    KEYS,
    VALUES | st.lists(st.dictionaries(KEYS, VALUES, max_size=2), min_size=1, max_size=3),
    max_size=4,
)


def quoted(text):
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
    return '"' + "".join(escapes.get(letter, letter) for letter in text) + '"'


def written(value, draw):
    """A value as TOML, with line breaks and comments where TOML allows them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        style = draw(st.sampled_from(["basic", "literal", "long", "long literal"]))
        if style == "literal" and not {"'", "\n"} & set(value):
            return f"'{value}'"
        if style == "long":
            return '"""\n' + value.replace("\\", "\\\\").replace('"', '\\"') + '"""'
        if style == "long literal" and "'" not in value:
            return f"'''\n{value}'''"
        return quoted(value)
    if isinstance(value, list):
        gap = draw(st.sampled_from(["", " ", "\n", " # ] , [\n  "]))
        return "[" + gap + f",{gap}".join(written(each, draw) + gap for each in value) + "]"
    return "{" + ", ".join(f"{quoted(key)} = {written(each, draw)}" for key, each in value.items()) + "}"


@settings(max_examples=150, deadline=None)
@given(TABLES, st.data())
def test_random_toml_has_a_line_for_every_path_and_for_no_other(tables, data):
    plain, later = [], []
    for key, value in tables.items():
        gap = data.draw(st.sampled_from(["", "\n", "# = [\n"]))
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            for row in value:
                body = "".join(f"{quoted(k)} = {written(v, data.draw)}\n" for k, v in row.items())
                later.append(f"{gap}[[{quoted(key)}]]\n{body}")
        else:
            plain.append(f"{gap}{quoted(key)} = {written(value, data.draw)}\n")
    text = "".join(plain + later)
    read = tomllib.loads(text)
    assert read == tables
    lines = key_lines(text)
    assert set(lines) == set(paths(read))
    rows = text.split("\n")
    for path, line in lines.items():
        if isinstance(path[-1], str):
            assert quoted(path[-1]) in rows[line - 1]
