"""From a table to the files of a dataset, all of them or none."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from core.errors import UserError
from onboarding import thresholds
from onboarding.configuration_text import Places, configuration_text, document
from onboarding.file_names import ProjectFiles, path_in_project, project_files
from onboarding.fixed_types import with_fixed_types
from onboarding.model import Proposal, Request
from onboarding.schema_text import schema_text
from onboarding.split_check import check_split
from onboarding.splits import split_sample
from onboarding.test_file import dataset_test_text
from onboarding.writing import check_free, write_together
from pipeline.configuration.model import PipelineConfiguration


@dataclasses.dataclass(frozen=True)
class Initiation:
    """What was found out and written.

    Attributes:
      proposal: The proposal, its thresholds included.
      measured: What plain models reach.
      files: What was written.
      configuration: The configuration, as plain data.
    """

    proposal: Proposal
    measured: thresholds.Measured
    files: ProjectFiles
    configuration: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """All of it, for machines."""
        proposal = self.proposal
        return {
            "name": proposal.name,
            "data": {
                "path": proposal.sample.path,
                "files": proposal.sample.files,
                "rows": proposal.sample.rows,
                "sampled_rows": proposal.sample.table.num_rows,
            },
            "task": proposal.task,
            "label": proposal.label,
            "columns": [dataclasses.asdict(column) for column in proposal.columns],
            "features": dict(proposal.features),
            "sections": {name: dict(section) for name, section in proposal.sections.items()},
            "remarks": proposal.remarks,
            "baselines": self.measured.scores,
            "split_rows": self.measured.split_rows,
            "configuration": self.configuration,
            "files": [str(path) for path in self.files.all],
            "next": [
                f"millrace run {self.files.configuration}",
                f"millrace kubeflow compile {self.files.configuration}",
            ],
        }


def initiate(request: Request, project: Path, *, force: bool, command: str) -> Initiation:
    """Looks at a table and writes configuration, schema and test.

    Args:
      request: What a person asked for; its name is set.
      project: The project folder.
      force: Whether files that exist are replaced.
      command: The words that asked for it, for the configuration's heading.

    Raises:
      UserError: If the request does not fit the table, or files exist.
      DataError: If the table cannot be read, or split so that models are judged rightly.
      InfrastructureError: If the files cannot be written.
    """
    from onboarding.propose import propose
    from onboarding.sample import read_sample

    assert request.name is not None
    if "://" in request.data:
        # An address may hold a password: it is not repeated.
        raise UserError(
            "init looks at files of this machine only",
            hint="give it some rows of the table as a file, then set data.path in what it writes",
            code="data-not-files",
        )
    files = project_files(project, request.name)
    check_free(files.all, force=force)
    sample = read_sample(request)
    proposal = with_fixed_types(propose(sample, request))
    places = Places(
        data=path_in_project(request.data, project),
        schema_file=str(files.schema.relative_to(project)),
        command=command,
    )
    first = _checked(document(proposal, places))
    measured = thresholds.measure(proposal, first)
    splits = split_sample(sample, first.ingestion)
    remarks = (*proposal.remarks, *check_split(splits, first))
    proposal = _with_thresholds(dataclasses.replace(proposal, remarks=remarks), measured)
    values = document(proposal, places)
    configuration = _checked(values)
    texts = {
        files.configuration: configuration_text(proposal, places),
        files.schema: schema_text(proposal, configuration, request.data, splits, places.data),
        files.test: dataset_test_text(proposal),
    }
    check_free(files.all, force=force)
    write_together(texts)
    return Initiation(proposal, measured, files, values)


def _with_thresholds(proposal: Proposal, measured: thresholds.Measured) -> Proposal:
    chosen = thresholds.evaluation_choices(proposal, measured)
    sections = dict(proposal.sections)
    sections["evaluation"] = {**chosen, **sections.get("evaluation", {})}
    remarks = (*proposal.remarks, *thresholds.remarks(proposal, measured))
    return dataclasses.replace(proposal, sections=sections, remarks=remarks)


def _checked(values: dict[str, Any]) -> PipelineConfiguration:
    """The configuration as a run would read it.

    Raises:
      UserError: If it were refused.
    """
    from pipeline.configuration.loading import check
    from pipeline.configuration.positions import Layer

    return check(Layer(values, {}))
