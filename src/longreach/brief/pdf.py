"""The pack and the kneeboard cards as PDF, set by typst: A4 and A5, vector maps, tagged, with words for each picture.

The same plan gives the same bytes: no date is written, only the fonts that typst itself carries are used, and
the pictures are those of the page in the colours of print.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from html import unescape
from importlib import resources
from typing import Any

from longreach.brief import More, charts, company, content, maps, relays, story
from longreach.brief.reading import Plan, read
from longreach.document import sha256, to_bytes
from longreach.errors import MissingExtra
from longreach.page.shell import figure_style

FONT = "Libertinus Serif"


def render(document: Mapping[str, Any], beside: More) -> dict[str, bytes]:
    """`brief.pdf`, the A4 pack, and `kneeboard.pdf`, the A5 cards, of a plan document.

    Raises: MissingExtra where typst is missing (extra `pdf`), InputError where the document lacks what it must hold.
    """
    typst = _typst()
    plan = read(document)
    inputs = _inputs(plan, sha256(to_bytes(document)), beside)
    return {name: _set(typst, template, inputs) for name, template in
            (("brief.pdf", "pack.typ"), ("kneeboard.pdf", "cards.typ"))}  # fmt: skip


def _typst() -> Any:
    try:
        import typst
    except ImportError as error:
        raise MissingExtra(
            "a PDF needs typst: pip install 'longreach[pdf]' (brief.html needs no extra)"
        ) from error
    return typst


def _set(typst: Any, template: str, inputs: dict[str, str]) -> bytes:
    source = _template("common.typ") + _template(template)
    compiler = typst.Compiler(source.encode(), font_paths=[], ignore_system_fonts=True, sys_inputs=inputs)
    made: bytes = compiler.compile(format="pdf", timestamp=0, pdf_standards=["ua-1"])
    return made


def _template(name: str) -> str:
    return (resources.files("longreach.brief") / "typst" / name).read_text(encoding="utf8")


def _inputs(plan: Plan, plan_sha256: str, beside: More) -> dict[str, str]:
    """The pack as JSON, and each picture with its words."""
    contacts = story.contacts(plan)
    closures, _ = maps.closures_of(plan)
    globes = maps.mission_globes(plan, closures, contacts)
    pictures = {f"globe{n}": svg for n, svg in enumerate(globes, 1)}
    pictures["region"] = maps.region_map(plan, closures, contacts)
    pictures["timeline"] = charts.timeline(plan, contacts, story.zones(plan))
    pictures["company"] = company.timeline(plan)
    pictures["relays"] = relays.chart(plan)
    pictures["ladder"] = charts.fuel_ladder(plan, contacts)
    inputs = {"pack": json.dumps(content.pack(plan, plan_sha256, beside), ensure_ascii=False)}
    for name, svg in pictures.items():
        if svg:
            inputs[name] = printed(svg)
            inputs[f"{name}-alt"] = words_of(svg)
    return inputs


def words_of(svg: str) -> str:
    """The name and description of a picture, as text."""
    found = re.search(r"<title[^>]*>(.*?)</title><desc[^>]*>(.*?)</desc>", svg, re.S)
    return unescape(f"{found[1]}. {found[2]}") if found else ""


def printed(svg: str) -> str:
    """A picture of the page as an SVG file in the colours of print, in the CSS that typst understands."""
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()  # type: ignore[union-attr]
    head, body = svg.split(">", 1)
    head += f' xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    palette, rules = _print_style()
    whole = f"{head}><style>{rules}</style>{body}"
    return re.sub(r"var\(--(\w+)\)", lambda found: palette[found[1]], whole)


@cache
def _print_style() -> tuple[dict[str, str], str]:
    """The print palette, and the plain rules of the figures' style sheet without media queries or variables."""
    css = figure_style("longreach.brief", "map.css", "brief.css")
    palette: dict[str, str] = {}
    for block in (css, *re.findall(r"@media print\{(.*?\})\}", css)):
        for declared in re.findall(r"\.fig\{([^}]*)\}", block)[:1]:
            palette |= dict(re.findall(r"--(\w+):([^;]+)", declared))
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", css)
    rules = []
    for selector, declarations in re.findall(r"([^{}]+)\{([^{}]*)\}", plain):
        if ".fig" not in selector:
            continue
        kept = [
            each
            for each in declarations.split(";")
            if each and "--series" not in each and each.strip()[:2] != "--"
        ]
        kept = [re.sub(r"font-family:.*", f"font-family:{FONT}", each) for each in kept]
        kept = [re.sub(r"font-weight:\d+", "font-weight:700", each) for each in kept]
        if kept:
            rules.append(f"{selector.strip()}{{{';'.join(kept)}}}")
    return palette, "".join(rules)
