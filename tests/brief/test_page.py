"""The page: self-contained, safe, the same each time, and nothing lost when the plan says no."""

import base64
import copy
import hashlib
import re
import time
from html.parser import HTMLParser

import pytest

from longreach import brief
from longreach.errors import InputError

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Page(HTMLParser):
    """Tags, attributes and text; fails where tags do not close in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.texts, self.ids = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.texts))


def test_page_is_whole_and_asks_for_nothing(feasible):
    html = brief.render(feasible)
    page = Page(html)
    assert len(page.ids) == len(set(page.ids))
    for _, attributes in page.tags:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            assert (attributes.get(name) or "#").startswith("#"), attributes
        for reference in (attributes.get("aria-labelledby") or "").split():
            assert reference in page.ids
    assert set(re.findall(r"url\(([^)]*)\)", html)) <= {f"#{i}" for i in page.ids}
    assert not {tag for tag, _ in page.tags} & {"iframe", "object", "embed", "link", "img"}
    assert "@import" not in html
    assert len(html.encode()) < 3_000_000


def test_one_script_runs_and_the_policy_names_it(feasible):
    html = brief.render(feasible)
    scripts = [attributes for tag, attributes in Page(html).tags if tag == "script"]
    assert sorted(attributes["type"] for attributes in scripts) == [
        *["application/json"] * 2, "module", *["text/plain"] * 4,
    ]  # fmt: skip
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    program = re.search(r'<script type="module">(.*?)</script>', html, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}' blob:;" in policy.replace("&#39;", "'")
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert "unsafe-eval" not in policy


def test_a_plan_in_which_nothing_flies_has_no_script(infeasible):
    assert "<script" not in brief.render(infeasible)


def test_every_picture_has_a_name_and_a_description(feasible):
    page = Page(brief.render(feasible))
    pictures = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(pictures) == 7  # globe, region, timeline, ladder, company; the live map's overlay and its key
    for attributes in pictures:
        assert attributes["role"] in ("img", "group")
        assert attributes.get("aria-label") or len(attributes["aria-labelledby"].split()) == 2


def test_same_document_same_bytes(feasible):
    assert brief.render(feasible) == brief.render(copy.deepcopy(feasible))


def test_page_tells_the_result_and_its_figures(feasible):
    text = Page(brief.render(feasible)).text
    for words in (
        "Two B-52Hs can fly from Barksdale AFB to their station, Central Gulf, and back without landing in 34 h 11 min",
        "Not for navigation",
        "bound: no plan on this line needs fewer than 4",
        "52.4 nm (97 km)",
        "diplomatic clearance for State aircraft of the United States of America",
        "own State: its air traffic services",
        "If nothing is taken on:",
        "Crew day and light",
        "civil twilight 24 min",
        "Borders: Natural Earth",
        "Still air: no wind is applied",
        "widened to 8 %",
        "USAF fact sheet",
        feasible["mission"]["file_sha256"],
    ):
        assert words in text, words


def test_infeasible_plan_leads_with_what_is_missing_and_the_cure(infeasible):
    html = brief.render(infeasible)
    text = Page(html).text
    assert "Not feasible as asked: the station lies inside the stand-off of Iran." in text
    assert text.index("Lower stand_off to 31 nm") < text.index("Where")
    assert "airspace.stand_off = 31 nm" in text
    assert "not met" in text
    assert html.count("<svg") == 2


def test_failed_checks_come_first(feasible):
    feasible["status"] = "infeasible"
    feasible["checks"][2]["ok"] = False
    html = brief.render(feasible)
    assert html.index("station.time") < html.index("clearance.IR")
    assert "1 of 3 failed" in html


def test_every_string_is_escaped(feasible):
    evil = "<script>alert(1)</script>&\"'"

    def poison(value):
        if isinstance(value, dict):
            return {key: poison(item) for key, item in value.items()}
        if isinstance(value, list):
            return [poison(item) for item in value]
        free = isinstance(value, str) and not re.match(
            r"\d{4}-|longreach\.|feasible$|lead$|tanker$|partner$", value
        )
        return value + evil if free and value not in PHASES and len(value) < 200 else value

    PHASES = {"climb", "cruise", "descent", "refuel", "station", "hold"}
    tracks = [flight["track"] for flight in feasible["flights"]]
    document = poison(feasible)
    for flight, track in zip(document["flights"], tracks, strict=True):
        flight["track"] = track
    document["mission"]["text"] = feasible["mission"]["text"] + f"# {evil}\n"
    html = brief.render(document)
    assert "<script>" not in html
    assert html.count("<script") == brief.render(feasible).count("<script")
    page = Page(html)
    assert "alert(1)" in page.text


def test_optional_parts_may_be_absent(feasible):
    for key in ("crew", "light", "station", "optimality"):
        feasible[key] = None if key in ("station", "optimality") else []
    del feasible["crew"], feasible["light"]
    feasible["data"] = {"airspace": {}, "aircraft": {}, "winds": {}, "airports": {}}
    feasible["refuellings"], feasible["joins"], feasible["overflight"], feasible["airspace"] = [], [], [], []
    feasible["flights"] = feasible["flights"][:1]
    text = Page(brief.render(feasible)).text
    assert "out and back" in text
    assert "Join-ups" not in text


def test_unreadable_mission_text_is_said(feasible):
    feasible["mission"]["text"] = "closed = ["
    assert "closed areas are not drawn" in Page(brief.render(feasible)).text


def test_every_missing_key_is_reported_at_once(feasible):
    del feasible["flights"][0]["fuel"]["burn_kg"]
    feasible["refuellings"][1]["abort"]["margin_kg"] = "much"
    feasible["joins"][0]["join_utc"] = "10 December"
    feasible["flights"][2]["track"]["rows"] = []
    with pytest.raises(InputError) as caught:
        brief.render(feasible)
    keys = {fault.key for fault in caught.value.faults}
    assert keys == {"flights.0.fuel.burn_kg", "refuellings.1.abort.margin_kg", "joins.0.join_utc",
                    "flights.2.track.rows"}  # fmt: skip


@pytest.mark.parametrize("key", ["flights", "mission", "checks", "status", "airspace", "data"])
@pytest.mark.parametrize("value", [None, 3, [1], {"a": 1}])
def test_a_broken_document_is_refused_in_plain_words(feasible, key, value):
    feasible[key] = value
    try:
        html = brief.render(feasible)
    except InputError as error:
        assert all(fault.key for fault in error.faults)
    else:
        assert key == "data" and "<h1" in html


def test_another_schema_is_refused(feasible):
    feasible["schema"] = "longreach.plan/2"
    with pytest.raises(InputError, match=r"longreach.plan/1"):
        brief.render(feasible)


def test_a_long_plan_renders_quickly(feasible):
    track = feasible["flights"][0]["track"]
    track["rows"] = [row for row in track["rows"] for _ in range(3)][:5000]
    brief.render(feasible)
    begin = time.perf_counter()
    html = brief.render(feasible)
    assert time.perf_counter() - begin < 2.0  # 0.2 s on a quiet machine; this one may be busy
    assert len(html) < 1_520_000


def test_with_every_state_closed_the_page_is_still_small(feasible):
    feasible["mission"]["text"] = re.sub(
        r"closed = \[[^\]]*\]", 'closed = "ALL"', feasible["mission"]["text"]
    )
    assert 'closed = "ALL"' in feasible["mission"]["text"]
    assert len(brief.render(feasible).encode()) < 3_000_000
