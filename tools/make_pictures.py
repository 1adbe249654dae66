"""Draw the README's picture: the top of the founding flight's brief, in a headless Chromium.

.venv/bin/python tools/make_pictures.py
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from longreach import mission
from longreach.brief import render
from longreach.plan import plan

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "gulf-2020-12-10.toml"
PICTURE = ROOT / "docs" / "pictures" / "gulf-2020-12-10.png"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> int:
    browser_path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if browser_path is None:
        print("no Chromium here: install one to draw the picture", file=sys.stderr)
        return 2
    page_text = render(plan(mission.load(EXAMPLE)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "brief.html"
        file.write_text(page_text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        page.goto(file.as_uri())
        end = page.evaluate(
            "Math.max(...[...document.querySelectorAll('svg')].slice(0, 2).map(s => s.getBoundingClientRect().bottom))"
        )
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(
            path=str(PICTURE), clip={"x": 0, "y": 0, "width": 1180, "height": end + 60}, full_page=True
        )
        browser.close()
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
