"""YAML of unknown origin as values, within bounds of depth and size.

A few hundred bytes of YAML can stand for more values than any memory holds (aliases of
aliases, or one that holds itself), and deep nesting ends libyaml's composer by a signal.
So the depth is counted while nothing has been built yet, and what aliases stand for before
anybody walks through it. All is refused as PyYAML refuses bad YAML.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import yaml

# What PyYAML lets through of `!!int x`, `!!bool x`, `!!timestamp x`, the 31st of February.
_NOT_OF_ITS_TYPE = (ValueError, LookupError, AttributeError, TypeError, OverflowError)
_MOST_DEPTH = 100
_MOST_NODES = 200_000


def read_yaml(text: str) -> Any:
    """The values of one document, None where it is empty.

    Raises:
      yaml.YAMLError: If the text is no YAML, of more than one document, or out of bounds.
    """
    node = compose(text)
    return None if node is None else construct(node)


def read_documents(text: str) -> list[Any]:
    """The values of all documents but empty ones, by libyaml where it is there.

    Raises:
      yaml.YAMLError: As `read_yaml`.
    """
    import yaml

    _check_depth(text)
    nodes = yaml.compose_all(text, _fast_loader())
    found = [construct(_bounded(node)) for node in nodes if node is not None]
    return [values for values in found if values is not None]


def compose(text: str) -> yaml.Node | None:
    """The nodes of one document with their places, None where it is empty.

    Raises:
      yaml.YAMLError: As `read_yaml`.
    """
    import yaml

    _check_depth(text)
    node = yaml.compose(text, yaml.SafeLoader)
    return None if node is None else _bounded(node)


def construct(node: yaml.Node) -> Any:
    """The values that composed nodes stand for.

    Raises:
      yaml.YAMLError: If a text is not of the type that it says it is.
    """
    import yaml

    try:
        return yaml.constructor.SafeConstructor().construct_document(node)
    except _NOT_OF_ITS_TYPE as error:
        wrong = _wrong_scalar(node) or node
        problem = f"{str(wrong.value)[:60]!r} is not of the type that it is written as"
        raise yaml.constructor.ConstructorError(None, None, problem, wrong.start_mark) from error


def _wrong_scalar(node: yaml.Node) -> yaml.Node | None:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        try:
            yaml.constructor.SafeConstructor().construct_document(node)
        except _NOT_OF_ITS_TYPE:
            return node
        return None
    return next(filter(None, map(_wrong_scalar, _parts(node))), None)


def _parts(node: yaml.Node) -> Iterable[yaml.Node]:
    import yaml

    pairs = isinstance(node, yaml.MappingNode)
    return itertools.chain.from_iterable(node.value) if pairs else node.value


def _fast_loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _check_depth(text: str) -> None:
    import yaml

    depth = 0
    events = yaml.parse(text, _fast_loader())
    while True:
        try:
            event = next(events, None)
        except yaml.YAMLError:
            return  # Whoever composes says it better.
        if event is None:
            return
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_DEPTH:
            problem = f"values are nested more than {_MOST_DEPTH} deep"
            raise _out_of_bounds(problem, event.start_mark)


def _out_of_bounds(problem: str, mark: Any) -> yaml.YAMLError:
    import yaml

    return yaml.composer.ComposerError(None, None, problem, mark)


def _bounded(node: yaml.Node) -> yaml.Node:
    """The node, if what it stands for with its aliases written out has bounds."""
    _size(node, {}, set())
    return node


def _size(node: yaml.Node, known: dict[int, int], above: set[int]) -> int:
    """How many nodes a node is, each alias counted as what it stands for."""
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in known:
        return known[id(node)]
    if id(node) in above:
        raise _out_of_bounds("a value holds itself", node.start_mark)
    above.add(id(node))
    size = 1 + sum(_size(part, known, above) for part in _parts(node))
    above.remove(id(node))
    if size > _MOST_NODES:
        problem = f"with its aliases written out it is more than {_MOST_NODES:,} values"
        raise _out_of_bounds(problem, node.start_mark)
    known[id(node)] = size
    return size
