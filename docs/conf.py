"""How Sphinx builds the site: `make docs`.

Docstrings are plain text with sections (`Args:`, `Raises:`) and names in backquotes. What is done
to them here is all that makes reStructuredText of them.
"""

from __future__ import annotations

import re
from typing import Any

import attrs

import dockerapi
from dockerapi.api.routes import ROUTES
from dockerapi.versions.fit import supports
from dockerapi.versions.releases import NEWEST, ApiVersion

project = "dockerapi"
author = "the authors of dockerapi"
release = version = dockerapi.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"dockerapi {release}"
html_copy_source = False
html_show_copyright = False
copybutton_prompt_text = "$ "

autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
python_maximum_signature_line_length = 80
add_module_names = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
toc_object_entries_show_parents = "hide"

# The API reference that is public, and the oldest version that it still has.
REFERENCE = "https://docs.docker.com/reference/api/engine/version"
OLDEST = ApiVersion.parse("1.24")


def text_of(app: Any, kind: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Backquotes as literals, `Source:` as links, and the types of the fields of an answer."""
    text = "\n".join(lines)
    text = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", text)
    text = re.sub(r"^Source:", f"**Source:** {reference_of(name)};", text, flags=re.MULTILINE)
    lines[:] = text.split("\n")
    if kind == "class" and attrs.has(obj) and "Args:" not in (obj.__doc__ or ""):
        text, _, said = "\n".join(lines).partition("\nAttributes:\n")
        lines[:] = [*text.split("\n"), "", *fields_of(obj, said)]


def reference_of(name: str) -> str:
    """The public reference of the newest version that has a method's routes, or our own."""
    routes = ROUTES.get(name.rpartition(".")[2], ())
    having = [
        version
        for version in (ApiVersion(1, minor) for minor in range(OLDEST.minor, NEWEST.minor + 1))
        if routes and all(supports(route, version) for route in routes)
    ]
    if not having:  # it is older than any of those, or never was an operation of its own
        return ":doc:`/api-versions`"
    return f"`API {having[-1]} <{REFERENCE}/v{having[-1]}/>`__"


def fields_of(answer: type, said: str) -> list[str]:
    """The fields with their types, and what the docstring says of each."""
    rows = re.findall(r"^    (\w+): (.*(?:\n     +.*)*)", said, re.MULTILINE)
    lines = {name: " ".join(line.split()) for name, line in rows}
    return [
        row
        for field in attrs.fields(answer)
        if field.name not in ("raw", "extra")
        for row in (
            f":var {field.name}: {lines.get(field.name, '')}",
            f":vartype {field.name}: ``{field.type}``",
        )
    ]


def signature_of(
    app: Any, kind: str, name: str, obj: Any, options: Any, signature: str, returned: str
) -> tuple[str | None, str | None] | None:
    """Answers and errors are not made by callers: their fields say more than how they are made.

    Nor is `received` given by callers; and a default that is made for each value is shown as
    `{}`, or as `...` where it depends on the other fields.
    """
    if kind == "exception" or (
        kind == "class" and attrs.has(obj) and "Args:" not in (obj.__doc__ or "")
    ):
        return "", None
    if kind != "class" or not attrs.has(obj):
        return None
    signature = re.sub(r"received: .*? = NOTHING(, )?", "", signature)
    for field in attrs.fields(obj):
        made = field.default
        if isinstance(made, attrs.Factory):  # type: ignore[arg-type]
            shown = "..." if made.takes_self else repr(made.factory())
            signature = re.sub(rf"(\b{field.name}: .*?) = NOTHING", rf"\1 = {shown}", signature)
    return signature, returned


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", text_of, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", signature_of)
