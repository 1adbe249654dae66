"""The shape of the source: imports point back along the data, and the checkers are clean."""

import ast
import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "longreach"
MODULES = sorted(SOURCE.rglob("*.py"))

# The rooms in the order of docs/architecture.md. A room may import itself and what stands before it.
LEAVES = ("units", "errors", "geodesy", "document", "locate", "toml")
ORDER = (
    *LEAVES,
    "page",
    "world",
    "mission",
    "line",
    "route",
    "fuel",
    "trajectory",
    "station",
    "timeline",
    "verify",
    "plan",
    "brief",
    "export",
    "importing",
    "ledger",
    "watch",
    "assess",
    "check",
)
# Rooms that see less than all that stands before them.
ONLY = {
    **{leaf: {*LEAVES} for leaf in LEAVES},
    "verify": {*LEAVES, "world", "verify"},  # shares no algorithm with what it checks
    "page": {*LEAVES, "page"},  # the look of every page, and no more
    "brief": {*LEAVES, "page", "world", "brief"},  # works on the plan document alone
    "export": {*LEAVES, "world", "mission", "verify", "brief", "export"},  # the plan document to files
    "importing": {*LEAVES, "world", "mission", "export", "importing"},
    "ledger": {*LEAVES, "page", "world", "ledger"},  # the evidence never sees a plan
    "watch": {*LEAVES, "page", "world", "ledger", "watch"},
    "assess": {*LEAVES, "page", "world", "ledger", "watch", "assess"},
}
FREE = ("cli", "api", "__init__", "__main__")  # may join stages


def room(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return parts[0]


def imported(path: Path) -> set[str]:
    """The rooms of Longreach that a module imports, inside functions too."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "longreach" and len(parts) > 1:
                rooms.add(parts[1])
    return rooms - {"__version__"}


def test_every_room_has_its_place_in_the_order():
    assert {room(path) for path in MODULES} <= {*ORDER, *FREE}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_back_along_the_data(path):
    here = room(path)
    if here in FREE:
        return
    allowed = ONLY.get(here, set(ORDER[: ORDER.index(here) + 1]))
    assert imported(path) <= allowed


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_module_says_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if ">>>" in path.read_text("utf-8")],
    ids=lambda path: str(path.relative_to(SOURCE)),
)
def test_the_examples_in_docstrings_come_out_as_printed(path):
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    module = importlib.import_module(".".join(part for part in parts if part != "__init__"))
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(module, optionflags=flags).failed == 0


def own_files() -> list[Path]:
    """The text files of the project, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the list of the project's files is not known")
    ends = {".py", ".toml", ".md", ".json", ".csv", ".html", ".css", ".js", ".txt", ".sh", ""}
    return [ROOT / name for name in listed.stdout.splitlines() if Path(name).suffix in ends]


def test_no_path_of_the_machine_it_was_written_on():
    place = re.compile(r"(?<![\w.])/" + "(work|home|root)/")
    guilty = [
        str(path.relative_to(ROOT))
        for path in own_files()
        if path.is_file() and place.search(path.read_text("utf-8", errors="replace"))
    ]
    assert not guilty


def checker(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if f"No module named {arguments[0]}" in done.stderr:
        pytest.skip(f"{arguments[0]} is not installed: pip install -e '.[dev]'")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("folder", ["src", "tests", "tools", "studies", "benchmarks"])
def test_ruff_finds_nothing(folder):
    checker("ruff", "check", "--no-cache", folder)


@pytest.mark.parametrize("folder", ["src", "tests", "tools", "studies", "benchmarks"])
def test_ruff_would_format_nothing_otherwise(folder):
    checker("ruff", "format", "--check", "--no-cache", folder)


def test_the_types_hold():
    checker("mypy")
