"""Claims with a credibility as schema.org ClaimReview, one JSON-LD document.

Credibility 1 to 5 becomes a rating of 5 (confirmed) to 1 (improbable); 6, which cannot be judged, has no number.
Source: schema.org/ClaimReview.
"""

from __future__ import annotations

from typing import Any

from longreach.ledger.exports.rights import Released
from longreach.ledger.log import compact
from longreach.ledger.records import CREDIBILITY, Claim, Entity, Report


def write(released: Released, publisher: str) -> tuple[bytes, int]:
    """The document and how many claims are in it."""
    by_id: dict[str, Any] = {item.record.id: item.record for item in released.items if item.live}
    reviews = [
        _review(record, by_id, publisher)
        for record in by_id.values()
        if isinstance(record, Claim) and record.credibility is not None
    ]
    document = {"@context": "https://schema.org", "@graph": reviews}
    return compact(document).encode() + b"\n", len(reviews)


def _review(claim: Claim, by_id: dict[str, Any], publisher: str) -> dict[str, Any]:
    report = by_id.get(claim.report)
    said: dict[str, Any] = {"@type": "Claim"}
    if isinstance(report, Report):
        last = by_id.get(claim.chain[-1].source) if claim.chain else by_id.get(report.source)
        if isinstance(last, Entity):
            kind = "Person" if last.type in ("person", "official") else "Organization"
            said["author"] = {"@type": kind, "name": last.name}
        if report.published:
            said["datePublished"] = report.published
        appearance = {"@type": "CreativeWork"}
        if report.url:
            appearance["url"] = report.url
        if report.title:
            appearance["headline"] = report.title
        if len(appearance) > 1:
            said["appearance"] = appearance
    assert claim.credibility is not None
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": CREDIBILITY[claim.credibility]}
    if claim.credibility < 6:
        rating |= {"ratingValue": 6 - claim.credibility, "bestRating": 5, "worstRating": 1}
    return {
        "@type": "ClaimReview",
        "identifier": claim.id,
        "claimReviewed": claim.text or claim.paraphrase,
        "itemReviewed": said,
        "reviewRating": rating,
        "author": {"@type": "Organization", "name": publisher},
    }
