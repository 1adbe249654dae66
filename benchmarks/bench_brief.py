"""The founding mission's documents: time, size, same bytes twice, and the live map in a headless browser.

Run: python benchmarks/bench_brief.py. Prints one line a figure with its budget; exits 1 when one is missed. The
browser is Debian's Chromium with WebGL in software (SwiftShader); without it that part says "not run".
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MISSION = ROOT / "examples" / "gulf-2020-12-10.toml"
LARGEST = 3_000_000  # bytes of brief.html
SETTLED_MS = 5000.0  # from the start of navigation to the first idle map with all tiles
RUNS = 3
LAYERS = ("land", "closed", "limit", "station", "out", "back", "tanker", "partner", "refuelling", "night")
missed: list[str] = []


def say(name: str, value: float, unit: str, budget: float | None = None) -> None:
    """One figure, and whether it keeps its budget."""
    over = budget is not None and value > budget
    if over:
        missed.append(name)
    limit = "" if budget is None else f"  budget {budget:g}{'  MISSED' if over else ''}"
    print(f"{name:44} {value:12.3f} {unit}{limit}", flush=True)


def must(name: str, good: bool, shown: Any = "") -> None:
    """One thing that holds or does not."""
    if not good:
        missed.append(name)
    print(f"{name:44} {'yes' if good else 'NO'} {shown}".rstrip(), flush=True)


def documents() -> tuple[dict[str, Any], str]:
    """The plan and its page; prints what rendering costs."""
    from longreach import brief, mission
    from longreach.plan import plan

    document = plan(mission.load(MISSION))
    brief.render(document)
    spent = []
    for _ in range(RUNS):
        since = time.process_time()
        html = brief.render(document)
        spent.append(time.process_time() - since)
    say("brief.html, warm", min(spent), "s of one core", 1.0)
    say("brief.html, size", len(html.encode()), "bytes", LARGEST)
    must("brief.html, same bytes twice", html == brief.render(document))
    try:
        import typst  # noqa: F401
    except ImportError:
        print("PDF: not run, typst is not installed")
        return document, html
    files = brief.pdf_files(document)
    spent = []
    for _ in range(RUNS):
        since = time.process_time()
        again = brief.pdf_files(document)
        spent.append(time.process_time() - since)
    say("PDF pack and cards, warm", min(spent), "s of all cores")
    for name, data in files.items():
        say(f"{name}, size", len(data), "bytes")
    must("PDF, same bytes twice", files == again)
    return document, html


def in_a_browser(html: str) -> None:
    """The live map opened from disk: settling, what is drawn, the clock, requests and complaints."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        print("live map: not run, it needs Debian's chromium and playwright")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "brief.html"
        file.write_text(html, encoding="utf8")
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-quic"]
        )
        settled, requests, complaints = [], [], []
        for _ in range(RUNS):
            page = browser.new_page(viewport={"width": 1300, "height": 900})
            page.on("request", lambda request: requests.append(request.url))
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(file.as_uri())
            page.wait_for_selector("#live[data-settled]", timeout=120_000)
            settled.append(float(page.locator("#live").get_attribute("data-settled") or "nan"))
            counts = page.evaluate(
                "ids => ids.map(id => longreach.globe.map.queryRenderedFeatures({layers: [id]}).length)",
                list(LAYERS),
            )
            clock_ms = page.evaluate(
                "() => { const { clock, data } = longreach; const since = performance.now();"
                " for (let k = 0; k < 100; k += 1) clock.set(data.begin + (data.end - data.begin) * k / 100);"
                " return (performance.now() - since) / 100; }"
            )
            page.close()
        browser.close()
    say("live map settled, best", min(settled), "ms", SETTLED_MS)
    print(f"live map settled, each run [ms]: {settled}")
    drawn = dict(zip(LAYERS, counts, strict=True))
    must("every layer drawn", all(drawn.values()), drawn)
    say("one move of the clock, all four views", clock_ms, "ms")
    outside = [url for url in requests if url != file.as_uri() and not url.startswith("blob:")]
    must("no request leaves the page", not outside, outside)
    # Chromium's own remark on reading pixels back from a software GPU is not ours to mend.
    ours = [text for text in complaints if "GPU stall due to ReadPixels" not in text]
    must("no complaint on the console", not ours, ours)


if __name__ == "__main__":
    _, page_text = documents()
    in_a_browser(page_text)
    sys.exit(f"missed: {', '.join(missed)}" if missed else 0)
