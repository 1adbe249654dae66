"""The command line: one thin file per verb, loaded when it is called.

A verb `x` is the module `longreach.cli.x` with `app`, a `typer.Typer(**PLAIN)` that holds one command or
several. A verb whose file is not there is not listed. Results go to stdout, all else to stderr. Exit
codes: 0 yes or answered, 1 no, 2 bad input, 3 our bug, 130 interrupted.
"""

from __future__ import annotations

import difflib
import importlib
import os
import re
import sys
from importlib import util
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from longreach import __version__
from longreach.errors import Fault, InputError, LongreachError

# One line for each verb, so that `longreach --help` need not load them; in the order of the work.
VERBS = {
    "plan": "Solve a mission, verify the plan, write plan.json and brief.html.",
    "route": "Find the shortest lawful route between two places, with a proof of how short it could be.",
    "verify": "Check a plan, or a route kept by `route -o`, again with code that did not make it.",
    "validate": "Check a mission file and report every fault in it.",
    "schema": "Print the JSON Schema of a file format.",
    "examples": "List the missions that come with Longreach, or copy one to start from.",
    "brief": "Write a plan's documents again: brief.html, and with --pdf the pack and the kneeboard cards.",
    "export": "Write a plan as files that other programs read, and say what each could not hold.",
    "import": "Make a mission or a route file from another program's route.",
    "check": "Say whether a flight could have happened as reported.",
    "ledger": "Keep incidents, flights and claims with their sources.",
    "watch": "Show indicators and rates against their baseline, and write the page.",
    "assess": "Test, calibrated, whether anything changed after a flight. Mostly the answer is: cannot tell.",
    "winds": "Make a wind pack from weather files, and look at winds.",
    "airspace": "Look at the national airspace of States.",
    "aircraft": "Look at the aircraft catalogue, its figures and their sources; add to it.",
    "airports": "Look up airports, their positions and runways.",
    "doctor": "Say what is installed, missing and cached, and how to mend it.",
}

# How every Typer of ours is made: plain help, our own error messages, completion at the root alone.
PLAIN: dict[str, Any] = {
    "rich_markup_mode": None,
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "no_args_is_help": True,
}

# "-33.9,151.2" is a place in the south, not an option.
_SOUTHERN_PLACE = re.compile(r"-\d+(\.\d*)?\s*,")

# What Typer raises for a wrong command line, under whichever name its version keeps it.
_USAGE: tuple[Any, ...] = tuple(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


class Verbs(TyperGroup):
    """The verbs by name, each module imported only when its verb is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [verb for verb in VERBS if util.find_spec(f"longreach.cli.{verb}")]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.list_commands(ctx):
            return None
        return typer.main.get_command(importlib.import_module(f"longreach.cli.{cmd_name}").app)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise InputError(Fault(f"there is no verb {args[0]!r}", hint=hint))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, VERBS[verb]) for verb in self.list_commands(ctx)])


app = typer.Typer(cls=Verbs, **{**PLAIN, "add_completion": True})


def _version(wanted: bool) -> None:
    if wanted:
        print(f"longreach {__version__}")
        raise typer.Exit


@app.callback(
    epilog="Exit codes: 0 yes or answered, 1 no (infeasible, does not verify), 2 bad input, 3 our bug. "
    "For analysis, exercise and education, not for navigation."
)
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an internal error.")] = False,
) -> None:
    """Plan, verify and explain flights that go halfway round the world without landing."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never a traceback unless --debug asks for one."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = os.environ.get("LONGREACH_DEBUG", "") not in ("", "0")
    options = given[: given.index("--")] if "--" in given else given
    if "--debug" in options:  # allowed anywhere on the line
        given.remove("--debug")
        debug = True
    given = [f" {each}" if _SOUTHERN_PLACE.match(each) else each for each in given]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without é is no reason to fail
    try:
        code = _run(given)
        sys.stdout.flush()
        return code
    except LongreachError as error:
        _say(str(error))
        return 2
    except (KeyboardInterrupt, typer.Abort):
        _say("interrupted")
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if debug:
            import traceback

            traceback.print_exc()
        _say(
            f"internal error: {type(error).__name__}: {error}\n"
            "This is a bug of Longreach, not of your input. "
            + ("" if debug else "Run it again with --debug for the traceback to report.")
        )
        return 3


def _run(arguments: list[str]) -> int:
    command = typer.main.get_command(app)
    try:
        code = command.main(arguments, prog_name="longreach", standalone_mode=False)
    except _USAGE as usage:
        error: Any = usage
        context = getattr(error, "ctx", None)
        if type(error).__name__ == "NoArgsIsHelpError":
            print(context.get_help() if context else "", file=sys.stderr)
            return 2
        _say(error.format_message())
        if context is not None:
            print(f"{context.get_usage()}\nTry '{context.command_path} --help'.", file=sys.stderr)
        return 2
    return code if isinstance(code, int) else 0


def _say(message: str) -> None:
    """Each line of a message on stderr, quiet where nobody listens."""
    try:
        print(f"longreach: {message}" if "\n" not in message else message, file=sys.stderr, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
