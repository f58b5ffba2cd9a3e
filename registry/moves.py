"""Promoting a version, and rolling back to one: its stored model is pushed again."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable

import ml_metadata

from components.pusher import layout, pushing
from core.artifact_files import local_path
from core.errors import InfrastructureError, MillraceError, ModelError, UserError
from metadata.run_file import utc_now
from registry.model_version import (
    ARTIFACT_TYPE,
    ModelVersion,
    Push,
    Withdrawal,
    version_from_artifact,
    write_version,
)
from registry.models import Models, Refused
from registry.moves_record import Move, ended, registry_row, under_way, write_moves
from registry.registration import is_served, read_models, stored_model
from registry.store_access import Row, put_unchanged
from registry.turns import NotNowError, turn

_TRIES = 20


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a person asks for.

    Attributes:
      who: The person.
      why: The reason, for the record.
      force: Whether a model that was never blessed may serve.
    """

    who: str
    why: str = ""
    force: bool = False


def rollback_target(
    models: Models, *, to: str | None = None, before: datetime.datetime | None = None
) -> ModelVersion | Refused:
    """The version that a rollback restores.

    Args:
      models: The models.
      to: The version, as `Models.find` takes it, which may mean a refused model.
      before: Else the version that served at this time and was not withdrawn since.
        Without either, the champion's predecessor.

    Raises:
      UserError: If there is no such version.
    """
    if to is not None:
        return models.find(to)
    if before is None:
        if models.previous is None:
            raise UserError(
                f"there is no version of {models.pipeline} to roll back to",
                evidence=["the champion has no predecessor that was not withdrawn"],
                hint="name one with --to; `millrace models list` lists them",
                code="no-previous-model",
            )
        return models.previous
    for push, version in reversed(models.pushes):
        if datetime.datetime.fromisoformat(push.when) < before and version.withdrawn is None:
            return version
    first = min((push.when for push, _ in models.pushes), default="")
    raise UserError(
        f"no version of {models.pipeline} served before {before.isoformat()}",
        evidence=[f"the first was pushed on {first}"] if first else [],
        hint="`millrace models list` lists them",
        code="no-model-before",
    )


def promote(
    store: ml_metadata.MetadataStore, models: Models, target: ModelVersion, asked: Asked
) -> Move:
    """Makes a version the champion.

    Args:
      store: The store, open for writing.
      models: The models as the person saw them.
      target: The version.
      asked: What is asked for.

    Returns:
      The move as it was recorded.

    Raises:
      UserError: If it is the champion already and its folder is there, or somebody was
        faster.
      ModelError: If it was never blessed and nothing is forced.
      InfrastructureError: If its stored model is gone or not the same any more, or the
        disk refuses. Then the champion is as it was.
    """
    return _carry_out(store, models, target, asked, "promote", ())


def rollback(
    store: ml_metadata.MetadataStore, models: Models, target: ModelVersion, asked: Asked
) -> Move:
    """Restores an older version and withdraws those that came after it.

    Args:
      store: The store, open for writing.
      models: The models as the person saw them.
      target: The version to restore.
      asked: What is asked for.

    Returns:
      The move as it was recorded. Nothing is deleted.

    Raises:
      UserError, ModelError, InfrastructureError: As `promote`.
    """
    later = {
        version.name: version
        for push, version in models.pushes
        if _is_later(push, version, target) and version.withdrawn is None
    }
    return _carry_out(store, models, target, asked, "rollback", tuple(later.values()))


def _is_later(push: Push, version: ModelVersion, target: ModelVersion) -> bool:
    if version.name == target.name:
        return False
    # A model that was refused, and is forced now, was never pushed.
    return push.number > target.number if target.pushes else version.artifact > target.artifact


def _carry_out(
    store: ml_metadata.MetadataStore,
    models: Models,
    target: ModelVersion,
    asked: Asked,
    action: str,
    withdrawn: tuple[ModelVersion, ...],
) -> Move:
    champion = models.champion
    # A champion whose folder somebody removed is pushed again.
    if (
        champion is not None
        and champion.name == target.name
        and is_served(champion.pushes[-1].destination)
    ):
        raise UserError(
            f"{target.version} is the champion already",
            evidence=[f"servers load it from {target.pushes[-1].destination}"],
            hint="`millrace models list` shows all versions",
            code="already-champion",
        )
    if not target.blessed and not asked.force:
        raise never_blessed(f"{target.version} of {target.pipeline}", target.facts.run_id)
    source = _checked_model(target, store)
    move = Move(
        action=action,
        version=str(target.version),
        before=str(champion.version) if champion else "",
        when=utc_now(),
        who=asked.who,
        why=asked.why,
        withdrawn=tuple(str(version.version) for version in withdrawn),
    )
    try:
        with turn(store, models.pipeline, move):
            return _move(store, models, target, withdrawn, move, source)
    except NotNowError as error:
        raise _too_late(error.move, "is under way") from None


