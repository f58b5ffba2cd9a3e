"""The report's templates; everything that they print is escaped."""

from __future__ import annotations

import functools
from typing import Any

import jinja2
from markupsafe import Markup

from core import formats


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in (
        "number",
        "setting",
        "fixed",
        "signed",
        "interval",
        "percent",
        "seconds",
        "size",
        "time",
        "plural",
        "shorten",
    ):
        environment.filters[name] = getattr(formats, name)
    return environment


def render(template: str, **values: Any) -> Markup:
    """Renders a template of the package.

    Args:
      template: File name in the folder `templates`.
      **values: What the template uses; a name that it uses and that is not given
        is an error.
    """
    return Markup(_environment().get_template(template).render(**values))
