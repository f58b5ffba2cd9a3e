"""What the validator writes into TFX's InfraBlessing; the names are known without TFX."""

from __future__ import annotations

# As `tfx.components.infra_validator.executor` writes them.
BLESSED_PROPERTY = "blessed"
BLESSED_FILE = "INFRA_BLESSED"
NOT_BLESSED_FILE = "INFRA_NOT_BLESSED"

REPORT_FILE = "serving_validator.json"
# The ids of the checks that failed, with commas between them.
FAILED_PROPERTY = "failed_checks"
CHECKS_PROPERTY = "checks"
# The model, as TFX's Evaluator names it in its blessing.
MODEL_PROPERTY = "current_model"
MODEL_ID_PROPERTY = "current_model_id"
# A model's figures by the check that they come from.
FIGURES = {
    "latency_p50": "latency_p50_ms",
    "latency_p99": "latency_p99_ms",
    "throughput": "rows_per_second",
    "memory": "memory_mb",
    "size": "model_mb",
}
