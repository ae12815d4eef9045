"""How the documentation is built: `make docs`. Nothing is fetched, and no page asks a host."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

import quarterhour

if TYPE_CHECKING:
    from sphinx.application import Sphinx

mpl.use("Agg")

project = "quarterhour"
author = "The quarterhour developers"
copyright = f"2026, {author}"  # noqa: A001 - Sphinx's name
version = release = quarterhour.__version__

extensions = [
    "matplotlib.sphinxext.plot_directive",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
]
root_doc = "index"
exclude_patterns = ["_build"]
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}
nitpicky = False
suppress_warnings = ["misc.highlighting_failure"]

myst_enable_extensions = ["colon_fence", "fieldlist"]
myst_heading_anchors = 4

# Notebooks are shown with the outputs that the tests keep true; none is run here.
nb_execution_mode = "off"
nb_ipywidgets_js = {}

autosummary_generate = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {
    "ArrayLike": "ArrayLike",
    "npt.ArrayLike": "ArrayLike",
    "Floats": "Floats",
    "Ints": "Ints",
}
python_use_unqualified_type_names = True
napoleon_google_docstring = False
napoleon_attr_annotations = False
napoleon_use_ivar = True
napoleon_use_rtype = False

# The gallery is drawn from the samples, which lie in the folder above.
plot_working_directory = str(Path(__file__).parents[1])
plot_formats = [("png", 110)]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_include_source = True

html_theme = "pydata_sphinx_theme"
html_context = {"default_mode": "auto"}
html_title = "quarterhour"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
# Pages that stand alone need no list of their neighbours.
html_sidebars = {page: [] for page in ("index", "tutorial", "gallery", "benchmarks", "peers", "zh")}
toc_object_entries_show_parents = "hide"
html_theme_options = {
    "show_prev_next": True,
    "header_links_before_dropdown": 9,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "secondary_sidebar_items": ["page-toc"],
}

_FETCHED = re.compile(r"<(?:link|script|img|iframe|source)\b[^>]*?\b(?:src|href)=\"(?:https?:)?//")
_FETCHED_BY_STYLE = re.compile(r"@import\s+[\"']?(?:url\()?[\"']?https?:|url\([\"']?(?:https?:)?//")


def _ask_no_host(app: Sphinx, exception: Exception | None) -> None:
    """Fail if a page or style sheet that was built would fetch something from a host."""
    if exception is not None or app.builder.format != "html":
        return
    built = Path(app.outdir)
    rules = (("*.html", _FETCHED), ("*.css", _FETCHED_BY_STYLE))
    asking = [
        str(page.relative_to(built))
        for pattern, fetched in rules
        for page in built.rglob(pattern)
        if fetched.search(page.read_text(encoding="utf-8"))
    ]
    if asking:
        message = f"These pages would fetch something from a host: {', '.join(asking)}"
        raise RuntimeError(message)


_ALIAS = re.compile(r"TypeAliasForwardRef\('(\w+)'\)")


def _plain_aliases(*event: Any) -> tuple[str | None, str | None]:
    """Write an alias by its name only, also where it is part of a union."""
    signature, returns = event[-2:]
    return (
        _ALIAS.sub(r"\1", signature) if signature else signature,
        _ALIAS.sub(r"\1", returns) if returns else returns,
    )


def _bring_notebooks(app: Sphinx, config: object) -> None:  # noqa: ARG001 - Sphinx's event
    """Copy the notebooks to where pages may lie, with their links to pages."""
    here = Path(app.srcdir) / "notebooks"
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir()
    for notebook in Path(app.srcdir).parent.glob("notebooks/*.ipynb"):
        text = notebook.read_text(encoding="utf-8").replace("](../docs/", "](../")
        (here / notebook.name).write_text(text, encoding="utf-8")


def _link_notebooks(app: Sphinx, page: str, source: list[str]) -> None:  # noqa: ARG001
    """Lead to the copies: in the repository the pages link to the notebooks themselves."""
    source[0] = source[0].replace("](../notebooks/", "](notebooks/")


def setup(app: Sphinx) -> None:
    """Bring the notebooks, shorten signatures, and have what was built looked at."""
    app.connect("config-inited", _bring_notebooks)
    app.connect("source-read", _link_notebooks)
    app.connect("autodoc-process-signature", _plain_aliases)
    app.connect("build-finished", _ask_no_host)
