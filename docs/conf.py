"""Sphinx builds these pages: `make docs`. They are plain Markdown and read as well without."""

project = "Longreach"
author = "Longreach"
copyright = "Longreach"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
html_theme = "alabaster"
html_theme_options = {
    "description": "Plans, verifies and explains very long flights. Not for navigation.",
    "fixed_sidebar": True,
    "page_width": "1100px",
}
html_copy_source = False
myst_heading_anchors = 3
exclude_patterns = ["_build"]
suppress_warnings = ["myst.header", "misc.highlighting_failure"]
