"""The live view's modules joined into one script, and MapLibre's files as they were distributed."""

import gzip
import hashlib
import re
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from longreach.brief import script

THIRD_PARTY = Path(__file__).parents[2] / "THIRD_PARTY.md"


def test_modules_are_joined_in_the_order_they_need_each_other():
    made = script.joined(
        {
            "main.js": 'import { two } from "./b.js";\nimport * as c from "./c.js";\ntwo(c.three);\n',
            "b.js": 'import { three } from "./c.js";\nexport function two(x) {\n  return x + three;\n}\n',
            "c.js": "export const three = 3;\nexport class Four {}\n",
        },
        "main.js",
    )
    assert made.index("module_c =") < made.index("module_b =") < made.index("module_main =")
    assert "const { three } = module_c;" in made
    assert "const c = module_c;" in made
    assert "return { three, Four };" in made
    assert not re.search(r"^(import|export)\b", made, re.M)


@pytest.mark.parametrize(
    "text",
    [
        'import x from "./b.js";\n',
        "export default 3;\n",
        "const end = '</script>';\n",
        'import { a } from "https://elsewhere/x.js";\n',
    ],
)
def test_what_cannot_be_joined_is_refused(text):
    with pytest.raises(ValueError, match=r"main\.js"):
        script.joined({"main.js": text, "b.js": ""}, "main.js")


def test_modules_that_need_each_other_in_a_circle_are_refused():
    with pytest.raises(ValueError, match="imports itself"):
        script.joined(
            {"main.js": 'import { a } from "./b.js";\n', "b.js": 'import { c } from "./main.js";\n'},
            "main.js",
        )


def test_every_module_of_the_live_view_is_used_and_joins():
    made = script.bundle()
    folder = resources.files("longreach.brief") / "live"
    for file in folder.iterdir():
        if file.name.endswith(".js"):
            assert f"module_{file.name.removesuffix('.js')} = " in made
            assert file.read_text("utf8").startswith("// "), f"{file.name} does not say what it is"


@pytest.mark.parametrize("name", ["maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css"])
def test_vendored_files_are_those_distributed(name):
    packed = (resources.files("longreach.brief") / "vendor" / f"{name}.gz").read_bytes()
    assert hashlib.sha256(gzip.decompress(packed)).hexdigest() in THIRD_PARTY.read_text("utf8")


def test_no_node_is_needed(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)
    script.bundle.cache_clear()
    assert script.bundle()
