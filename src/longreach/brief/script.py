"""The live view's own modules and MapLibre's files, made ready to stand inside one page.

Our ES modules (`live/*.js`) stay readable: each becomes a block of one script, in the order of their imports.
MapLibre GL JS is kept as its gzipped distributed files (`vendor/`, see THIRD_PARTY.md) and unpacked by the
browser.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources

_IMPORT = re.compile(r'^import (?:\{ ([\w, ]+) \}|\* as (\w+)) from "\./(\w+)\.js";$', re.M)
_EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.M)

VENDOR = {
    "maplibre-code": "maplibre-gl.mjs.gz",
    "maplibre-worker": "maplibre-gl-worker.mjs.gz",
    "maplibre-sheet": "maplibre-gl.css.gz",
}


@cache
def bundle() -> str:
    """The live view as one module script."""
    folder = resources.files("longreach.brief") / "live"
    return joined({file.name: file.read_text(encoding="utf8") for file in folder.iterdir()
                   if file.name.endswith(".js")}, "main.js")  # fmt: skip


def joined(modules: dict[str, str], first: str) -> str:
    """ES modules as one script: each in a block that returns what it exports.

    Parameters
    ----------
    modules : text by file name; imports are `import { a, b } from "./x.js";` or `import * as x from "./x.js";`,
        exports are `export function|class|const`
    first : the module to start with

    Raises: ValueError where a module imports or exports in another form, in a circle, or could end the script.
    """
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"{name} imports itself by way of {' -> '.join(above)}")
        if name not in order:
            for found in _IMPORT.finditer(modules[name]):
                visit(f"{found[3]}.js", (*above, name))
            order.append(name)

    visit(first, ())
    out = []
    for name in order:
        text = _IMPORT.sub(
            lambda found: f"const {'{ ' + found[1] + ' }' if found[1] else found[2]} = module_{found[3]};",
            modules[name],
        )
        names = _EXPORT.findall(text)
        text = re.sub(r"^export (?=(async )?(function|class|const) )", "", text, flags=re.M)
        if re.search(r"^(import|export)\b", text, re.M) or "</script" in text or "<!--" in text:
            raise ValueError(
                f"{name}: an import, an export or a piece of text in a form that cannot be joined"
            )
        out.append(
            f"const module_{name.removesuffix('.js')} = (() => {{\n{text}\nreturn {{ {', '.join(names)} }};\n}})();\n"
        )
    return "".join(out)


def digest(script: str) -> str:
    """The name of a script in a content security policy, so that it and no other may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def packed(package: str, *path: str) -> str:
    """A gzipped file as base64."""
    file = resources.files(package).joinpath(*path)
    return base64.b64encode(file.read_bytes()).decode()


@cache
def vendored() -> dict[str, str]:
    """MapLibre's files as base64 of their gzip, by the id each has in the page."""
    return {ident: packed("longreach.brief", "vendor", name) for ident, name in VENDOR.items()}


@cache
def licence() -> str:
    """MapLibre's licence, which must go with it."""
    return (resources.files("longreach.brief") / "vendor" / "maplibre-gl-LICENSE.txt").read_text("utf8")
