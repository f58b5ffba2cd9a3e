"""``millrace reproduce``: a run done again, its metrics compared."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cli.options import json_option, root_option
from cli.printing import plain
from core.errors import ModelError, UserError
from metadata.run_folder import RunFolder

# Training on several cores adds numbers up in another order each time.
_TOLERANCE = 0.01


@click.command()
@click.argument("run", default="latest", metavar="RUN")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=_TOLERANCE,
    show_default=True,
    help="The largest relative difference of a metric that counts as none.",
)
@click.option("--force", is_flag=True, help="Also where code, schema or data have changed since.")
@root_option
@json_option
def reproduce(run: str, tolerance: float, force: bool, root: Path, as_json: bool) -> int:
    """Do RUN again, up to its evaluation, and compare the metrics.

    The run's own configuration is taken, with its span, and what it found of earlier
    runs: baseline, accepted data, training window, tuned hyperparameters. Code and data
    must be those of then. Nothing is taken from the cache and nothing is pushed.

    \b
    Examples:
      millrace reproduce latest
      millrace reproduce taxi-20260504-100000 --tolerance 0

    Exit codes: 0 reproduced, 2 code, schema or data have changed, 4 the metrics differ.
    """
    from pipeline.experiments.comparison import compare_runs
    from pipeline.experiments.reproduction import changes, judge, read_original
    from pipeline.local.session import RunRequest, start_run
    from report.story import Missing, gather

    folder = RunFolder(root)
    run_id = folder.find(run)
    lineage = gather(root, run_id).lineage
    spans = [] if isinstance(lineage, Missing) else [data.span for data in lineage.datasets]
    original = read_original(
        root, run_id, span=max((s for s in spans if s is not None), default=None)
    )
    found = changes(original)
    if found and not force:
        raise UserError(
            f"{run_id} cannot be done again as it was",
            evidence=found,
            hint=f"`millrace lineage {run_id}` names its commit and data; --force does it "
            "with what is here",
            code="run-not-reproducible",
        )
    known = set(folder.run_ids())
    code = start_run(
        RunRequest(original.request, to_nodes=("Evaluator",), force=True, as_found_by=run_id),
        as_json=as_json,
    )
    made = [name for name in folder.run_ids() if name not in known]
    if code not in (0, ModelError.exit_code) or not made:
        return code
    verdict = judge(compare_runs(root, [run_id, made[0]]), tolerance)
    if as_json:
        facts = {"original": run_id, "run_id": made[0], **plain(verdict), "changes": found}
        click.echo(json.dumps({"event": "reproduced", **facts}))
    elif verdict.same:
        click.echo(
            f"{made[0]} reproduces {run_id}: no metric is off by more than {verdict.largest:.2%}"
        )
    else:
        click.echo(f"{made[0]} does not reproduce {run_id}: {', '.join(verdict.off)} differ")
        click.echo(f"  compare them: millrace runs --compare {run_id} {made[0]}")
    return 0 if verdict.same else ModelError.exit_code