def _move(
    store: ml_metadata.MetadataStore,
    models: Models,
    target: ModelVersion,
    withdrawn: tuple[ModelVersion, ...],
    move: Move,
    source: str,
) -> Move:
    _check_unchanged(store, models)
    move = _begin(store, models, move)
    try:
        done = pushing.push(source, _directory(models, target), move.token)
    except OSError as error:
        _abandon(store, models.pipeline, move)
        raise InfrastructureError(
            f"{target.version} could not be pushed again",
            evidence=[str(error)[:200], "nothing of it is visible; the champion is as it was"],
            hint="free some space or correct the folder, and try again",
            code="push-failed",
        ) from error
    except BaseException:
        _abandon(store, models.pipeline, move)
        raise
    push = Push(done.number, done.destination, utc_now(), move.who, move.why or move.action)
    return _finish(store, target, withdrawn, move, push)


def never_blessed(model: str, run_id: str) -> MillraceError:
    """The refusal of a model that was never blessed."""
    return ModelError(
        f"{model} was never blessed",
        evidence=[f"`millrace show {run_id}` says why"] if run_id else [],
        hint="--force lets it serve all the same; that is recorded",
        code="never-blessed",
    )


def _checked_model(target: ModelVersion, store: ml_metadata.MetadataStore) -> str:
    source = stored_model(target, store)
    if source is None:
        raise InfrastructureError(
            f"the model of {target.version} is gone",
            evidence=[f"it was stored at {target.uri}"],
            hint="restore its files there, or choose another version: `millrace models list`",
            code="model-files-missing",
        )
    path = local_path(source)
    expected = target.facts.model_digest
    if expected and path is not None and layout.model_digest(path) != expected:
        raise InfrastructureError(
            f"the stored model of {target.version} is not what was pushed",
            evidence=[f"the files at {source} were changed, or some are missing"],
            hint="restore them, or choose another version: `millrace models list`",
            code="model-files-changed",
        )
    return source


def _directory(models: Models, target: ModelVersion) -> str:
    places = [target, *([models.champion] if models.champion else [])]
    for version in reversed(places):
        if version.pushes:
            return version.pushes[-1].destination.rpartition("/")[0]
    raise InfrastructureError(
        f"nothing of {models.pipeline} was ever pushed, so there is no folder to push to",
        hint="run the pipeline until a model is blessed",
        code="no-serving-folder",
    )


def _check_unchanged(store: ml_metadata.MetadataStore, seen: Models) -> None:
    now = read_models(store).get(seen.pipeline, seen)
    if [push.number for push, _ in now.pushes] == [push.number for push, _ in seen.pushes]:
        return
    push, version = now.pushes[-1]
    raise UserError(
        f"{version.version} became the champion at this moment",
        evidence=[f"it was pushed on {push.when} by {push.who or 'unknown'}: {push.why}"],
        hint="look at `millrace models list` and decide again",
        code="models-changed",
    )


def _begin(store: ml_metadata.MetadataStore, models: Models, move: Move) -> Move:
    row = registry_row(store, models.pipeline)
    current = under_way(row)
    if current is not None:
        if not current.is_gone():
            raise _too_late(current, "is under way")
        if (current.action, current.version) == (move.action, move.version):
            # It was killed, perhaps after its push: the same push is finished.
            move = dataclasses.replace(move, when=current.when, who=current.who, why=current.why)
    write_moves(row, move, ended(row))
    if not put_unchanged(store, [row]):
        other = under_way(registry_row(store, models.pipeline))
        raise _too_late(other or move, "was faster")
    return move


def _too_late(other: Move, how: str) -> MillraceError:
    return UserError(
        f"another {other.action} {how}",
        evidence=[f"{other.who} began to {other.action} {other.version} on {other.when}"],
        hint="look at `millrace models list` and decide again",
        code="models-changed",
    )


def _abandon(store: ml_metadata.MetadataStore, pipeline: str, move: Move) -> None:
    row = registry_row(store, pipeline)
    if under_way(row) == move:
        write_moves(row, None, ended(row))
        put_unchanged(store, [row])


def _finish(
    store: ml_metadata.MetadataStore,
    target: ModelVersion,
    withdrawn: Iterable[ModelVersion],
    move: Move,
    push: Push,
) -> Move:
    """Records the push, the withdrawals and the move's end, all of it or nothing."""
    done = dataclasses.replace(move, number=push.number)
    mark = Withdrawal(push.when, move.who, move.why or f"rolled back to {move.version}")
    names = {version.name for version in withdrawn}
    for _ in range(_TRIES):
        row = registry_row(store, target.pipeline)
        write_moves(row, None, (*ended(row), done))
        rows: list[Row] = [row]
        for name in sorted({target.name, *names}):
            own = store.get_artifact_by_type_and_name(ARTIFACT_TYPE, name)
            assert own is not None, name
            known = version_from_artifact(own)
            if name == target.name:
                changed = dataclasses.replace(known, pushes=(*known.pushes, push), withdrawn=None)
            else:
                changed = dataclasses.replace(known, withdrawn=mark)
            write_version(changed, own)
            rows.append(own)
        if put_unchanged(store, rows):
            return done
    raise InfrastructureError(
        f"the registry of {target.pipeline} is being changed by others all the time",
        evidence=[f"servers load {target.version} from {push.destination}"],
        hint="try again",
        code="registry-busy",
    )
