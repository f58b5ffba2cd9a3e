"""What is known of a made table, and the writing of CSV files."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

Task = Literal["binary", "multiclass", "regression"]


@dataclasses.dataclass(frozen=True)
class AwkwardTable:
    """A table that a proposal must understand, or refuse with a reason.

    Attributes:
      name: Of the table.
      path: What `--data` names.
      label: What `--label` names.
      task: The task that the label tells; None where the table is refused.
      options: What else is asked for, by `Request`'s names.
      columns: Kind and use that are expected of some columns, such as ``numeric feature``;
        only the use where the kind may be argued about.
      settings: Values that are expected of the ingestion settings.
      learnable: Whether the columns tell anything of the label; else the model is not blessed.
      refused: Words that the refusal must say, lower case; empty where there is none.
    """

    name: str
    path: Path
    label: str
    task: Task | None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    columns: Mapping[str, str] = dataclasses.field(default_factory=dict)
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    learnable: bool = True
    refused: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """What follows ``millrace init`` on a command line."""
        name = self.name.replace("_", "-")
        words = ["--data", str(self.path), "--label", self.label, "--name", name]
        for name, value in self.options.items():
            option = {"column_names": "columns"}.get(name, name)
            for text in [value] if isinstance(value, str) else [",".join(value)]:
                words += [f"--{option}", text]
        return words


def write_csv(
    path: Path,
    header: Sequence[str] | None,
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ",",
    quote: str = '"',
    end: str = "\n",
    encoding: str = "utf-8",
) -> Path:
    """Writes a CSV file; None becomes an empty field.

    Args:
      path: The file; its folder is made.
      header: The first line, None for none.
      rows: The rows.
      delimiter: Between two fields.
      quote: Around a field that needs it.
      end: Of a line.
      encoding: Of the text.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quotechar=quote, lineterminator=end)
        if header is not None:
            writer.writerow(header)
        writer.writerows(rows)
    return path
