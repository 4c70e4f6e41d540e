"""Build the documentation site: `make docs`. Nothing of it needs a network."""

import sys
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from site_pages import page_links, write_pages  # noqa: E402

import obs  # noqa: E402

project = "obs"
author = "the developers of obs"
version = release = obs.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb"]
root_doc = "index"
exclude_patterns = ["_build", "made/tutorial", "**/.ipynb_checkpoints"]
html_theme = "pydata_sphinx_theme"
html_title = "obs"
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"index": [], "**": ["sidebar-nav-bs"]}
html_show_sourcelink = False
html_copy_source = False
html_domain_indices = False

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
myst_enable_extensions = ["colon_fence", "dollarmath", "deflist"]
myst_heading_anchors = 3
myst_update_mathjax = False
html_math_renderer = "mathml"
nb_execution_mode = "cache"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
suppress_warnings = ["mystnb.unknown_mime_type"]


def _formula(display: str):
    """Write a formula as MathML, which browsers lay out and read aloud without a script."""

    def visit(translator, node) -> None:
        translator.body.append(convert(node.astext(), display=display))
        raise nodes.SkipNode

    return visit


def setup(app) -> None:
    """Write the pages that are read from the code, and lead links out of `docs` to pages of the site."""
    write_pages(HERE / "made")
    as_written, block = (_formula("inline"), None), (_formula("block"), None)
    app.add_html_math_renderer("mathml", inline_renderers=as_written, block_renderers=block)
    app.connect("source-read", lambda _, name, source: page_links(name, source))
