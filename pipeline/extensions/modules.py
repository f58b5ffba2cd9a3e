"""The project's own modules: where they lie, what they are made of, without importing them.

Asking must not import: a module of the project may import TensorFlow, and a command
reads a configuration in a fraction of the time that takes.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.machinery
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from core import errors
from pipeline.extensions.files import files_digest, named_files

# Millrace's own packages.
OUR_PACKAGES = (
    "core",
    "schema",
    "preprocessing",
    "models",
    "components",
    "metadata",
    "registry",
    "report",
    "pipeline",
    "kubeflow",
    "onboarding",
    "cli",
)


def source_file(module: str) -> Path | None:
    """The file of a module, found without importing it or the packages above it.

    Args:
      module: A dotted name.

    Returns:
      The ``.py`` file (``__init__.py`` of a package); None where there is none.
    """
    if module.partition(".")[0] in sys.builtin_module_names:
        return None
    search: list[str] | None = None
    found: Path | None = None
    for part in module.split("."):
        # By its last name alone: a dotted one asks for the package above it.
        spec = importlib.machinery.PathFinder.find_spec(part, search)
        if spec is None:
            return None
        search = _folders(spec, part, search)
        found = Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    return found


def _folders(
    spec: importlib.machinery.ModuleSpec, part: str, search: list[str] | None
) -> list[str]:
    """Where the modules of a package are looked for."""
    if spec.submodule_search_locations is None:
        return []
    if spec.loader is not None:
        return list(spec.submodule_search_locations)
    # Without an ``__init__``: its own list of folders asks the imported package above it.
    places = [Path(folder, part) for folder in (sys.path if search is None else search)]
    return [str(place) for place in places if place.is_dir()]


def own_sources(module: str) -> tuple[Path, ...]:
    """The files that a module of the project is made of: its own, and those that it imports.

    Args:
      module: A dotted name.

    Returns:
      Its file and the files of the project that it imports, directly or not, sorted; of
      a module that is installed, the files of its own package. Empty where it does not exist.
    """
    return imported_files(module, lambda name: None)


def imported_files(module: str, visit: Callable[[str], None]) -> tuple[Path, ...]:
    """As `own_sources`.

    Args:
      module: A dotted name.
      visit: Called with the name of everything that these files import, and with the module's.
    """

    def file_of(name: str) -> Path | None:
        visit(name)
        return _file_beside(name, module)

    return _sources([module], file_of)


def _sources(modules: Iterable[str], file_of: Callable[[str], Path | None]) -> tuple[Path, ...]:
    """The files of modules and of what they import, those that have one, sorted."""
    found = set()
    waiting = list(modules)
    seen = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path = file_of(name)
        if path is None:
            continue
        found.add(path)
        waiting.extend(_imported(path, name))
        # Packages above it run first.
        waiting.extend([name.rpartition(".")[0]] if "." in name else [])
    return tuple(sorted(found))


def _file_beside(name: str, module: str) -> Path | None:
    path = source_file(name)
    if path is None:
        return None
    near = name.partition(".")[0] == module.partition(".")[0]
    return path if near or is_project_file(path) else None


def is_project_file(path: Path) -> bool:
    """Whether a file is the project's: neither Python's, nor installed, nor Millrace's."""
    text = str(path)
    return not any(text.startswith(f"{folder}/") for folder in _foreign_folders())


@functools.cache
def _foreign_folders() -> tuple[str, ...]:
    folders = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    here = Path(__file__).absolute().parents[2]
    folders |= {str(here / name) for name in (*OUR_PACKAGES, "tests", "benchmarks")}
    folders |= {str(Path(folder).resolve()) for folder in folders}
    return tuple(sorted(folders))


