"""Pictures of the model: curves, confusion matrix, densities, residuals."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from components.evaluator.outcome.reading import Curves, Evaluation
from core import formats
from report.densities import density, residual_bands, residual_histogram
from report.matrix import confusion_matrix
from report.segments import by_what_they_explain, common_ends, segment_chart
from report.squares import Curve, Mark, square
from report.templating import render

_ROC = "false positive rate", "true positive rate"
_PRECISION_RECALL = "recall", "precision"
_CALIBRATION = "mean prediction", "share of positives"
_GROWING = "Dots grow with the share of examples; on the diagonal predictions are true frequencies."
# Where the axes of a calibration may end; quarters of them are round numbers.
_ENDS = (1.0, *(step * 10.0**-power for power in range(1, 8) for step in (4.0, 2.0, 1.0)))
_OPEN_SEGMENTS = 9
_MOST_SEGMENTS = 60
_OPEN_CLASSES = 20
_SHORT_NAME = 12


@dataclasses.dataclass(frozen=True)
class Figure:
    """One picture.

    Attributes:
      title: Its heading.
      drawing: The picture.
      legend: Names of the series in the order of their colours.
      caption: What to know beside it.
      wide: Whether it takes the room of two.
    """

    title: str
    drawing: Markup
    legend: tuple[str, ...] = ()
    caption: str = ""
    wide: bool = False


def fragment(found: Evaluation) -> Markup:
    """Renders the pictures of the task; empty where nothing was written to draw from."""
    data = found.beyond.plots
    if data is None:
        figures = _of_tfma(found.curves)
        return render("plots.html.jinja", figures=figures, classes=(), sampled="") if figures else (
            Markup("")
        )  # fmt: skip
    draw = {"binary": _binary, "multiclass": _multiclass, "regression": _regression}
    sampled = ""
    if data["sampled"] < data["examples"]:
        sampled = (
            f"Curves and densities are those of {formats.number(data['sampled'])} of"
            f" {formats.plural(data['examples'], 'example')}, evenly spread."
        )
    return render(
        "plots.html.jinja",
        figures=draw[data["task"]](data, found),
        classes=data["candidate"].get("classes", ()),
        class_count=data["candidate"].get("class_count", 0),
        open_classes=_OPEN_CLASSES,
        sampled=sampled,
    )


def _binary(data: Mapping[str, Any], found: Evaluation) -> list[Figure]:
    models = [(name, data[name]) for name in ("candidate", "baseline") if data.get(name)]
    drawn = [(name, model) for name, model in models if model["curve"]]
    figures = []
    threshold = f"threshold {data['threshold']:g}"
    if drawn:
        figures = [
            _roc(drawn, found, threshold),
            _precision_recall(drawn, found, threshold),
        ]
    figures.append(_calibration(models))
    matrix, names = models[0][1]["at_threshold"], models[0][1]["names"]
    figures.append(
        Figure(
            f"Confusion matrix at {threshold}",
            confusion_matrix(
                names,
                [[matrix["tn"], matrix["fp"]], [matrix["fn"], matrix["tp"]]],
                "Confusion matrix at the decision threshold",
            ),
            caption=f"Predicted is {names[1]} where its probability is above {data['threshold']:g}."
            " Shares are those of the row.",
        )
    )
    if not drawn:
        only = "positives" if models[0][1]["positives"] else "negatives"
        figures.append(
            Figure(
                "ROC curve",
                Markup('<p class="why">No curve: all examples are {}.</p>').format(only),
            )
        )
    return figures


def _roc(
    drawn: Sequence[tuple[str, Mapping[str, Any]]], found: Evaluation, threshold: str
) -> Figure:
    marks = []
    for series, (name, model) in enumerate(drawn):
        counts = model["at_threshold"]
        false_rate = _share(counts["fp"], counts["tn"])
        recall = _share(counts["tp"], counts["fn"])
        says = f"{name} at {threshold}: {formats.percent(false_rate)}, {formats.percent(recall)}"
        marks.append(Mark(false_rate, recall, says, series))
    curves = [
        Curve([(0.0, 0.0), *((point[1], point[2]) for point in model["curve"])], name)
        for name, model in drawn
    ]
    return Figure(
        "ROC curve",
        square(curves, "ROC curve over all examples", _ROC, marks=marks),
        tuple(f"{name}, AUC {_figure(found, 'auc', name, model['auc'])}" for name, model in drawn),
        f"Rings: {threshold}.",
    )


def _precision_recall(
    drawn: Sequence[tuple[str, Mapping[str, Any]]], found: Evaluation, threshold: str
) -> Figure:
    marks, curves = [], []
    for series, (name, model) in enumerate(drawn):
        counts = model["at_threshold"]
        if counts["tp"] + counts["fp"] > 0:
            recall = _share(counts["tp"], counts["fn"])
            precision = _share(counts["tp"], counts["fp"])
            says = f"{name} at {threshold}: {formats.percent(recall)}, {formats.percent(precision)}"
            marks.append(Mark(recall, precision, says, series))
        points = [(point[2], point[3]) for point in model["curve"]]
        curves.append(Curve([(0.0, points[0][1]), *points], name))
    candidate = drawn[0][1]
    rate = _share(candidate["positives"], candidate["negatives"])
    legend = tuple(
        f"{name}, average precision"
        f" {_figure(found, 'average_precision', name, model['average_precision'])}"
        for name, model in drawn
    )
    without = "" if marks else f" At {threshold} nothing is predicted positive."
    return Figure(
        "Precision and recall",
        square(
            curves,
            "Precision and recall over all examples",
            _PRECISION_RECALL,
            marks=marks,
            diagonal=False,
            level=rate,
        ),
        legend,
        f"Dashed: {formats.percent(rate)} of the examples are positive.{without}",
    )


def _calibration(models: Sequence[tuple[str, Mapping[str, Any]]]) -> Figure:
    groups = models[0][1]["calibration"]
    largest = max((max(prediction, share) for prediction, share, _ in groups), default=1.0)
    # Of rare positives the unit square would be empty but for one corner.
    end = min(end for end in _ENDS if end >= min(largest, 1.0)) if largest > 0 else 1.0
    curve = Curve(
        [(prediction, share) for prediction, share, _ in groups],
        weights=[weight for _, _, weight in groups],
    )
    zoomed = f" The axes end at {end:.3g}." if end < 1 else ""
    drawing = square([curve], "Calibration over all examples", _CALIBRATION, end=end)
    return Figure("Calibration", drawing, caption=_GROWING + zoomed)


def _figure(found: Evaluation, metric: str, model: str, computed: float | None) -> str:
    """The metric that the table shows, else what was computed of the curve."""
    known = found.overall.metrics.get(metric) if found.overall else None
    value = None if known is None else (known.value if model == "candidate" else known.baseline)
    return formats.fixed(computed if value is None else value)


def _multiclass(data: Mapping[str, Any], found: Evaluation) -> list[Figure]:
    model = data["candidate"]
    matrix = model["matrix"]
    count = len(matrix["names"])
    folded = (
        f" The {count - 1} classes with most examples; all others are one."
        if matrix["folded"]
        else ""
    )
    figures = [
        Figure(
            "Confusion matrix",
            confusion_matrix(matrix["names"], matrix["rows"], "Confusion matrix of the classes"),
            caption=f"Each cell is as dark as its share of its row.{folded}",
            wide=count > 3 or max(map(len, matrix["names"])) > _SHORT_NAME,
        )
    ]
    curves = [curve for curve in model["curves"] if curve["curve"]]
    if curves and len(model["classes"]) > 1:
        named = [formats.shorten(str(curve["class"]), 24) for curve in curves]
        figures += [
            Figure(
                "ROC curve by class",
                square(
                    [
                        Curve([(0.0, 0.0), *((p[1], p[2]) for p in curve["curve"])], name)
                        for curve, name in zip(curves, named, strict=True)
                    ],
                    "ROC curve of each class",
                    _ROC,
                ),
                tuple(
                    f"{name}, AUC {formats.fixed(curve['auc'])}"
                    for curve, name in zip(curves, named, strict=True)
                ),
                "Each class against the rest.",
            ),
            Figure(
                "Precision and recall by class",
                square(
                    [
                        Curve(
                            [(p[2], p[3]) for p in [_first(curve["curve"]), *curve["curve"]]], name
                        )
                        for curve, name in zip(curves, named, strict=True)
                    ],
                    "Precision and recall of each class",
                    _PRECISION_RECALL,
                    diagonal=False,
                ),
                tuple(
                    f"{name}, average precision {formats.fixed(curve['average_precision'])}"
                    for curve, name in zip(curves, named, strict=True)
                ),
            ),
        ]
    return figures


def _first(points: Sequence[Sequence[float]]) -> Sequence[float]:
    """Where a curve of precision begins: at recall 0, as precise as its first point."""
    return [points[0][0], 0.0, 0.0, points[0][3]]


def _regression(data: Mapping[str, Any], found: Evaluation) -> list[Figure]:
    model = data["candidate"]
    beyond, residuals = model["density"]["outside"], model["residuals"]
    outside = f" {_examples(beyond)} beyond the axes." if beyond else ""
    tails = residuals["below"] + residuals["above"]
    logarithmic = " Both axes are logarithmic." if model["density"]["logarithmic"] else ""
    return [
        Figure(
            "Predicted and actual",
            density(model["density"], "Density of predictions over labels"),
            caption=f"The darker, the more examples; on the line predictions are right."
            f"{logarithmic}{outside}",
        ),
        Figure(
            "Residuals",
            residual_histogram(residuals, "Histogram of the residuals"),
            caption=f"{_examples(tails)} beyond the axis." if tails else "",
        ),
        Figure(
            "Residuals by prediction",
            residual_bands(model["by_prediction"], "Residuals over the prediction"),
            caption="Line: median; bands: half and four fifths of the examples.",
        ),
    ]


def _examples(weight: float) -> str:
    return formats.plural(round(weight), "example") + (" lies" if round(weight) == 1 else " lie")


def _of_tfma(curves: Curves) -> list[Figure]:
    """The pictures of an evaluation that wrote TFMA's own plots only."""
    figures = []
    if curves.roc:
        drawing = square([Curve(curves.roc)], "ROC curve over all examples", _ROC)
        figures.append(Figure("ROC curve", drawing))
    if curves.calibration:
        curve = Curve(
            [(prediction, share) for prediction, share, _ in curves.calibration],
            weights=[weight for _, _, weight in curves.calibration],
        )
        drawing = square([curve], "Calibration over all examples", _CALIBRATION)
        figures.append(Figure("Calibration", drawing, caption=_GROWING))
    return figures


