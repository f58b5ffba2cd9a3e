"""Imports that wait until somebody uses them.

TFX and TFMA import clients and viewers (Kubernetes, Docker, notebooks, language
toolkits) at their top that a pipeline on this machine hardly ever touches. Together they
are a fifth of the import time and a hundred megabytes. While `deferred` is
active, importing one of them gives a stand-in; the first real use of the stand-in
afterwards imports the module and hands everything on to it.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# What TFX 1.16 and TFMA 0.47 import at their top and use only in components,
# launchers and notebook views that run elsewhere.
UNUSED_LOCALLY = (
    "IPython",
    "docker",
    "ipywidgets",
    "kfp",
    "kubernetes",
    "nltk",
    "pymongo",
    "rouge_score",
    "sacrebleu",
)


class _StandIn(types.ModuleType):
    """Stands for a module or for anything in it, until `_Finder` is done."""

    def __init__(self, name: str, finder: _Finder) -> None:
        super().__init__(name)
        self.__path__ = []
        self.__dict__["_finder"] = finder

    def _real(self) -> Any:
        parts = self.__name__.split(".")
        for length in range(len(parts), 0, -1):
            try:
                found: Any = importlib.import_module(".".join(parts[:length]))
            except ModuleNotFoundError:
                continue
            for part in parts[length:]:
                found = getattr(found, part)
            return found
        raise ModuleNotFoundError(f"No module named {parts[0]!r}", name=parts[0])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        finder = self.__dict__["_finder"]
        full_name = f"{self.__name__}.{name}"
        if finder.active:
            return _StandIn(full_name, finder)
        if self.__name__.partition(".")[0] not in sys.modules:
            if full_name in finder.answers:
                return finder.answers[full_name]
            if any(known.startswith(f"{full_name}.") for known in finder.answers):
                return _StandIn(full_name, finder)
        return getattr(self._real(), name)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        if not self.__dict__["_finder"].active:
            return self._real()(*args, **keywords)
        # At import time only decorators are called, or what makes them. What is decorated
        # was defined where the call stands: leave it as it is.
        place = sys._getframe(1).f_globals.get("__name__")
        if len(args) == 1 and isinstance(args[0], (type, types.FunctionType)):
            return args[0] if args[0].__module__ == place else self
        return self

    def __getitem__(self, key: Any) -> Any:
        # In annotations and Beam's type hints, such as KV[int, str].
        return self if self.__dict__["_finder"].active else self._real()[key]

    def __or__(self, other: Any) -> Any:
        return self if self.__dict__["_finder"].active else self._real() | other

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()

    def __instancecheck__(self, value: Any) -> bool:
        return not self.__dict__["_finder"].active and isinstance(value, self._real())


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, names: Sequence[str], answers: Mapping[str, Any]) -> None:
        self.active = True
        self.answers = answers
        self._names = tuple(name for name in names if name not in sys.modules)

    def covers(self, name: str) -> bool:
        return any(name == known or name.startswith(known + ".") for known in self._names)

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not self.covers(fullname):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StandIn(spec.name, self)

    def exec_module(self, module: types.ModuleType) -> None:
        """A stand-in has nothing to execute."""


@contextlib.contextmanager
def deferred(
    names: Sequence[str] = UNUSED_LOCALLY, answers: Mapping[str, Any] = types.MappingProxyType({})
) -> Iterator[None]:
    """Defers the import of some packages while the block imports others.

    After the block a plain ``import`` of any of them gives the real package; modules
    that were imported inside keep stand-ins, which turn into the real thing on
    first use.

    Args:
      names: Top-level packages; those imported already are left alone.
      answers: What to give, by dotted name, in the place of the same in a package that
        nobody has imported yet: a function so small that it is not worth the import.
    """
    finder = _Finder(names, answers)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        finder.active = False
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if finder.covers(name)]:
            del sys.modules[name]


class _ShallowPackage(types.ModuleType):
    """A package whose ``__init__`` runs when somebody asks for what it defines."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        full_name = f"{self.__name__}.{name}"
        if importlib.util.find_spec(full_name) is not None:
            return importlib.import_module(full_name)
        _run_init(self)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None


def _run_init(module: types.ModuleType) -> None:
    # An ordinary module from here on: what it lacks, it lacks.
    module.__class__ = types.ModuleType
    assert module.__spec__ is not None
    assert module.__spec__.loader is not None
    module.__spec__.loader.exec_module(module)


def shallow_package(name: str) -> None:
    """Makes a package whose modules can be imported without all that its ``__init__`` imports.

    ``import package.module`` imports that module alone; ``from package import Name``
    runs the package's ``__init__`` first, as usual. A package that was imported
    already is left alone.

    Args:
      name: The package's dotted name.

    Raises:
      ModuleNotFoundError: If there is no such package.
    """
    if name in sys.modules:
        return
    spec = importlib.util.find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(f"No package named {name!r}", name=name)
    module = _ShallowPackage(name)
    module.__spec__ = spec
    module.__path__ = spec.submodule_search_locations
    module.__package__ = name
    module.__file__ = spec.origin
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)
