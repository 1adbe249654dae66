"""What leaves a ledger: its records as JSON lines, CSV and GeoJSON that read back, the layout a batch came in,
ClaimReview, and a one-page report. What a report's rights forbid stays out, and every export says so.
"""

from longreach.ledger.exports.rights import Released, release

__all__ = ["Released", "release"]
