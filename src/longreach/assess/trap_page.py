"""The page on which the reader changes a simulated world and sees what before/after makes of it: one file, offline."""

from __future__ import annotations

from importlib import resources

from longreach import __version__
from longreach.page.shell import environment, style_sheet


def render() -> str:
    """The page as HTML. Its script simulates in the reader's browser and asks nothing of the network."""
    from markupsafe import Markup

    script = (resources.files("longreach.assess") / "trap.js").read_text(encoding="utf8")
    return str(
        environment("longreach.assess")
        .get_template("trap.html.jinja")
        .render(
            title="Did the flights help?",
            kicker="assess trap",
            version=__version__,
            main="",
            style=Markup(style_sheet("longreach.assess", "trap.css")),
            policy="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:",
            script=Markup(script),
        )
    )
