"""Where the real tracks lie; the tests that use them say so where they are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def real_tracks() -> Path:
    """The folder of real track files, from LONGREACH_DATA."""
    given = os.environ.get("LONGREACH_DATA")
    folder = Path(given) / "tracks" if given else None
    if folder is None or not folder.is_dir():
        pytest.skip("not run: LONGREACH_DATA does not name the folder with the real tracks")
    return folder
