"""Could this flight have happened as reported? A claim, its readings, what breaks it and what it would have taken.

`judge(claim)` gives the verdict in fixed words with its figures. It is never "confirmed": geometry can contradict a
report or leave it standing, and only other evidence can bear it out.
"""

from __future__ import annotations

from longreach.check.claim import Claim, load, parse
from longreach.check.judgement import Judgement, judge

__all__ = ["Claim", "Judgement", "judge", "load", "parse"]