def _share(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest > 0 else 0.0


@dataclasses.dataclass(frozen=True)
class Segments:
    """The residuals by feature as pictures.

    Attributes:
      shown: Names and pictures of the features that explain most of the residuals.
      folded: The next ones.
      left_out: How many features are not drawn.
    """

    shown: tuple[tuple[str, Markup], ...]
    folded: tuple[tuple[str, Markup], ...]
    left_out: int


def segments(residuals: Mapping[str, Any]) -> Segments:
    """Draws the residuals by the values of each feature, the most telling features first.

    Args:
      residuals: As `components.evaluator.plots.residuals` writes them.
    """
    # Of classes the residual is a distance from 1, so it is compared with its own mean.
    overall = 0.0 if residuals["residual"].startswith("label") else residuals["mean"]
    ordered = by_what_they_explain(residuals["features"], overall)
    drawn = ordered[:_MOST_SEGMENTS]
    ends = common_ends(drawn, overall)
    pictures = tuple(
        (
            feature["feature"],
            segment_chart(feature["buckets"], overall, ends, f"Residuals by {feature['feature']}"),
        )
        for feature in drawn
    )
    return Segments(pictures[:_OPEN_SEGMENTS], pictures[_OPEN_SEGMENTS:], len(ordered) - len(drawn))
