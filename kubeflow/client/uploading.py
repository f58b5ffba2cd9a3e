"""A package becomes a version of its pipeline on the server, once."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from core import errors
from kubeflow.client import failures
from kubeflow.client.records import Version
from kubeflow.client.source import Source, write_for_upload

if TYPE_CHECKING:
    from kubeflow.client.api import KubeflowApi

_Found = TypeVar("_Found")


@dataclasses.dataclass(frozen=True)
class Upload:
    """What an upload came to.

    Attributes:
      version: The version on the server.
      new_pipeline: Whether the pipeline was made for it.
      new_version: Whether it was not there before.
    """

    version: Version
    new_pipeline: bool
    new_version: bool


def upload(api: KubeflowApi, source: Source) -> Upload:
    """Uploads a package, unless the server has that version already.

    No request that makes something is repeated. Where the answer is lost, or somebody
    else was first, the server is asked what is there.

    Args:
      api: The server.
      source: The package.

    Raises:
      errors.MillraceError: If the server refuses or fails.
    """
    pipeline_id = api.find_pipeline(source.pipeline)
    new_pipeline = pipeline_id is None
    if pipeline_id is None:
        pipeline_id, new_pipeline = _make_pipeline(api, source)
    found = None if new_pipeline else api.find_version(pipeline_id, source.version)
    if found is not None:
        return Upload(found, new_pipeline=False, new_version=False)
    with tempfile.TemporaryDirectory(prefix="millrace-upload-") as name:
        package = write_for_upload(source, name)
        try:
            made = api.upload_version(pipeline_id, source.version, package, "uploaded by millrace")
        except errors.MillraceError as error:
            found = _look_again(error, lambda: api.find_version(pipeline_id, source.version))
            if found is None:
                raise
            return Upload(found, new_pipeline, new_version=error.code != failures.EXISTS)
    return Upload(made, new_pipeline, new_version=True)


def _make_pipeline(api: KubeflowApi, source: Source) -> tuple[str, bool]:
    description = str(source.package.spec.pipeline_info.description)
    try:
        return api.create_pipeline(source.pipeline, description), True
    except errors.MillraceError as error:
        found = _look_again(error, lambda: api.find_pipeline(source.pipeline))
        if found is None:
            raise
        return found, False


def _look_again(error: errors.MillraceError, look: Callable[[], _Found | None]) -> _Found | None:
    """Whether what could not be made is there all the same."""
    if error.code not in (failures.EXISTS, failures.NO_ANSWER, failures.SERVER_ERROR):
        return None
    try:
        return look()
    except errors.MillraceError:
        return None
