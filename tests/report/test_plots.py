"""Pictures of a model: drawn to scale, readable, and sensible for awkward data."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.evaluator.outcome.gates_file import read_gates
from components.evaluator.outcome.reading import Curves, Evaluation, Metric, Slice
from core import formats
from report.render import page
from report.sections import metrics, plots
from tests.made_run import HOSTILE
from tests.report import chromium
from tests.report.test_browser import EMPTY_DRAWINGS, WIDER_THAN_WINDOW

_RANDOM = np.random.default_rng(11)


def _evaluation(
    folder: Path, task: Any, labels: Any, predictions: Any, baseline: Any = None, names: Any = ()
) -> Evaluation:
    """An evaluation that the Evaluator's own code wrote the data of pictures for."""
    from components.evaluator.metrics.scores import Scores
    from components.evaluator.plots.plot_data import PlotData

    data = PlotData(task, 0.5)
    scores = {"candidate": predictions} | ({} if baseline is None else {"baseline": baseline})
    labels = labels[:, None]
    data.add({n: Scores(labels, s.reshape(len(labels), -1), None) for n, s in scores.items()})
    folder.mkdir(exist_ok=True)
    data.write(str(folder), {"candidate": list(names)})
    overall = Slice((), {"auc": Metric("auc", 0.8765, None if baseline is None else 0.5432)})
    return Evaluation(None, (overall,), (), (), Curves(), baseline is not None, read_gates(folder))


def _binary(folder: Path, rows: int = 800, share: float = 0.3, offset: float = 0.0) -> Evaluation:
    labels = (_RANDOM.random(rows) < share).astype(np.int64)
    labels[:2] = 0, 1
    odds = _RANDOM.normal(2 * labels - 1 + offset, 1)
    return _evaluation(
        folder, "binary", labels, 1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(-0.3 * odds))
    )


def _classes(folder: Path, count: int, rows: int = 600) -> Evaluation:
    labels = _RANDOM.integers(0, max(count - 1, 1), rows)
    scores = _RANDOM.random((rows, count)) + 0.5 * np.eye(count)[labels]
    names = [HOSTILE, "ein sehr langer Name einer Klasse, 王企鹅", *map(str, range(2, count))]
    return _evaluation(folder, "multiclass", labels, scores, names=names[:count])


def _regression(folder: Path, scale: float = 1.0, spread: float = 0.3) -> Evaluation:
    labels = scale * _RANDOM.lognormal(2, spread, 700)
    return _evaluation(folder, "regression", labels, labels * _RANDOM.uniform(0.5, 1.6, 700))


_CASES = {
    "binary": _binary,
    "1 in 999": lambda folder: _binary(folder, 20_000, 0.001, -8.0),
    "one class only": lambda folder: _evaluation(
        folder, "binary", np.zeros(40, np.int64), np.full(40, 0.2)
    ),
    "equal predictions": lambda folder: _evaluation(
        folder, "binary", np.arange(40) % 2, np.full(40, 0.2)
    ),
    "three classes": lambda folder: _classes(folder, 3),
    "twenty classes": lambda folder: _classes(folder, 20),
    "three thousand classes": lambda folder: _classes(folder, 3000),
    "regression": _regression,
    "huge values": lambda folder: _regression(folder, 1e12, 4.0),
    "one value": lambda folder: _evaluation(folder, "regression", np.full(9, 3.0), np.full(9, 3.0)),
}


def _drawings(html: str) -> list[ElementTree.Element]:
    found = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    return [ElementTree.fromstring(svg) for svg in found]


@pytest.mark.parametrize("case", _CASES)
def test_everything_is_drawn_with_finite_numbers_and_escaped(case: str, tmp_path: Path) -> None:
    html = str(plots.fragment(_CASES[case](tmp_path / "evaluation")))

    assert len(_drawings(html)) >= 1
    assert not re.search(r'="[^"]*(nan|inf)\b', html)
    assert HOSTILE not in html
    assert len(html) < 260_000


