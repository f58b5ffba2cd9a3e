"""The DAG file as text; what Airflow makes of it is in test_in_airflow.py."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from core import errors
from kubeflow.graph.task_graph import ExecutorOutput
from kubeflow.renderers.airflow.dag_file import dag_file
from kubeflow.renderers.airflow.options import DagOptions
from kubeflow.renderers.airflow.source import Call, Name, source
from kubeflow.renderers.airflow.templating import literal
from tests.kubeflow.made_task_graph import DIFFICULT, as_kubelet, made_graph, made_task


def test_it_is_clean_and_formatted(tmp_path: Path) -> None:
    file = tmp_path / "taxi.py"
    file.write_text(dag_file(made_graph(), DagOptions(schedule="@daily")))

    settings = ["--isolated", "--config", "line-length = 100", "--target-version", "py310"]
    for command in (["check"], ["format", "--check", "--diff"]):
        process = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings, str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stdout + process.stderr


def test_the_same_graph_gives_the_same_text() -> None:
    assert dag_file(made_graph()) == dag_file(made_graph())


def test_a_long_argument_of_several_tasks_stands_once() -> None:
    configuration = json.dumps({"name": "taxi", "features": ["fare"] * 30})
    tasks = [
        made_task(node, node.lower(), arguments=("--configuration", configuration))
        for node in ("A", "B")
    ]

    text = dag_file(made_graph(*tasks))

    assert text.count('"fare"') == 30
    assert text.count("            CONFIGURATION,\n") + text.count(", CONFIGURATION]") == 2


def test_what_a_configuration_says_never_becomes_code() -> None:
    hostile = '"""\nimport os\nos.remove("x")\n"\\'
    task = made_task("A", "a", arguments=("--configuration", hostile), image=hostile)

    text = dag_file(made_graph(task, description=hostile))

    assert "\nimport os" not in text
    assert "\nos.remove" not in text


@pytest.mark.parametrize("name", ["import", "dag", "k8s", "2nd-model"])
def test_any_task_name_makes_a_variable(name: str) -> None:
    tasks = (made_task("A", name), made_task("B", "b", "A"))

    assert f"[task_{name.replace('-', '_')}] >> b\n" in dag_file(made_graph(*tasks))


def test_an_upstream_task_that_does_not_come_before_is_refused() -> None:
    graph = made_graph()
    reversed_graph = dataclasses.replace(graph, tasks=graph.tasks[::-1])

    with pytest.raises(errors.InternalError, match="Trainer waits for ExampleGen"):
        dag_file(reversed_graph)


def test_a_task_that_comes_twice_is_refused() -> None:
    with pytest.raises(errors.InternalError, match=r"A \(a\) comes twice"):
        dag_file(made_graph(made_task("A", "a"), made_task("A", "a")))


def test_a_parameter_that_the_graph_lacks_is_refused() -> None:
    with pytest.raises(errors.InternalError, match=r"A needs the parameter data\.span"):
        dag_file(made_graph(made_task("A", "a"), parameters=()))


def test_arguments_for_drawn_outputs_do_not_belong_here() -> None:
    with pytest.raises(errors.InternalError, match="draws no outputs: A"):
        dag_file(made_graph(made_task("A", "a", arguments=(ExecutorOutput(),))))


@pytest.mark.parametrize("text", ["plain", "{SPAN}", '{"a": {"b": 1}}', "it's"])
def test_text_that_jinja_does_not_read_stays_readable(text: str) -> None:
    assert literal(text) == text


@pytest.mark.parametrize(
    "text", ["{{ x }}", "{% raw %}", "{# no #}", "a\r\nb", "end\n", DIFFICULT, "job.json"]
)
def test_text_that_jinja_reads_renders_to_itself(text: str) -> None:
    import jinja2

    rendered = jinja2.Environment(autoescape=False).from_string(literal(text)).render()

    assert literal(text) != text
    assert as_kubelet(rendered) == text


def test_source_takes_plain_data_only() -> None:
    with pytest.raises(TypeError, match="no source for"):
        source({"a": object()})


@pytest.mark.parametrize("name", ["a b", "import", "f()", "", "os.", "x;y"])
def test_a_name_is_nothing_but_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        Name(name)
    with pytest.raises(ValueError, match="not a name"):
        Call("f", named={name: 1})
