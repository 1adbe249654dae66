"""The root of the command line: start-up, exit codes, streams."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from longreach import __version__, cli
from longreach.errors import FuelError, InputError

ROOT = Path(__file__).parents[2]
BAD = sorted((ROOT / "tests" / "bad_missions").glob("*.toml"))
HEAVY = ("numpy", "numba", "scipy", "shapely", "pyproj", "pydantic", "spherely", "jinja2", "highspy")


def longreach(*arguments, **options):
    """The real program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "longreach", *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_help_is_quick_and_lists_every_verb_that_is_there():
    times = []
    for _ in range(3):
        start = time.perf_counter()
        done = longreach("--help")
        times.append(time.perf_counter() - start)
    assert done.returncode == 0 and not done.stderr
    assert min(times) < 0.4
    for verb in cli.VERBS:
        place = ROOT / "src" / "longreach" / "cli" / verb
        there = place.with_suffix(".py").exists() or (place / "__init__.py").exists()
        assert (f"\n  {verb} " in done.stdout) == there


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []])
def test_the_root_imports_nothing_heavy(arguments):
    code = (
        "import sys; from longreach.cli import main; main(sys.argv[1:]);"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("verb", [v for v in cli.VERBS if (ROOT / f"src/longreach/cli/{v}.py").exists()])
def test_the_one_line_help_is_the_verbs_own(verb):
    command = typer.main.get_command(importlib.import_module(f"longreach.cli.{verb}").app)
    assert command.help.strip().split("\n")[0] == cli.VERBS[verb]
    done = longreach(verb, "--help")
    assert done.returncode == 0 and f"Usage: longreach {verb}" in done.stdout.replace("python -m ", "")


def test_version():
    assert longreach("--version").stdout == f"longreach {__version__}\n"


@pytest.mark.parametrize(
    "arguments, fragment",
    [
        (["plann"], "did you mean plan?"),
        (["--nonsense"], "No such option"),
        (["validate"], "Missing argument"),
        (["validate", "--jsn", "x"], "No such option"),
        (["schema", "misson"], "there is no schema 'misson'"),
        (["examples", "copy", "gulf-2020-12-1"], "did you mean gulf-2020-12-10?"),
        (["airports", "show", "KBDA"], "did you mean KBAD"),
        (["airports", "show", "91,0"], "latitude 91"),
    ],
)
def test_bad_command_lines_are_exit_2_and_say_a_way_out(arguments, fragment, capsys):
    assert cli.main(arguments) == 2
    output = capsys.readouterr()
    assert fragment in output.err and not output.out
    assert "Traceback" not in output.err


def test_no_arguments_is_help_on_stderr_and_exit_2(capsys):
    assert cli.main([]) == 2
    output = capsys.readouterr()
    assert "Usage: longreach" in output.err and not output.out


@pytest.mark.parametrize("place", ["-33.9,151.2", "-33.9461,-70.5", "-0,0", "-90,0"])
def test_a_southern_latitude_is_no_option(place, capsys):
    assert cli.main(["airports", "show", place, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [document["lat"], document["lon"]] == [float(part) for part in place.split(",")]


def run_raising(error, monkeypatch, *arguments):
    def raises(_):
        raise error

    monkeypatch.setattr(cli, "_run", raises)
    return cli.main(list(arguments))


@pytest.mark.parametrize(
    "error, code, fragment",
    [
        (InputError("the file is wrong"), 2, "longreach: the file is wrong"),
        (FuelError("too heavy"), 2, "longreach: too heavy"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (typer.Abort(), 130, "interrupted"),
        (ZeroDivisionError("division by zero"), 3, "internal error: ZeroDivisionError: division by zero"),
        (RecursionError("deep"), 3, "This is a bug of Longreach"),
    ],
)
def test_exit_codes(error, code, fragment, monkeypatch, capsys):
    assert run_raising(error, monkeypatch) == code
    output = capsys.readouterr()
    assert fragment in output.err and "Traceback" not in output.err and not output.out


@pytest.mark.parametrize("way", ["flag", "flag after the verb", "environment"])
def test_the_traceback_of_a_bug_is_there_for_the_asking(way, monkeypatch, capsys):
    if way == "environment":
        monkeypatch.setenv("LONGREACH_DEBUG", "1")
    arguments = {"flag": ["--debug", "doctor"], "flag after the verb": ["doctor", "--debug"]}.get(way, [])
    assert run_raising(ZeroDivisionError("x"), monkeypatch, *arguments) == 3
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_closed_pipe_is_quiet():
    command = f"{sys.executable} -m longreach airports list --country US | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 1 and not done.stderr


def test_an_ascii_terminal_is_no_reason_to_fail():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = longreach("airports", "search", "Guarulhos", env=environment)
    assert done.returncode == 0 and "SBGR" in done.stdout


def test_no_colours_in_a_pipe():
    done = longreach("doctor")
    assert "\033" not in done.stdout + done.stderr


@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM"])
def test_colours_can_be_switched_off(variable, monkeypatch):
    from longreach.cli._output import colour

    class Terminal:
        def isatty(self):
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert colour("no", "31", Terminal()) == "\033[31mno\033[0m"
    monkeypatch.setenv(variable, "dumb")
    assert colour("no", "31", Terminal()) == "no"


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
@pytest.mark.parametrize("verb", ["validate", "plan"])
def test_a_bad_mission_is_exit_2_without_traceback_and_writes_nothing(
    verb, path, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    arguments = ["plan", str(path), "-o", "out"] if verb == "plan" else ["validate", str(path)]
    assert cli.main(arguments) == 2
    output = capsys.readouterr()
    assert not output.out and "Traceback" not in output.err
    assert f"{path}:" in output.err
    assert list(tmp_path.iterdir()) == []


def test_ten_megabytes_of_junk_in_a_real_process(tmp_path):
    junk = tmp_path / "junk.toml"
    junk.write_bytes(os.urandom(1_000_000) * 10)
    done = longreach("plan", str(junk), "-o", str(tmp_path / "out"))
    assert done.returncode == 2 and not done.stdout
    assert "10.0 MB" in done.stderr and "Traceback" not in done.stderr and done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["junk.toml"]


def test_an_interrupt_is_130_and_quiet():
    code = (  # a test run in the background has the signal shut off, and its children with it
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "import sys, time; from longreach import cli; cli._run = lambda _: time.sleep(60);"
        "print('ready', flush=True); sys.exit(cli.main([]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130 and errors == "longreach: interrupted\n"
