"""The configuration that `millrace init` writes: a proposal as commented YAML."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from onboarding.commented_yaml import WIDTH, Entry, Line, Remark, write_yaml
from onboarding.model import Choice, Proposal
from onboarding.words import dropped_by_reason, label_words, task_sentence

_MOUNTED = "/mnt/millrace"
_ORDER = ("data", "gate", "transform", "trainer", "tuner", "evaluation")
_HEADINGS = {
    "gate": "When new data are refused before anything is trained on them.",
    "trainer": "The model and its training.",
    "evaluation": "What a model must reach to be pushed, set by what plain models reach on the"
    " same split of these data. Change it to what your use needs.",
}


@dataclasses.dataclass(frozen=True)
class Places:
    """Where things lie.

    Attributes:
      data: The data's path as the configuration names it.
      schema_file: The schema's path below the project folder.
      command: The words that asked for the proposal.
    """

    data: str
    schema_file: str
    command: str


def document(proposal: Proposal, places: Places) -> dict[str, Any]:
    """The configuration as plain data: what the text of it is read back as.

    Args:
      proposal: The proposal.
      places: Where things lie.
    """
    values: dict[str, Any] = {}
    for line in _lines(proposal, places):
        _collect(line, values)
    return values


def configuration_text(proposal: Proposal, places: Places) -> str:
    """Writes the configuration as YAML; each guess has its reason beside it.

    Args:
      proposal: The proposal.
      places: Where things lie.
    """
    return write_yaml(_lines(proposal, places))


def _collect(line: Line, values: dict[str, Any]) -> None:
    if isinstance(line, Remark):
        return
    if not line.below:
        values[line.key] = line.value
        return
    inner = values.setdefault(line.key, {})
    for further in line.below:
        _collect(further, inner)


def _lines(proposal: Proposal, places: Places) -> list[Line]:
    lines: list[Line] = [Remark(lines=tuple(_heading(proposal, places))), Remark()]
    lines.append(Entry("name", proposal.name))
    lines.append(Entry("description", task_sentence(proposal)))
    data = {"path": Choice(places.data), **_without(proposal.sections.get("data", {}), "path")}
    lines += [Remark(), Entry("data", below=tuple(_nested(data))), Remark()]
    lines.append(Entry("label", proposal.label.expression, label_words(proposal)))
    lines.append(Entry("task", proposal.task.value, proposal.task.why))
    if proposal.classes is not None:
        lines.append(Entry("classes", list(proposal.classes.value), proposal.classes.why))
    lines += [Remark(), *_features(proposal), Remark()]
    lines.append(Remark("What the data may look like. An anomaly against it stops a run."))
    lines.append(Entry("schema_file", places.schema_file))
    for name in sorted(proposal.sections, key=_rank):
        if name not in ("data", "kubeflow") and proposal.sections[name]:
            below = tuple(_nested(proposal.sections[name]))
            heading = [Remark(_HEADINGS[name])] if name in _HEADINGS else []
            lines += [Remark(), *heading, Entry(name, below=below)]
    return [*lines, Remark(), *_kubeflow(proposal, places)]


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _without(section: Mapping[str, Choice], key: str) -> dict[str, Choice]:
    return {name: choice for name, choice in section.items() if name != key}


def _heading(proposal: Proposal, places: Places) -> Iterable[str]:
    path = f"configs/{proposal.name}.yaml"
    commands = {
        f"millrace run {path}": "from the table to a pushed model",
        f"millrace config {path}": "every value, and where it came from",
        f"millrace kubeflow compile {path}": "the same for a cluster",
    }
    yield from _wrapped(task_sentence(proposal))
    yield ""
    width = max(map(len, commands))
    for command, what in commands.items():
        yield f"  {command.ljust(width)}  {what}"
    yield ""
    total, sampled = proposal.sample.rows, proposal.sample.table.num_rows
    rows = f"{total:,} rows" if sampled >= total else f"{sampled:,} of {total:,} rows"
    yield from _wrapped(f"Proposed from {rows} by {places.command}")
    yield from _wrapped("Each guess says why. The file is yours: nothing writes it again unasked.")
    for remark in proposal.remarks:
        yield from _wrapped(remark, first="! ")


def _wrapped(text: str, first: str = "") -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        WIDTH - 2,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _features(proposal: Proposal) -> Iterable[Line]:
    below: list[Line] = [
        Entry(name, choice.value, choice.why) for name, choice in proposal.features.items()
    ]
    dropped = list(dropped_by_reason(proposal))
    if dropped:
        left_out = ["Not features:"]
        for reason, names in dropped:
            left_out += _wrapped(f"{', '.join(names)}: {reason}", first="  ")
        below += [Remark(lines=tuple(left_out))]
    yield Entry("features", below=tuple(below))


def _nested(section: Mapping[str, Choice]) -> list[Line]:
    """Dotted keys as keys below keys, in the order in which they are first named."""
    groups: dict[str, dict[str, Choice]] = {}
    for key, choice in section.items():
        head, _, rest = key.partition(".")
        groups.setdefault(head, {})[rest] = choice
    lines: list[Line] = []
    for head, inner in groups.items():
        own = inner.get("")
        if own is not None:
            lines.append(Entry(head, own.value, own.why))
        else:
            lines.append(Entry(head, below=tuple(_nested(inner))))
    return lines


def _kubeflow(proposal: Proposal, places: Places) -> Iterable[Line]:
    yield Remark(f"On a cluster: millrace kubeflow compile configs/{proposal.name}.yaml")
    yield Remark(
        "As it stands, for one machine (kind, minikube); --profile kubeflow for a real one."
    )
    settings: list[Line] = [
        Entry("image", "millrace:dev", "`make image`"),
        Entry("root", _MOUNTED, "everything that a run reads and writes, on the claim below"),
    ]
    if "://" not in places.data:
        settings.append(
            Entry(
                "data", f"{_MOUNTED}/data/{proposal.name}/", "put the table there for the cluster"
            )
        )
    settings.append(Entry("volumes", [{"claim": "millrace", "path": _MOUNTED}]))
    large = {"resources": {"cpu": 1, "memory": "2Gi"}}
    settings += [
        Entry(
            "defaults",
            below=(
                Entry("resources", {"cpu": "250m", "memory": "1Gi"}),
                Entry("timeout_seconds", 3600),
            ),
        ),
        Entry(
            "nodes",
            below=(
                Entry("Transform", large),
                Entry("Trainer", large),
                Entry("Evaluator", {"resources": {"cpu": "500m", "memory": "2Gi"}}),
            ),
        ),
    ]
    yield Entry("kubeflow", below=tuple(settings))
