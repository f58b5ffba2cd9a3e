"""Statistics of the examples: one card a feature, train against eval."""

from __future__ import annotations

from markupsafe import Markup

from report import charts
from report.statistics import Feature, Statistics
from report.templating import render

# A wide table still gives a file that opens at once.
MAXIMUM_CARDS = 150
_SHOWN_DIFFERENCES = 5
# Below this a difference between splits is what chance gives small samples.
_WORTH_NAMING = 0.01


def fragment(data: Statistics, maximum: int = MAXIMUM_CARDS) -> Markup:
    """Renders the statistics.

    Args:
      data: Statistics of all splits.
      maximum: How many features are drawn; where there are more, those whose
        splits differ most.
    """
    shown = list(data.features)
    if len(shown) > maximum:
        chosen = sorted(shown, key=lambda f: -(f.distance or 0.0))[:maximum]
        names = {feature.name for feature in chosen}
        shown = [feature for feature in shown if feature.name in names]
    differing = sorted(
        (f for f in data.features if (f.distance or 0.0) >= _WORTH_NAMING),
        key=lambda f: -(f.distance or 0.0),
    )
    return render(
        "data.html.jinja",
        data=data,
        splits=list(data.rows),
        cards=[(feature, _chart(feature)) for feature in shown],
        left_out=len(data.features) - len(shown),
        differing=differing[:_SHOWN_DIFFERENCES],
    )


def _chart(feature: Feature) -> Markup | None:
    if feature.histogram is None:
        return None
    splits = " and ".join(feature.histogram.shares)
    return charts.histogram(feature.histogram, f"Histogram of {feature.name}: {splits}")
