"""The documentation is true: its Python runs, its commands exist with their options, its links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from longreach.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """(line, text) of the fenced blocks of one language."""
    text = page.read_text("utf-8")
    return [
        (text[: match.start()].count("\n") + 2, match[2])
        for match in FENCE.finditer(text)
        if match[1] == language
    ]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pages' programs run: the examples, and a plan in `out` as the tour of the README leaves it."""
    import longreach

    found = tmp_path_factory.mktemp("docs")
    (found / "examples").symlink_to(ROOT / "examples")
    longreach.load(ROOT / "examples" / "hel-nrt-2022.toml").plan().save(found / "out")
    return found


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=named)
def test_python_blocks_run(page: Path, folder: Path, tmp_path: Path) -> None:
    """All blocks of a page in order, in a process of its own, warnings being errors."""
    if page.name == "architecture.md":
        pytest.skip("signatures, not a program")
    texts = [text for _, text in blocks(page, "python")]
    session = any(">>>" in text for text in texts)  # with its answers: they are compared
    path = tmp_path / ("page.txt" if session else "page.py")
    path.write_text("\n".join(texts))
    way = ["-m", "doctest", "-o", "ELLIPSIS", "-o", "NORMALIZE_WHITESPACE"] if session else []
    done = subprocess.run(
        [sys.executable, "-W", "error", *way, str(path)],
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def commands(page: Path) -> list[tuple[int, list[str]]]:
    """Lines of a page's blocks that call longreach, as words; forms with [options] and … are left to --help."""
    found = []
    for language in ("", "sh", "bash", "console"):
        for line, text in blocks(page, language):
            for offset, raw in enumerate(re.sub(r"\\\n\s*", " ", text).splitlines()):
                words = raw.strip().removeprefix("$ ")
                if words.startswith("longreach ") and not re.search(r"[\[|…>]|\.\.\.|<", words):
                    found.append((line + offset, shlex.split(words, comments=True)[1:]))
    return found


CALLS = [(page, line, call) for page in PAGES for line, call in commands(page)]


@pytest.mark.parametrize(
    ("page", "line", "call"), CALLS, ids=[f"{named(page)}:{line}" for page, line, _ in CALLS]
)
def test_commands_are_ones_we_have(page: Path, line: int, call: list[str]) -> None:
    """Each verb and option exists and takes what it is given; nothing is run."""
    given = [f" {each}" if re.match(r"-\d+(\.\d*)?\s*,", each) else each for each in call]
    command = typer.main.get_command(app)
    context = command.make_context("longreach", list(given))
    while hasattr(command, "resolve_command") and (words := _left(context)):
        name, command, rest = command.resolve_command(context, words)
        if "--help" in rest or "--list" in rest:
            return
        context = command.make_context(name, rest, parent=context)


def _left(context: Any) -> list[str]:
    """What a group of verbs has not used; click keeps it under a name that moved."""
    first = getattr(context, "_protected_args", None) or getattr(context, "protected_args", None) or []
    return [*first, *context.args]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    broken = [
        target
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text)
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="not run: Sphinx is not installed (pip install 'longreach[docs]')")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-q",
            "-W",
            "--keep-going",
            "-b",
            "html",
            str(ROOT / "docs"),
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "python.html").exists()
