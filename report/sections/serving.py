"""What the model did in its trial before it was pushed."""

from __future__ import annotations

from markupsafe import Markup

from components.serving_validator.outcome import Serving
from report.templating import render

_TONES = {"passed": "good", "failed": "bad"}


def fragment(found: Serving) -> Markup:
    """Renders every check, and what happened to each unexpected input.

    Args:
      found: The model's trial.
    """
    passed = sum(check.state == "passed" for check in found.checks)
    return render("serving.html.jinja", serving=found, passed=passed, tones=_TONES)
