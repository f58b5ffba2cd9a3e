"""A Dockerfile and a .dockerignore, read as far as our rules need."""

from __future__ import annotations

import dataclasses
import re
import shlex
from collections.abc import Sequence
from pathlib import PurePosixPath


@dataclasses.dataclass(frozen=True)
class Instruction:
    """One instruction: its keyword, its flags (`--from=…`) and the rest of its text."""

    line: int
    keyword: str
    flags: tuple[str, ...]
    text: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text)

    def flag(self, name: str) -> list[str]:
        prefix = f"--{name}="
        return [flag.removeprefix(prefix) for flag in self.flags if flag.startswith(prefix)]


@dataclasses.dataclass(frozen=True)
class Stage:
    """What follows one FROM; `base` has the build's arguments in it as they are written."""

    base: str
    name: str
    instructions: tuple[Instruction, ...]

    def all(self, keyword: str) -> list[Instruction]:
        return [item for item in self.instructions if item.keyword == keyword]


def instructions(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile, comments dropped and continued lines joined."""
    found: list[Instruction] = []
    parts: list[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        start = start if parts else number
        parts.append(line.rstrip().removesuffix("\\").strip())
        if line.rstrip().endswith("\\"):
            continue
        keyword, _, rest = " ".join(parts).partition(" ")
        flags: list[str] = []
        while match := re.match(r"(--[a-z]+=\S+)\s+", rest):
            flags.append(match[1])
            rest = rest[match.end() :]
        found.append(Instruction(start, keyword.upper(), tuple(flags), rest))
        parts = []
    return found


def stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile, in order."""
    heads: list[tuple[str, str]] = []
    bodies: list[list[Instruction]] = []
    for item in instructions(text):
        if item.keyword == "FROM":
            base, _, name = re.sub(r"\s+as\s+", " AS ", item.text, flags=re.I).partition(" AS ")
            heads.append((base, name))
            bodies.append([])
        elif bodies:
            bodies[-1].append(item)
    return [Stage(*head, tuple(body)) for head, body in zip(heads, bodies, strict=True)]


def is_ignored(path: str, ignore: Sequence[str]) -> bool:
    """Whether a path stays out of the build, by the lines of a .dockerignore."""
    ignored = False
    parts = PurePosixPath(path).parts
    above = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    for line in ignore:
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        expression = _expression(pattern.removeprefix("!").strip("/"))
        if any(expression.fullmatch(candidate) for candidate in above):
            ignored = not pattern.startswith("!")
    return ignored


def _expression(pattern: str) -> re.Pattern[str]:
    special = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(special.get(part, re.escape(part)) for part in parts))
