"""Checks a package against the rules of the server, before it is written, sent or run."""

from __future__ import annotations

import itertools

from core import errors
from kubeflow.package.checks.containers import check_containers
from kubeflow.package.checks.pipeline import check_pipeline
from kubeflow.package.checks.platform import check_platform
from kubeflow.package.checks.problem import Problem
from kubeflow.package.checks.tasks import check_tasks
from kubeflow.package.package import Package

_MOST_SHOWN = 10


def problems(package: Package) -> list[Problem]:
    """All rules that a package breaks; none where it is sound.

    Args:
      package: The package.
    """
    return list(
        itertools.chain(
            check_pipeline(package.spec),
            check_tasks(package.spec),
            check_containers(package),
            check_platform(package),
        )
    )


def check_package(package: Package) -> None:
    """Refuses a package that the server would refuse, or could not run.

    Args:
      package: The package.

    Raises:
      errors.UserError: With the first broken rule as its code and headline, the others as
        evidence; each names the task, parameter or executor.
    """
    found = problems(package)
    if not found:
        return
    others = [str(problem) for problem in found[1 : _MOST_SHOWN + 1]]
    if len(found) > _MOST_SHOWN + 1:
        others.append(f"and {len(found) - _MOST_SHOWN - 1} more")
    raise errors.UserError(
        f"Kubeflow would not run this package: {found[0]}",
        evidence=others,
        hint="correct the configuration and compile again: `millrace kubeflow compile CONFIG`",
        code=f"package-{found[0].code}",
    )
