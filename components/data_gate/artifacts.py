"""The artifact that says whether data may be trained on."""

from __future__ import annotations

from tfx.types import artifact

BLESSED_PROPERTY = "blessed"
WARNINGS_PROPERTY = "warnings"
ALLOWED_PROPERTY = "allowed"
SPAN_PROPERTY = "span"
VERSION_PROPERTY = "version"
FINGERPRINT_PROPERTY = "fingerprint"
STATISTICS_PROPERTY = "statistics_id"
EXAMPLES_PROPERTY = "examples_id"
BASELINE_PROPERTY = "baseline_statistics_id"
REPORT_FILE = "data_gate.json"
PAGE_FILE = "data_gate.html"
PROFILE_FILE = "profile.json"


class DataBlessing(artifact.Artifact):
    """The gate's verdict on a span.

    It holds the report `REPORT_FILE`, the same as an HTML fragment `PAGE_FILE`, and the
    distributions of the accepted data `PROFILE_FILE`, with which the next data are
    compared.

    Custom properties: ``blessed`` is 1; ``warnings`` and ``allowed`` count the findings
    that were noted and did not stop the run; ``span``, ``version`` and ``fingerprint``
    say which data; ``statistics_id`` and ``examples_id`` are the ids of the artifacts
    that were judged; ``baseline_statistics_id`` is that of the statistics that they
    were compared with, 0 for none; ``bundled`` names bundled data. Data that are refused
    leave no artifact: the run ends there, with the reasons in its error.
    """

    TYPE_NAME = "DataBlessing"
