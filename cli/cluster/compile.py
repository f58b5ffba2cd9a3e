"""``millrace kubeflow compile``: a configuration becomes a pipeline package."""

from __future__ import annotations

from pathlib import Path

import click

from cli.cluster.compile_options import CompileRequest, compile_options, write_and_tell


@click.command()
@compile_options(".yaml")
def compile(request: CompileRequest) -> None:
    """Write the pipeline of CONFIG as a package for Kubeflow Pipelines 2 (2.5 or later).

    One container task for each node, and every run parameter with its type, default and
    description in the run form. The section `kubeflow` of CONFIG says which image, volumes,
    secrets and resources the containers get. --data names a place that the cluster sees: on
    a mounted volume or in a gs:// bucket. Compiled pipelines are kept in ROOT/compiled, so
    that a second time takes no time.

    \b
    Examples:
      millrace kubeflow compile configs/taxi.yaml
      millrace kubeflow compile configs/taxi.yaml --profile kubeflow --output package.yaml
      millrace kubeflow compile configs/taxi.yaml --image registry.example/millrace:1.4 \\
          --data gs://bucket/trips/ --set trainer.train_steps=2000
    """
    from kubeflow.package.checker import check_package
    from kubeflow.package.compiled_packages import note_compiled
    from kubeflow.package.package import package_text
    from kubeflow.renderers.kfp.pipeline import render

    compilation = request.compile()
    graph, resolved = compilation.graph, compilation.loaded.configuration
    package = render(graph)
    check_package(package)
    path = request.output or Path(f"{graph.name}.yaml")
    facts = {
        "root": resolved.kubeflow.root,
        "metadata": resolved.metadata.kind,
        "service_account": graph.service_account,
    }
    steps = [f"  root        {facts['root']}", f"  metadata    {facts['metadata']}"]
    if resolved.kubeflow.data is not None:
        steps.append(f"  data        {resolved.data.path}, where you put them")
    if graph.service_account:
        # Kubeflow keeps it with the run, not in the package.
        steps.append(f"  account     {graph.service_account}, given by `millrace kubeflow run`")
    steps.append(f"try it here:  millrace kubeflow emulate {path}")
    steps.append(f"on a cluster: millrace kubeflow upload {path} --host URL")
    write_and_tell(
        request,
        compilation,
        path,
        package_text(package),
        next_steps=tuple(steps),
        more=facts,
    )
    note_compiled(package)
