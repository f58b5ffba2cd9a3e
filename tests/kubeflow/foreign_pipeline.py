"""A pipeline of KFP's own SDK: loop, condition, graph in a graph, artifacts, retries.

No ``from __future__ import annotations`` here: KFP 2.5 reads annotations as objects.
"""

from pathlib import Path

from kfp import compiler, dsl


@dsl.container_component
def make(count: int, table: dsl.Output[dsl.Dataset]):  # type: ignore[no-untyped-def]
    return dsl.ContainerSpec(image="busybox", command=["make"], args=[count, table.path])


@dsl.container_component
def use(table: dsl.Input[dsl.Dataset], text: str = "a"):  # type: ignore[no-untyped-def]
    return dsl.ContainerSpec(image="busybox", command=["use"], args=[table.uri, text])


@dsl.pipeline(name="foreign")
def foreign(count: int = 3) -> None:
    made = make(count=count)
    with dsl.Condition(count > 2), dsl.ParallelFor(["x", "y"]) as item:
        use(table=made.outputs["table"], text=item).set_retry(2)


def write_foreign(path: Path) -> None:
    compiler.Compiler().compile(foreign, str(path))
