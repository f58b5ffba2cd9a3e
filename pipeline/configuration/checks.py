"""What only shows when the sections of a configuration are seen together."""

from __future__ import annotations

from collections.abc import Callable

from components.evaluator.settings import check_evaluation
from pipeline.configuration.extension_places import place_checks
from pipeline.configuration.model import PipelineConfiguration
from pipeline.configuration.spans import check_spans
from pipeline.configuration.split import check_split_columns
from preprocessing.label import check_label


def checks(configuration: PipelineConfiguration) -> dict[str, Callable[[], object]]:
    """What only shows when sections are seen together, by the key that it concerns.

    Args:
      configuration: The configuration, its sections valid one by one.

    Returns:
      Functions that raise `errors.UserError`: if the label gives itself away among
      the features, the evaluation asks for what the task does not have, spans are
      wanted of data without any, or a component of the project's own has no place in
      the pipeline.
    """
    data = configuration.data
    return {
        "data": lambda: check_spans(data.path, data.query, data.span, data.window),
        "label": lambda: check_label(
            configuration.label,
            configuration.features,
            configuration.task,
            configuration.classes,
        ),
        "data.split": lambda: check_split_columns(data.split, configuration.label),
        "evaluation": lambda: check_evaluation(configuration.evaluation, task=configuration.task),
        **place_checks(configuration),
    }