def _imported(path: Path, module: str) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    is_package = path.name == "__init__.py"
    for node in _running(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")
                above = above[: len(above) - node.level + is_package]
                base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            # A name may be a module of the package.
            yield from (f"{base}.{alias.name}" for alias in node.names if base)


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """All of a tree but what only type checkers read."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def imports_all_of_tfx(modules: Iterable[str]) -> bool:
    """Whether some modules of the project, or what they import of it, import ``tfx.v1``."""
    for module in modules:
        # Looking through TFX itself takes half a second.
        found = [module] if module.partition(".")[0] == "tfx" else _all_imports(module)
        if any(name == "tfx.v1" or name.startswith("tfx.v1.") for name in found):
            return True
    return False


def _all_imports(module: str) -> Iterator[str]:
    for path in own_sources(module):
        yield from _imported(path, module)


def sources_digest(modules: tuple[str, ...]) -> str:
    """A digest of the files that some modules of the project are made of.

    Args:
      modules: Dotted names; one that does not exist counts as empty. What they import of
        Millrace and the files that they name count as well; TFX's own count by their
        version, which is in every digest.
    """
    digest = hashlib.sha256()
    for module in modules:
        if module.partition(".")[0] == "tfx":
            continue
        own = own_sources(module)
        for path in (*own, *millrace_sources(own)):
            digest.update(f"{module}/{path.name}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        project = project_of([module])
        if project is not None:
            digest.update(files_digest(named_files(own, project), project).encode())
    return digest.hexdigest()[:16]


def covered_files(modules: Iterable[str]) -> tuple[Path, ...]:
    """The files of the project that `sources_digest` covers."""
    found: set[Path] = set()
    for module in modules:
        own = own_sources(module)
        found.update(own)
        if (project := project_of([module])) is not None:
            found.update(named_files(own, project))
    return tuple(sorted(found))


def project_of(modules: Iterable[str]) -> Path | None:
    """The folder that modules of the project lie in; None where none of them is the project's."""
    for module in modules:
        path = source_file(module)
        if path is not None and is_project_file(path):
            return path.parents[module.count(".") + (path.name == "__init__.py")]
    return None


def millrace_sources(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files of Millrace that files of the project import, directly or not, sorted.

    Args:
      paths: Files of the project.
    """
    # A relative name may be taken for Millrace's; too much in a digest does no harm.
    named = {name for path in paths for name in _imported(path, "") if _is_millraces(name)}
    return _millrace_files(tuple(sorted(named)))


@functools.cache
def _millrace_files(modules: tuple[str, ...]) -> tuple[Path, ...]:
    return _sources(modules, lambda name: source_file(name) if _is_millraces(name) else None)


def _is_millraces(module: str) -> bool:
    return module.partition(".")[0] in OUR_PACKAGES


def check_module(module: str, name: str, project: Path) -> None:
    """Refuses a module that cannot be imported, or does not have what is asked of it.

    Only what shows without importing: the file, its syntax, and, in a file of the project
    that imports nothing by a star, the name.

    Args:
      module: The module's dotted name.
      name: What it must have, such as ``preprocessing_fn``.
      project: The project's folder, for the words.

    Raises:
      errors.UserError: With the nearest name where there is one.
    """
    path = source_file(module)
    if path is None:
        raise _missing(module, project)
    if not is_project_file(path):
        return
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        raise errors.UserError(
            f"the module {module} is not valid Python: {error.msg}",
            evidence=[f"at {path}:{error.lineno}", *([error.text.strip()] if error.text else [])],
            code="own-module",
        ) from None
    except ValueError as error:
        raise errors.UserError(
            f"the module {module} is not valid Python: {error}", code="own-module"
        ) from None
    known = _defined(tree)
    if known is None or name in known:
        return
    near = errors.nearest(name, known)
    raise errors.UserError(
        f"the module {module} has no {name}",
        evidence=[f"looked in {path}"],
        hint=f"did you mean {near}?" if near else f"define {name} there",
        code="own-module",
    )


def _missing(module: str, project: Path) -> errors.UserError:
    parts = module.split(".")
    # How far the name leads.
    depth = next(
        (size for size in range(len(parts) - 1, 0, -1) if _exists(".".join(parts[:size]))), 0
    )
    folder = project.joinpath(*parts[:depth])
    known = (
        [item.stem for item in folder.iterdir() if item.suffix == ".py" or item.is_dir()]
        if folder.is_dir()
        else []
    )
    near = errors.nearest(parts[depth], known)
    meant = ".".join((*parts[:depth], near, *parts[depth + 1 :])) if near else ""
    return errors.UserError(
        f"there is no module {module}",
        evidence=[f"modules of your own are looked for in {project}"],
        hint=f"did you mean {meant}?" if near else "put it there, or correct the name",
        code="own-module",
    )


def _exists(module: str) -> bool:
    search: list[str] | None = None
    for part in module.split("."):
        spec = importlib.machinery.PathFinder.find_spec(part, search)
        if spec is None:
            return False
        search = _folders(spec, part, search)
    return True


def _defined(tree: ast.Module) -> set[str] | None:
    """The names that a module defines at its top; None where they cannot be told."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return None
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return None if "__getattr__" in names else names
