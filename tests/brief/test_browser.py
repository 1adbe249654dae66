"""The page in a real browser: no request, no complaint, all there with scripts off."""

import shutil
from pathlib import Path

import pytest

from longreach import brief

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        pytest.skip("not run: no Chromium on this machine (Debian: apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="not run: playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_opens_from_disk_without_asking_for_anything(chromium, feasible, tmp_path: Path, scheme):
    file = tmp_path / "brief.html"
    file.write_text(brief.render(feasible), encoding="utf8")
    context = chromium.new_context(
        java_script_enabled=False, color_scheme=scheme, viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri())
    assert requests == [file.as_uri()]
    assert complaints == []
    assert page.locator("svg").count() == 4
    for index in range(4):
        box = page.locator("svg").nth(index).bounding_box()
        assert box["width"] > 300 and box["height"] > 150
    assert page.locator("h1").inner_text().startswith("Two B-52Hs")
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 820, 1400])
def test_page_never_scrolls_sideways(chromium, feasible, infeasible, tmp_path: Path, width):
    page = chromium.new_page(viewport={"width": width, "height": 900})
    for name, document in (("yes", feasible), ("no", infeasible)):
        file = tmp_path / f"{name}.html"
        file.write_text(brief.render(document), encoding="utf8")
        page.goto(file.as_uri())
        wide, seen = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= seen
    page.close()
