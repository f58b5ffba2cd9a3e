"""The artifact that says whether data may be trained on."""

from __future__ import annotations

from tfx.types import artifact

BLESSED_PROPERTY = "blessed"
WARNINGS_PROPERTY = "warnings"
ALLOWED_PROPERTY = "allowed"
REPORT_FILE = "data_gate.json"


class DataBlessing(artifact.Artifact):
    """The gate's verdict on a span, with its report `REPORT_FILE`.

    Custom properties: ``blessed`` is 1; ``warnings`` and ``allowed`` count the anomalies
    that were noted and did not stop the run. Data that are refused leave no artifact: the
    run ends there, with the reasons in its error.
    """

    TYPE_NAME = "DataBlessing"
