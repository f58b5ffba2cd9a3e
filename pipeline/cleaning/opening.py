"""Which store is cleaned, and how much stays: what a person or the configuration says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import ml_metadata

from metadata.connection import server_kind
from metadata.run_folder import RunFolder
from metadata.run_store import run_store
from metadata.store import open_store
from pipeline.access.quarantine import quarantine_of
from pipeline.cleaning.carry_out import clean
from pipeline.cleaning.plan import Plan, Rule
from pipeline.configuration.loading import load
from pipeline.configuration.retention import RetentionSettings


def rule_of(configuration: Path, profile: str | None, asked: Rule) -> Rule:
    """What is asked for, else what a configuration says; for its pipeline alone.

    Args:
      configuration: The configuration.
      profile: Its overlay.
      asked: What a person asks for.

    Raises:
      UserError: If the configuration is wrong.
    """
    found = load(configuration, profile=profile).configuration
    if asked.keep is None and asked.older_than is None:
        rule = rule_for(found.retention, found.name)
        return rule if asked.keep_models is None else dataclasses.replace(
            rule, keep_models=asked.keep_models
        )  # fmt: skip
    return dataclasses.replace(asked, pipeline=found.name)


def rule_for(retention: RetentionSettings, pipeline: str) -> Rule:
    """The section `retention` as a rule for its pipeline."""
    return Rule(retention.keep_runs, retention.older_than, retention.keep_models, pipeline)


def store_of(
    root: RunFolder, configuration: Path | None, profile: str | None
) -> ml_metadata.MetadataStore | None:
    """The store of a root, open for writing; None where nothing was recorded yet.

    Args:
      root: The root.
      configuration: A configuration that names the store; else the newest run's.
      profile: Its overlay.

    Raises:
      InfrastructureError: If it does not answer.
    """
    found = quarantine_of(root.root, configuration, profile)
    is_file = server_kind(found.connection) == "sqlite"
    if is_file and not Path(found.connection.sqlite.filename_uri).is_file():
        return None
    return open_store(found.connection)


def retain(root: RunFolder, run_id: str, retention: RetentionSettings, pipeline: str) -> Plan:
    """Cleans after a run, as its configuration says.

    Args:
      root: The root.
      run_id: The run, which has ended.
      retention: The section `retention`, which is on.
      pipeline: The pipeline's name.

    Raises:
      InfrastructureError: If the store does not answer or the disk refuses.
    """
    store = open_store(run_store(root, run_id))
    return clean(root, store, rule_for(retention, pipeline))
