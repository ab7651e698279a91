"""How the site is built: `make docs`. Nothing on it is fetched from another machine."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.generate import generate
from ui.version import own_version

project = "Nearhood"
author = "the authors of Nearhood"
release = own_version()
extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
# Formulas stay as they are typed: what would set them comes from another machine.
suppress_warnings = ["myst.xref_missing"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Nearhood"
html_static_path: list[str] = []
html_show_copyright = False
html_copy_source = False
# It would be read out of the pages, which a browser does not allow to a site that is opened as files.
html_show_search_summary = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f5f6b", "color-brand-content": "#1f5f6b"},
    "dark_css_variables": {"color-brand-primary": "#7cc4cf", "color-brand-content": "#7cc4cf"},
}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"

generate(Path(__file__).parent / "reference")
