"""A batch in the layout it came in: the same columns, the same cells, the same heading and tags, in the same order."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from longreach.errors import Fault, InputError
from longreach.ledger import records
from longreach.ledger.records import Report
from longreach.ledger.view import Batch, View


def find_batch(view: View, name: str | None) -> Batch:
    """The import of that name, or the only one there is.

    Raises: InputError naming those there are.
    """
    live = [batch for batch in view.batches() if batch.status == "live" and batch.info.get("columns")]
    found = [batch for batch in live if name in (None, batch.id)]
    if len(found) == 1:
        return found[0]
    hint = f"imports: {', '.join(batch.id for batch in live)}" if live else "nothing was imported"
    what = f"there is no import {name!r} of a table" if name else "say which import with --batch"
    raise InputError(Fault(what, hint=hint))


def write(view: View, batch: Batch, *, private: bool = False) -> tuple[bytes, int, int]:
    """The file, how many rows are in it, and how many stay out for their rights.

    CSV cells are those of the file that came in; quotation marks are set where they are needed, and by the same
    line end and delimiter. GeoJSON is equal as a document.
    """
    form: dict[str, Any] = batch.info.get("form", {})
    columns = [str(name) for name in batch.info["columns"]]
    kept: list[Report] = []
    closed = 0
    query = "select json from record where batch=? and kind='report' and status='live' order by seq"
    for (text,) in view.database.execute(query, (batch.id,)):
        report = records.from_json(json.loads(text))
        assert isinstance(report, Report)
        if report.row is None:
            continue
        if report.rights != "free" and not private:
            closed += 1
        else:
            kept.append(report)
    if "geojson" in form:
        data = _geojson(form["geojson"], kept, columns)
        return data + b"\n" * bool(form.get("end")), len(kept), closed
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=form.get("delimiter", ","), lineterminator=form.get("line_end", "\n"),
        quoting=csv.QUOTE_NONE if form.get("delimiter") == "\t" else csv.QUOTE_MINIMAL,
        quotechar=None if form.get("delimiter") == "\t" else '"',
    )  # fmt: skip
    if batch.info.get("heading", True):
        writer.writerow(form.get("heading", columns))
    if "hxl" in form:
        writer.writerow(form["hxl"])
    for report in kept:
        writer.writerow(report.row or ())
    encoding = str(form.get("encoding", "utf-8"))
    text = (
        out.getvalue() if form.get("end", True) else out.getvalue().removesuffix(form.get("line_end", "\n"))
    )
    data = text.encode(encoding)
    mark = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    return (mark.get(encoding, b"") if form.get("mark") else b"") + data, len(kept), closed


def _geojson(around: dict[str, Any], kept: list[Report], columns: list[str]) -> bytes:
    features = []
    for report in kept:
        names = report.columns or columns
        feature: dict[str, Any] = {"type": "Feature", "properties": {}}
        for name, value in zip(names, report.row or (), strict=True):
            if name == "geometry":
                feature["geometry"] = value
            elif name.startswith("feature:"):
                feature[name.removeprefix("feature:")] = value
            else:
                feature["properties"][name] = value
        features.append(feature)
    text = json.dumps({**around, "features": features}, ensure_ascii=False, allow_nan=False)
    return text.encode()
