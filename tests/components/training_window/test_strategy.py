"""Which spans a model is trained on, decided over a real metadata store."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import ml_metadata
import pytest
from ml_metadata.proto import metadata_store_pb2 as mlmd
from tfx.types import standard_artifacts

from components.data_gate.artifacts import BLESSED_PROPERTY, EXAMPLES_PROPERTY, DataBlessing
from components.example_gen.spans.fingerprints import fingerprint
from components.training_window.changes import written_again
from components.training_window.strategy import TrainingWindow
from components.training_window.words import spans_in_words

_FOLDER = "/data/trips"


class _History:
    """Examples as runs left them: made by ExampleGen, accepted or not."""

    def __init__(self, folder: Path) -> None:
        config = mlmd.ConnectionConfig()
        config.fake_database.SetInParent()
        self.store = ml_metadata.MetadataStore(config)
        self._type = self.store.put_artifact_type(mlmd.ArtifactType(name="Examples"))
        self._maker = self.store.put_execution_type(mlmd.ExecutionType(name="ExampleGen"))
        self._folder = folder
        self._names = itertools.count()
        self.examples: list[Any] = []
        self.blessings: list[Any] = []

    def add(
        self,
        span: int,
        version: int | None = None,
        *,
        accepted: bool = True,
        base: str = _FOLDER,
        splits: str = '["train", "eval"]',
    ) -> Any:
        """One more span, of which ExampleGen made examples."""
        made = standard_artifacts.Examples()
        made.uri = str(self._folder / str(next(self._names)))
        for split in json.loads(splits):
            Path(made.uri, f"Split-{split}").mkdir(parents=True)
        made.split_names = splits
        made.set_int_custom_property("span", span)
        pattern = f"span-{span}"
        if version is not None:
            made.set_int_custom_property("version", version)
            pattern += f"/v{version}"
        made.id = self.store.put_artifacts([mlmd.Artifact(type_id=self._type, uri=made.uri)])[0]
        run = mlmd.Execution(type_id=self._maker)
        run.custom_properties["input_base"].string_value = base
        run.custom_properties["input_config"].string_value = json.dumps({"pattern": pattern})
        output = mlmd.Event(type=mlmd.Event.OUTPUT, artifact_id=made.id)
        self.store.put_execution(run, [(mlmd.Artifact(id=made.id, type_id=self._type), output)], [])
        self.examples.append(made)
        if accepted:
            self.accept(made)
        return made

    def accept(self, examples: Any) -> None:
        blessing = DataBlessing()
        blessing.set_int_custom_property(BLESSED_PROPERTY, 1)
        blessing.set_int_custom_property(EXAMPLES_PROPERTY, examples.id)
        self.blessings.append(blessing)

    def window(self, spans: int, current: Any) -> list[Any]:
        """What a run of `current` trains on."""
        inputs = {
            "current": [current],
            "examples": list(self.examples),
            "blessing": list(self.blessings),
        }
        return TrainingWindow(spans).resolve_artifacts(self.store, inputs)["examples"]


@pytest.fixture
def history(tmp_path: Path) -> _History:
    return _History(tmp_path)


def test_the_last_accepted_spans_the_oldest_first(history: _History) -> None:
    first, second, third, fourth = (history.add(span) for span in (1, 2, 5, 9))
    assert history.window(3, fourth) == [second, third, fourth]
    assert history.window(2, third) == [second, third]
    assert history.window(4, fourth) == [first, second, third, fourth]


def test_a_window_larger_than_what_there_is_takes_what_there_is(
    history: _History, caplog: pytest.LogCaptureFixture
) -> None:
    history.add(1)
    newest = history.add(2)
    assert len(history.window(10, newest)) == 2
    assert "2 of 10 spans: 1, 2" in caplog.text


def test_what_was_not_accepted_is_not_trained_on(history: _History) -> None:
    first = history.add(1)
    history.add(2, accepted=False)
    third = history.add(3)
    assert history.window(3, third) == [first, third]


def test_of_versions_the_newest_counts_and_of_one_version_the_last(history: _History) -> None:
    history.add(1, 2)
    third = history.add(1, 3)
    history.add(1, 1)
    second = history.add(2, 1)
    assert history.window(5, second) == [third, second]
    anew = history.add(1, 3)
    assert history.window(5, second) == [anew, second]


def test_an_older_span_is_trained_on_without_those_after_it(history: _History) -> None:
    first, second = history.add(1), history.add(2)
    history.add(3)
    assert history.window(3, second) == [first, second]
    again = history.add(2)
    assert history.window(3, again) == [first, again]


def test_other_data_other_splits_and_missing_files_are_left_out(history: _History) -> None:
    history.add(1, base="/data/other")
    history.add(2, splits='["train", "eval", "test"]')
    gone = history.add(3)
    kept, newest = history.add(4), history.add(5)
    Path(gone.uri, "Split-eval").rmdir()
    assert history.window(9, newest) == [kept, newest]


def test_without_examples_there_is_no_window(history: _History) -> None:
    empty: dict[str, list[Any]] = {"current": [], "examples": [], "blessing": []}
    assert TrainingWindow(3).resolve_artifacts(history.store, empty) == empty


def test_spans_that_were_written_again_are_named(history: _History, tmp_path: Path) -> None:
    pattern = "span-{SPAN}/v{VERSION}/*.csv"
    files = {
        "input_base": str(tmp_path),
        "input_config": json.dumps({"splits": [{"name": "all", "pattern": pattern}]}),
    }

    def put(span: int, version: int, content: str = "x") -> str:
        folder = tmp_path / f"span-{span}" / f"v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "data.csv").write_text(content)
        # Of earlier versions, or of large data, by size and time.
        pattern = f"span-{span}/v{version}/*.csv"
        return fingerprint("all", str(tmp_path), pattern, "metadata" if span == 3 else "auto")

    accepted = [history.add(1, 1), history.add(2, 1), history.add(3, 1), history.add(4, 1)]
    for examples, print_ in zip(accepted, [put(n, 1) for n in (1, 2, 3, 4)], strict=True):
        examples.set_string_custom_property("input_fingerprint", print_)
    assert written_again(files, accepted) == []
    put(2, 2)
    put(3, 1, content="xyz")
    put(4, 1, content="y")
    assert written_again(files, accepted) == [
        "span 2, version 2 was written",
        "span 3, version 1 was written again",
        "span 4, version 1 was written again",
    ]


def test_spans_in_words() -> None:
    assert spans_in_words([7, 2, 5, 4, 6, 9, 10]) == "2, 4 to 7, 9, 10"
    assert spans_in_words([]) == ""
