"""The page in a real browser: no request, no complaint, all there with scripts off; the live map works."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from longreach import brief, geodesy
from longreach.brief.reading import read
from longreach.units import NAUTICAL_MILE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]  # one browser at a time

FLAGS = ["--headless", "--no-sandbox", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
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
    pictures = page.locator("svg:visible")
    assert pictures.count() == 5
    for index in range(4):
        box = pictures.nth(index).bounding_box()
        assert box["width"] > 300 and box["height"] > 150
    assert page.locator("h1").inner_text().startswith("Two B-52Hs")
    context.close()


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


SHOWN = {"closed", "limit", "out", "back", "tanker", "partner", "refuelling", "station", "land", "night"}


@pytest.fixture(scope="module")
def live(chromium, plan_document, tmp_path_factory):
    """Opens a brief with its live view, settled; fails at the end on any complaint or outside request."""
    file = tmp_path_factory.mktemp("live") / "brief.html"
    file.write_text(brief.render(plan_document), encoding="utf8")
    contexts, requests, complaints = [], [], []

    def open_page(fragment="", **context):
        contexts.append(chromium.new_context(viewport={"width": 1200, "height": 900}, **context))
        page = contexts[-1].new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri() + fragment)
        page.wait_for_selector("#live[data-settled]", timeout=60_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert {url.split("#")[0] for url in requests if not url.startswith("blob:")} == {file.as_uri()}
    assert [
        text for text in complaints if "GPU stall due to ReadPixels" not in text
    ] == []  # of software WebGL


@pytest.fixture(scope="module")
def page(live):
    """One settled page that several tests use, each leaving it as it came or setting what it needs."""
    return live(reduced_motion="reduce")


def await_address(page, part):
    """Waits until the address holds a part; it is written with a delay."""
    for _ in range(50):
        if part in page.url:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{part} is not in {page.url}")


def test_live_globe_draws_every_layer(page):
    found = page.evaluate(
        "layers => Object.fromEntries(layers.map(id => [id, longreach.globe.map.queryRenderedFeatures({layers: [id]}).length]))",
        sorted(SHOWN),
    )
    assert {id for id, count in found.items() if count} == SHOWN, found
    assert page.locator(".maps").is_hidden()
    assert page.locator(".map-overlay .halo:visible").count() >= 3


def test_the_clock_moves_four_views_together(page, feasible):

    def state():
        return page.evaluate(
            """() => {
                const g = longreach.globe;
                const lead = g.states[0];
                return {
                    aircraft: g.aircraft[0].spot.getAttribute('transform'),
                    lead: [lead.lat, lead.lon, lead.fuel],
                    night: JSON.stringify(g.overhead(g.time)) + g.sunAt,
                    cursors: [...document.querySelectorAll('.cursor')].map(c => c.getAttribute('transform')),
                    row: document.querySelector('.aircraft tbody tr').textContent,
                };
            }"""
        )

    before = state()
    slider = page.locator(".clock-slider")
    slider.focus()
    slider.press("End")
    slider.press("ArrowLeft")
    slider.evaluate(
        "s => { s.value = Number(s.value) - 59 * 60; s.dispatchEvent(new Event('input')); }"
    )  # a drag
    after = state()
    assert len(before["cursors"]) == 2
    for key in ("aircraft", "night", "row"):
        assert before[key] != after[key], key
    assert all(a != b for a, b in zip(before["cursors"], after["cursors"], strict=True))
    # the aircraft stands where the plan says: an hour before the last landing
    plan = read(feasible)
    end = max(flight.landing_s for flight in plan.flights)
    time_s = page.evaluate("longreach.clock.time")
    assert abs(time_s - (end - 3600)) < 60  # the slider goes by minutes
    row = int(np.searchsorted(plan.lead.time_s, time_s, side="right")) - 1
    away = geodesy.distance(after["lead"][0], after["lead"][1], plan.lead.lat[row], plan.lead.lon[row])
    assert away < plan.lead.gs_kt[row] / 3600 * NAUTICAL_MILE * 61
    await_address(page, f"t={datetime.fromtimestamp(time_s, UTC):%Y-%m-%dT%H:%M:%SZ}")


def test_play_moves_the_clock_and_pause_stops_it(page):
    page.evaluate("longreach.clock.set(0)")  # the beginning
    before = page.evaluate("longreach.clock.time")
    page.locator(".clock-play").click()
    page.wait_for_timeout(1200)
    page.locator(".clock-play").click()
    moved = page.evaluate("longreach.clock.time")
    page.wait_for_timeout(300)
    assert moved > before + 120
    assert page.evaluate("longreach.clock.time") == moved


def test_the_address_keeps_the_view(live, feasible):
    plan = read(feasible)
    time_s = int(plan.lead.takeoff_s) + 7200
    at = f"{datetime.fromtimestamp(time_s, UTC):%Y-%m-%dT%H:%M:%SZ}"
    page = live(fragment=f"#t={at}&map=flat&at=26.500,51.500&zoom=4.50&off=night,labels")
    got = page.evaluate(
        "(() => { const m = longreach.globe.map; const c = m.getCenter();"
        " return [longreach.clock.time, m.getProjection().type, c.lat, c.lng, m.getZoom(),"
        " m.getLayoutProperty('night', 'visibility')]; })()"
    )
    assert got[0] == time_s
    assert got[1] == "mercator"
    assert got[2:5] == pytest.approx([26.5, 51.5, 4.5], abs=0.01)
    assert got[5] == "none"
    for part in ("map=flat", "off=night,labels", f"t={at}"):
        await_address(page, part)


def test_layers_go_off_and_on(page):
    page.locator(".layers summary").click()
    box = page.locator('[data-layer="closed"]')
    box.uncheck()
    assert page.evaluate("longreach.globe.map.getLayoutProperty('closed', 'visibility')") == "none"
    box.check()
    assert page.evaluate("longreach.globe.map.getLayoutProperty('closed', 'visibility')") == "visible"


def test_pointing_at_a_mark_tells_its_figures(page, feasible):
    page.evaluate("document.querySelector('.map-overlay g[tabindex=\"0\"][aria-label^=Refuelling]').focus()")
    told = page.locator(".pointed").inner_text()
    assert told.startswith("Refuelling 1")
    assert "to spare" in told


def test_labels_of_the_region_do_not_cover_each_other(page):
    page.locator('[data-view="region"]').click()
    page.wait_for_timeout(2500)
    boxes = page.evaluate(
        "[...document.querySelectorAll('.map-overlay text.halo')].filter(t => t.getAttribute('display') !== 'none')"
        ".map(t => { const b = t.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; })"
    )
    assert len(boxes) >= 4
    for index, a in enumerate(boxes):
        for b in boxes[index + 1 :]:
            wide = min(a[2], b[2]) - max(a[0], b[0])
            high = min(a[3], b[3]) - max(a[1], b[1])
            assert wide <= 0.5 or high <= 3.0, (a, b)  # line boxes touch; letters do not


def test_on_paper_the_pictures_stand_in_for_the_live_map(page):
    page.emulate_media(media="print")
    assert page.locator("#live").is_hidden()
    assert page.locator(".clock").is_hidden()
    assert page.locator(".maps svg:visible").count() == 2
    page.emulate_media(media="screen")


def test_without_webgl_the_pictures_stay(chromium, feasible, tmp_path: Path):
    file = tmp_path / "nogl.html"
    file.write_text(brief.render(feasible), encoding="utf8")
    page = chromium.new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    page.goto(file.as_uri())
    page.wait_for_selector("#live-not:visible")
    assert page.locator("#live").is_hidden()
    assert page.locator(".maps svg:visible").count() == 2
    assert page.locator(".clock").is_hidden()
    page.close()


def laid(document, start, end):
    """The document with its lead alone, its track laid along the geodesic between two points."""
    lead = document["flights"][0]
    track = lead["track"]
    at = {name: n for n, name in enumerate(track["columns"])}
    length, azimuth, _ = geodesy.inverse(*start, *end)
    lat, lon, _ = geodesy.direct(*start, azimuth, np.linspace(0.0, float(length), len(track["rows"])))
    for row, a, o in zip(track["rows"], lat, lon, strict=True):
        row[at["lat"]], row[at["lon"]] = round(float(a), 6), round(float(o), 6)
    lead["route"] = [{**lead["route"][0], "lat": start[0], "lon": start[1]},
                     {**lead["route"][-1], "lat": end[0], "lon": end[1]}]  # fmt: skip
    document["flights"] = [lead]
    document["station"] = None
    for key in ("refuellings", "joins", "overflight", "airspace", "crew", "light"):
        document[key] = []
    return document


ON_SCREEN = """() => {
    const g = longreach.globe;
    const flight = longreach.data.flights[0];
    const rows = flight.t.map((_, k) => k).filter(k => k % 20 === 0 && Math.abs(flight.lat[k]) < 80);
    const seen = rows.map(k => g.pixel(flight.lat[k], flight.lon[k])).filter(p => p
        && p.x > 10 && p.y > 10 && p.x < g.size.width - 10 && p.y < g.size.height - 10);
    const box = p => [[p.x - 6, p.y - 6], [p.x + 6, p.y + 6]];
    const hit = seen.filter(p => g.map.queryRenderedFeatures(box(p), {layers: ['out', 'back']}).length);
    return [seen.map(p => [p.x, p.y]), hit.length];
}"""


@pytest.mark.parametrize("shape", ["globe", "flat"])
def test_a_flight_over_the_date_line_is_one_line(chromium, feasible, tmp_path: Path, shape):
    file = tmp_path / "line.html"
    file.write_text(brief.render(laid(feasible, (21.3, -157.9), (13.5, 144.8))), encoding="utf8")
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    page.goto(f"{file.as_uri()}#map={shape}")
    page.wait_for_selector("#live[data-settled]", timeout=60_000)
    seen, hit = page.evaluate(ON_SCREEN)
    assert len(seen) > 50
    assert hit > 0.9 * len(seen)
    steps = np.hypot(*np.diff(np.array(seen), axis=0).T)
    assert steps.max() < 40  # no jump across the map
    page.close()


def test_a_flight_over_the_pole_is_drawn_over_the_map(chromium, feasible, tmp_path: Path):
    file = tmp_path / "pole.html"
    document = laid(feasible, (60.3, 25.0), (64.8, -147.9))
    file.write_text(brief.render(document), encoding="utf8")
    plan = read(document)
    top = int(np.argmax(plan.lead.lat))
    assert plan.lead.lat[top] > 86.0
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    at = f"{datetime.fromtimestamp(plan.lead.time_s[top], UTC):%Y-%m-%dT%H:%M:%SZ}"
    page.goto(f"{file.as_uri()}#t={at}")
    page.wait_for_selector("#live[data-settled]", timeout=60_000)
    seen, hit = page.evaluate(ON_SCREEN)
    assert len(seen) > 20 and hit > 0.9 * len(seen)
    drawn = page.evaluate(
        "() => { const g = longreach.globe; const m = g.map.project([0, 90]);"
        " const plane = g.aircraft[0].spot.getAttribute('transform').match(/[\\d.]+/g).map(Number);"
        " return [g.polarLines.map(l => l.path.getAttribute('d')).join(''), [m.x, m.y], plane]; }"
    )
    path, pole, plane = drawn
    assert path.count("L") > 10
    caps = page.evaluate("longreach.globe.caps[0].paths.map(p => p.getAttribute('d').length)")
    assert len(caps) == 4 and min(caps) > 100  # December: sea, and twilight and night all over the cap
    assert 0 < plane[0] < 1200 and 0 < plane[1] < 700
    assert np.hypot(plane[0] - pole[0], plane[1] - pole[1]) < 60
    page.close()
