"""The test file that `millrace init` writes: what must stay true of the dataset's files."""

from __future__ import annotations

from string import Template

from onboarding.model import Proposal

_TEXT = Template(
    '''"""The files of one dataset fit together: configuration, schema, package, data."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubeflow.package.checker import problems
from kubeflow.graph.compilation import compile_graph
from kubeflow.renderers.kfp.pipeline import render
from pipeline.configuration.loading import load
from pipeline.definition.schema_types import with_schema_types
from pipeline.curation.naming import curated_file
from pipeline.curation.table_statistics import sampled_statistics
from preprocessing.expression import parse_label
from preprocessing.features import raw_columns
from schema import tfdv_library
from schema.reading import read_schema

PROJECT = Path(__file__).resolve().parents[2]
CONFIGURATION = PROJECT / "configs" / "$name.yaml"


def test_the_schema_covers_the_label_and_every_feature() -> None:
    configuration = load(CONFIGURATION).configuration
    known = {feature.name: feature for feature in read_schema(curated_file(CONFIGURATION)).feature}
    features = set(raw_columns(configuration.features))
    label = set(parse_label(configuration.label).columns)

    assert features | label <= set(known)
    for name in label - features:
        assert "SERVING" in known[name].not_in_environment, f"a model is asked without {name}"


def test_it_compiles_to_a_package_that_kubeflow_takes(tmp_path: Path) -> None:
    package = render(compile_graph(CONFIGURATION, root=tmp_path).graph)

    assert problems(package) == []


def test_the_data_fit_the_schema() -> None:
    data = load(CONFIGURATION).configuration.data
    if data.path is None or "://" in data.path:
        pytest.skip("the data are not files of this machine")
    path = PROJECT / data.path
    if not path.exists():
        pytest.skip(f"the data are not here: {path}")
    schema_file = curated_file(CONFIGURATION)
    schema = read_schema(schema_file)
    settings = with_schema_types(data.ingestion, schema_file.read_bytes(), str(schema_file))

    found = sampled_statistics(path, settings, most_rows=100_000)

    anomalies = tfdv_library.validate_statistics(schema, found.statistics, "TRAINING")
    assert {name: info.description for name, info in anomalies.anomaly_info.items()} == {}
'''
)


def dataset_test_text(proposal: Proposal) -> str:
    """The test of a proposal's files.

    Args:
      proposal: The proposal.
    """
    return _TEXT.substitute(name=proposal.name)