def test_rings_stand_where_the_threshold_is_and_legends_say_what_the_table_says(
    tmp_path: Path,
) -> None:
    found = _binary(tmp_path)
    html = str(plots.fragment(found))

    roc = _drawings(html)[0]
    ring = next(e for e in roc.iter("circle") if e.attrib["class"] == "ring s0")
    assert found.beyond.plots is not None
    counts = found.beyond.plots["candidate"]["at_threshold"]
    recall = counts["tp"] / (counts["tp"] + counts["fn"])
    assert float(ring.attrib["cy"]) == pytest.approx(210 - 202 * recall, abs=0.1)
    assert "candidate, AUC 0.8765" in html
    assert "baseline, AUC 0.5432" in html
    # What no metric was configured for is computed from the curve itself.
    assert re.search(r"baseline, average precision 0\.\d{4}", html)
    assert f">{counts['fn']:,.0f}</text>" in html


def test_rare_positives_fill_the_square_of_the_calibration(tmp_path: Path) -> None:
    html = str(plots.fragment(_CASES["1 in 999"](tmp_path)))

    assert re.search(r"The axes end at 0\.0\d", html)
    assert "nothing is predicted positive" in html


def test_folded_classes_are_counted_and_missing_ones_have_no_rates(tmp_path: Path) -> None:
    html = str(plots.fragment(_CASES["three thousand classes"](tmp_path)))

    assert "2,981 others" in html
    assert "The next 180 classes" in html
    assert "and 2,800 more classes with fewer examples" in html
    three = str(plots.fragment(_classes(tmp_path, 3)))
    last = re.search(r'<th scope="row" class="key">2</th>.*?</tr>', three, flags=re.DOTALL)
    assert last is not None
    assert last.group().count(f"{formats.NONE}</td>") == 3


def test_an_evaluation_of_an_earlier_version_shows_tfmas_plots() -> None:
    curves = Curves(roc=((0, 0), (0.2, 0.9), (1, 1)), calibration=((0.5, 0.4, 1.0),))

    html = str(plots.fragment(Evaluation(None, (), (), (), curves, has_baseline=False)))

    assert len(_drawings(html)) == 2
    assert str(plots.fragment(Evaluation(None, (), (), (), Curves(), has_baseline=False))) == ""


def test_features_that_explain_the_residuals_come_first_and_few_examples_claim_nothing() -> None:
    def bucket(name: str, count: int, mean: float) -> dict[str, Any]:
        return {"bucket": name, "count": count, "mean": mean, "spread": 0.1}

    residuals = {
        "residual": "label - prediction",
        "mean": 0.0,
        "features": [
            {"feature": "quiet", "buckets": [bucket("a", 500, 0.001), bucket("b", 500, -0.001)]},
            {"feature": "loud", "buckets": [bucket("a", 900, 0.2), bucket("b", 3, 9.0)]},
        ],
    }

    found = plots.segments(residuals)

    assert [name for name, _ in found.shown] == ["loud", "quiet"]
    loud = ElementTree.fromstring(found.shown[0][1])
    dots = [e.attrib["class"] for e in loud.iter("circle")]
    assert dots == ["fill s1", "fill s0"]
    assert found.left_out == 0


@pytest.mark.skipif(chromium.EXECUTABLE is None, reason=chromium.MISSING)
def test_pictures_of_all_tasks_draw_in_a_browser_and_fetch_nothing(tmp_path: Path) -> None:
    from markupsafe import Markup

    fragments = [metrics.fragment(make(tmp_path / name)) for name, make in list(_CASES.items())]
    path = tmp_path / "page.html"
    path.write_text(page("pictures", top=Markup("").join(fragments)), encoding="utf-8")

    seen = chromium.visit(path.as_uri(), tmp_path / "profile", EMPTY_DRAWINGS, WIDER_THAN_WINDOW)

    assert seen.answers == [0, False]
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
    assert seen.console == []
