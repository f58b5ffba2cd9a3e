"""What every Dockerfile of ours must keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.image.dockerfile import Stage, instructions, is_ignored, stages

SECRET = re.compile(r"password|passwd|token|secret|credential|api_?key", re.I)


def problems(text: str, context: Path, ignore: Sequence[str]) -> list[str]:
    """What is wrong with a Dockerfile, one line each; nothing where it is well.

    Args:
      text: The Dockerfile.
      context: The folder that is built.
      ignore: The lines of its .dockerignore.
    """
    found: list[str] = []
    for rule in (_user, _tags, _secrets, _package_lists, _hashes, _compiled, _whole_context):
        found += rule(text)
    return [*found, *_sources(text, context, ignore)]


def _user(text: str) -> Iterator[str]:
    users = stages(text)[-1].all("USER")
    if not users:
        yield "the last stage runs as root: it has no USER"
    elif not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1].text.strip()):
        yield f"USER {users[-1].text} is no number but root's: runAsNonRoot cannot tell"


def _tags(text: str) -> Iterator[str]:
    defaults = dict(
        item.text.split("=", 1)
        for item in instructions(text)
        if item.keyword == "ARG" and "=" in item.text
    )
    names = {stage.name for stage in stages(text)}
    for stage in stages(text):
        base = re.sub(r"\$\{?(\w+)\}?", lambda m: defaults.get(m[1], ""), stage.base)
        tag = base.rpartition("/")[2].partition(":")[2]
        if base not in names and tag in ("", "latest"):
            yield f"FROM {stage.base} means whatever is newest"


def _secrets(text: str) -> Iterator[str]:
    for item in instructions(text):
        if item.keyword in ("ENV", "ARG") and SECRET.search(item.text):
            yield f"line {item.line}: {item.keyword} stays in the image: {item.text}"


def _package_lists(text: str) -> Iterator[str]:
    for item in instructions(text):
        if item.keyword == "RUN" and "apt-get install" in item.text:
            if "/var/lib/apt/lists" not in item.text:
                yield f"line {item.line}: the lists of apt stay in the layer"
            if "--no-install-recommends" not in item.text:
                yield f"line {item.line}: apt installs what is only recommended"


def _hashes(text: str) -> Iterator[str]:
    for item in instructions(text):
        for command in re.split(r"&&|;", item.text if item.keyword == "RUN" else ""):
            if "pip install" in command and not (
                "--require-hashes" in command or "--no-index" in command
            ):
                yield f"line {item.line}: pip installs without hashes"


def _compiled(text: str) -> Iterator[str]:
    """Who runs a node cannot write the packages' folder, so each start would compile."""
    if not any("compileall" in item.text for item in instructions(text)):
        yield "bytecode is not compiled at build"


def _whole_context(text: str) -> Iterator[str]:
    for item in stages(text)[-1].all("COPY"):
        if item.words[0] in (".", "./") and not item.flag("from"):
            yield f"line {item.line}: the image holds the whole build context"


def _sources(text: str, context: Path, ignore: Sequence[str]) -> Iterator[str]:
    names = {stage.name for stage in stages(text)}
    for item, source in _copied(stages(text)):
        origin = item.flag("from")
        if origin:
            if origin[0] not in names:
                yield f"line {item.line}: COPY --from={origin[0]}: there is no such stage"
            continue
        if not (context / source).exists():
            yield f"line {item.line}: COPY {source}: there is no such file"
        elif source != "." and is_ignored(source, ignore):
            yield f"line {item.line}: COPY {source}: .dockerignore keeps it out"


def _copied(all_stages: Sequence[Stage]) -> Iterator[tuple]:
    for stage in all_stages:
        for item in stage.all("COPY"):
            for source in item.words[:-1]:
                yield item, source.removeprefix("./") or "."
