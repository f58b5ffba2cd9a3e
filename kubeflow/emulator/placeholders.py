"""Placeholders in commands and arguments, as KFP's launcher fills them in.

Follows ``compileCmdAndArgs`` and ``getPlaceholders`` in
``backend/src/v2/component/launcher_v2.go``, ``resolveContainerArgs`` in
``backend/src/v2/driver/util.go`` (``IfPresent``) and ``expansion.Expand`` of Kubernetes
(``$(VARIABLE)``).

The launcher replaces placeholders one after another in the random order of Go's maps, so
that a value that looks like a placeholder is sometimes replaced as well. Here each text is
read once, so that a value is never read again.

A placeholder that the launcher does not know reaches the program as it stands. Here it is
an error where it was clearly meant for KFP (``{{$.inputs``, ``{{$.outputs``,
``{{$.pipeline``), because no program wants it; drivers from 2.17 on refuse unknown inputs,
too. ``{{$.outputs.output_file}}`` is among them: Vertex knows it, KFP's launcher does not.

Environment variables have no placeholders: the driver hands them on unread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.errors import UserError, nearest
from kubeflow.emulator.messages import plain_value
from kubeflow.emulator.values import message_json, text_of

WHOLE_INPUT = "{{$}}"
_PLACEHOLDER = re.compile(
    r"\{\{\$(?:|\.(?:inputs|outputs|pipeline_)(?:(?!\{\{).)*?)\}\}", re.DOTALL
)
_KUBERNETES = re.compile(r"\$(?:\$|\(([^)]*)\))")
_CONDITION = '{"IfPresent":'


def placeholders(message: Any, rewrite: Callable[[str], str] = lambda text: text) -> dict[str, str]:
    """The text of every placeholder that a task may use.

    Args:
      message: The task's ``ExecutorInput`` with defaults.
      rewrite: Applied to the text of parameters (mount paths become folders).
    """
    from google.protobuf import json_format

    texts = {WHOLE_INPUT: message_json(json_format.MessageToDict(message))}
    for name, value in message.inputs.parameter_values.items():
        plain = plain_value(value)
        if plain is not None:
            texts[f"{{{{$.inputs.parameters['{name}']}}}}"] = rewrite(text_of(plain))
    for group, artifacts in (
        ("inputs", message.inputs.artifacts),
        ("outputs", message.outputs.artifacts),
    ):
        for name, listed in artifacts.items():
            if listed.artifacts:
                uri = listed.artifacts[0].uri
                texts[f"{{{{$.{group}.artifacts['{name}'].uri}}}}"] = uri
                texts[f"{{{{$.{group}.artifacts['{name}'].path}}}}"] = uri
    for name, parameter in message.outputs.parameters.items():
        texts[f"{{{{$.outputs.parameters['{name}'].output_file}}}}"] = parameter.output_file
    return texts


def filled_in(
    words: Sequence[str],
    texts: Mapping[str, str],
    present: Callable[[str], bool],
    *,
    task: str,
    rewrite: Callable[[str], str] = lambda text: text,
) -> list[str]:
    """Fills in the placeholders of a command with its arguments.

    Args:
      words: Command and arguments.
      texts: From `placeholders`.
      present: Whether an input parameter has a value (for ``IfPresent``).
      task: The task's name, for messages.
      rewrite: Applied to what stands in the package itself, not to what is filled in.

    Raises:
      UserError: If a placeholder means nothing.
    """

    chosen = [word for part in words for word in _chosen(part, present, task)]
    # In the program itself the launcher fills in the whole input and nothing else.
    only_whole = {WHOLE_INPUT: texts[WHOLE_INPUT]}
    return [
        _filled(word, texts if position else only_whole, task, rewrite)
        for position, word in enumerate(chosen)
    ]


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """Expands ``$(NAME)`` as Kubernetes does in commands, arguments and variables.

    ``$$`` is an escaped dollar sign; a variable that is not set stays as it stands.

    Args:
      text: The text.
      variables: The container's own environment.
    """

    def replace(found: re.Match[str]) -> str:
        if found.group() == "$$":
            return "$"
        return variables.get(found.group(1), found.group())

    return _KUBERNETES.sub(replace, text)


def _filled(word: str, texts: Mapping[str, str], task: str, rewrite: Callable[[str], str]) -> str:
    parts: list[str] = []
    end = 0
    for found in _PLACEHOLDER.finditer(word):
        if found.group() not in texts:
            raise _unknown(found.group(), task, texts)
        parts += [rewrite(word[end : found.start()]), texts[found.group()]]
        end = found.end()
    return "".join([*parts, rewrite(word[end:])])


def _chosen(word: str, present: Callable[[str], bool], task: str) -> list[str]:
    if not word.lstrip().startswith(_CONDITION):
        return [word]
    try:
        condition = json.loads(word)["IfPresent"]
        chosen = condition.get("Then" if present(condition["InputName"]) else "Else")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"the task {task} has a condition that cannot be read",
            evidence=[word[:200]],
            code="placeholder",
        ) from None
    if chosen is None:
        return []
    return [chosen] if isinstance(chosen, str) else [str(item) for item in chosen]


def _unknown(placeholder: str, task: str, texts: Mapping[str, str]) -> UserError:
    near = nearest(placeholder, texts)
    return UserError(
        f"the task {task} has a placeholder that means nothing: {placeholder}",
        evidence=["it names no input or output of the task"],
        hint=f"did you mean {near}?" if near else "",
        code="placeholder",
    )
