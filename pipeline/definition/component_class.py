"""From a dotted name to a TFX component class that nodes can be made of."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from core import errors
from core.deferred_imports import UNUSED_LOCALLY, deferred
from pipeline.extensions.failures import project_lines
from pipeline.extensions.modules import imports_all_of_tfx

if TYPE_CHECKING:
    from tfx.dsl.components.base.base_component import BaseComponent


def component_class(dotted: str) -> type[BaseComponent]:
    """Imports a component.

    Args:
      dotted: ``module.Name`` of a class, or of a function that TFX's ``@component`` made one of.

    Raises:
      errors.UserError: If the module cannot be imported, has no such name, or it is no
        component that Millrace can run.
    """
    from tfx.dsl.components.base import base_component, executor_spec

    module_name, _, name = dotted.rpartition(".")
    module = _imported(module_name)
    try:
        found: Any = getattr(module, name)
    except AttributeError:
        near = errors.nearest(name, vars(module))
        raise errors.UserError(
            f"the module {module_name} has no {name}",
            evidence=[f"looked in {getattr(module, '__file__', module_name)}"],
            hint=f"did you mean {near}?" if near else f"define {name} there",
            code="own-module",
        ) from None
    if not (isinstance(found, type) and issubclass(found, base_component.BaseComponent)):
        raise _no_component(dotted, found)
    # A class that executes in a container of its own has another kind.
    spec: Any = getattr(found, "EXECUTOR_SPEC", None)
    if not isinstance(spec, executor_spec.ExecutorClassSpec):
        raise errors.UserError(
            f"{dotted} does not run in Python",
            evidence=[f"its EXECUTOR_SPEC is a {type(spec).__name__}"],
            hint="write it as a class with a Python executor, or a function with @component",
            code="own-component",
        )
    kind: type[BaseComponent] = found
    return kind


def _no_component(dotted: str, found: Any) -> errors.UserError:
    if callable(found) and not isinstance(found, type):
        hint = "put TFX's @component above it (from tfx.v1.dsl.components import component)"
        kind = "a function without @component"
    else:
        hint = "name a subclass of tfx.v1.types.BaseComponent, or a @component function"
        kind = f"a {type(found).__name__}" if not isinstance(found, type) else "another class"
    return errors.UserError(
        f"{dotted} is no TFX component", evidence=[f"it is {kind}"], hint=hint, code="own-component"
    )


def import_tfx_for(modules: Iterable[str]) -> None:
    """Imports ``tfx.v1`` where some modules will, without the cloud's client in it.

    That client takes three quarters of the time, and hardly anybody uses it.

    Args:
      modules: The project's own modules.
    """
    if imports_all_of_tfx(modules):
        with deferred((*UNUSED_LOCALLY, "google.cloud.aiplatform")):
            importlib.import_module("tfx.v1")


def _imported(module: str) -> Any:
    import_tfx_for((module,))
    try:
        return importlib.import_module(module)
    # SystemExit as well: a script without a guard must not end us.
    except (Exception, SystemExit) as error:
        raise import_failure(module, error) from error


def import_failure(module: str, error: BaseException) -> errors.UserError:
    """The refusal of a module that cannot be imported, with the line that is to blame.

    Args:
      module: The module.
      error: What importing it raised.
    """
    lines = str(error).strip().splitlines() or [""]
    return errors.UserError(
        f"the module {module} cannot be imported: {type(error).__name__}: {lines[0][:300]}",
        evidence=[*(line.strip()[:300] for line in lines[1:4]), *project_lines(error)[-1:]],
        hint="it must import by itself: python -c 'import " + module + "'",
        code="own-module",
    )
