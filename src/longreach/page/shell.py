"""The shell round every page: head, skip link, masthead, footer, and the style sheet."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

from longreach.page import words
from longreach.page.tables import table


def page(
    *,
    title: str,
    main: str,
    kicker: str = "",
    version: str = "",
    notice: str = "",
    style: str = "",
    lang: str = "en",
) -> str:
    """A whole page as HTML.

    Parameters
    ----------
    title : of the page, plain text; also shown at the top right
    main : marked-up content; its first heading is the result in one sentence, as <h1>
    kicker : what kind of page this is, plain text, beside the name Longreach
    version : of Longreach, for the footer
    notice : a further sentence for the footer, after "For analysis, exercise and education."
    style : rules of this page alone, after the shared ones
    """
    from markupsafe import Markup

    return str(
        environment("longreach.page")
        .get_template("shell.html.jinja")
        .render(
            title=title,
            main=Markup(main),
            kicker=kicker,
            version=version,
            notice=notice,
            style=Markup(style_sheet() + style),
            lang=lang,
        )
    )


@cache
def environment(package: str) -> Any:
    """Jinja2 as our templates use it: the templates of a package, then the shared ones; all text escaped.

    A name that is not given is an error. Figures stay on one line with their units. `table` and `words` can
    be used inside.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=ChoiceLoader([PackageLoader(package, "."), PackageLoader("longreach.page", ".")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(table=table, words=words)
    return made


def unbroken(value: Any) -> Any:
    """Figures kept on one line with their units; marked-up text is left alone.

    >>> unbroken("36 h 02 min, 50 nm").count(chr(160))
    4
    """
    if type(value) is not str:
        return value
    value = re.sub(
        r"(\d) h (\d\d) min", "\\1\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}\\2\N{NO-BREAK SPACE}min", value
    )
    value = re.sub(r"(\d) (nm|km|kg|t|lb|h|min|kt|ft|s|%)\b", "\\1\N{NO-BREAK SPACE}\\2", value)
    return re.sub(r"('[NS]) (\d)", "\\1\N{NO-BREAK SPACE}\\2", value)


@cache
def style_sheet(package: str = "longreach.page", *names: str) -> str:
    """The shared rules of pages and figures, and after them the named style sheets of a package."""
    shared = [_text("longreach.page", name) for name in ("figure.css", "page.css")]
    return "".join([*shared, *(_text(package, name) for name in names)])


@cache
def figure_style(package: str = "longreach.page", *names: str) -> str:
    """The rules of figures alone, for an SVG file of its own."""
    return "".join([_text("longreach.page", "figure.css"), *(_text(package, name) for name in names)])


def _text(package: str, name: str) -> str:
    return (resources.files(package) / name).read_text(encoding="utf8").replace("\n", "")
