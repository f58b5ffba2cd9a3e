"""Label expressions: ``tips > 0.2 * fare``, checked when the configuration is read.

The grammar is a small part of Python's: column names (``column("odd name")`` for those
that are no Python names), numbers, texts, ``+ - * /``, comparisons (also chained, and
``in`` a list of constants), ``and``, ``or``, ``not``, and the functions in `FUNCTIONS`.
Python's parser reads the text; nothing of it is ever executed as Python.

The meaning is the same in TensorFlow and in NumPy (`preprocessing.evaluation`):
whole numbers are int64, all others float32, and one float32 makes a sum float32; ``/``
always gives float32. Where a column that the expression reads has no value, or a number
comes out as not-a-number, the result is missing, unless ``default(column, constant)``
fills it or ``missing(column)`` asks for it.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import keyword
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from core.errors import UserError, nearest
from preprocessing import evaluation
from preprocessing.expression_tree import Column, Constant, Kind, Node, Operation

if TYPE_CHECKING:
    import numpy as np

FUNCTIONS = ("abs", "column", "default", "log", "log1p", "max", "min", "missing")
_LARGEST_INTEGER = 2**63 - 1


_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


@dataclasses.dataclass(frozen=True)
class LabelExpression:
    """A checked expression.

    Attributes:
      text: The text it was read from.
      root: The expression's tree.
      columns: The columns it reads, sorted.
    """

    text: str
    root: Node
    columns: tuple[str, ...]

    @property
    def is_column(self) -> bool:
        """Whether it is one plain column."""
        return isinstance(self.root, Column)

    @property
    def is_boolean(self) -> bool:
        """Whether it says yes or no (a plain column may as well; its data will tell)."""
        return self.root.kind == "boolean"

    def check_columns(self, known: Iterable[str]) -> None:
        """Refuses columns that the data does not have.

        Args:
          known: The data's columns.

        Raises:
          UserError: For the first column that is not known, with the nearest one.
        """
        present = list(known)
        for column in _columns(self.root):
            if column.name not in present:
                close = nearest(column.name, present)
                hint = f"did you mean {close!r}?" if close else "columns: " + ", ".join(present)
                if self.text in present:
                    hint = _odd_name_hint(self.text)
                raise _error(self.text, column.offset, f"no column is called {column.name!r}", hint)

    def evaluate_numpy(self, columns: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Computes the label of NumPy columns.

        Args:
          columns: Name to array of shape [rows]: integers, floats (NaN is missing) or
            objects holding str or bytes (None is missing).

        Returns:
          Values of shape [rows] (bool, int64, float32, or object holding str), and a
          boolean array of shape [rows] that is True where the value is missing.

        Raises:
          UserError: If a column's type does not fit what is done with it.
        """
        return evaluation.evaluate_numpy(self.text, self.root, columns)

    def evaluate_tensorflow(self, columns: Mapping[str, Any]) -> tuple[Any, Any]:
        """Computes the label in a TensorFlow graph.

        Args:
          columns: Name to a pair of tensors of shape [batch]: the values (int64,
            float32 or string) and a bool that is True where the value is missing.

        Returns:
          A pair of tensors of shape [batch] as `evaluate_numpy` gives arrays.

        Raises:
          UserError: If a column's type does not fit what is done with it.
        """
        return evaluation.evaluate_tensorflow(self.text, self.root, columns)


def column_expression(name: str) -> str:
    """The expression that means one column, whatever its name."""
    # Python folds some letters of identifiers into others, so only plain ones stand bare.
    if name.isascii() and name.isidentifier() and not keyword.iskeyword(name):
        return name
    return f"column({json.dumps(name, ensure_ascii=False)})"


def parse_label(text: str) -> LabelExpression:
    """Reads and checks a label expression.

    Args:
      text: The expression, on one line; a column's bare name is one, too.

    Returns:
      The checked expression.

    Raises:
      UserError: With the position, if the text is not in the grammar or its types
        cannot fit (a text times a number, a number where yes or no is wanted).
    """
    stripped = text.strip()
    if not stripped:
        raise UserError("the label is empty", hint="name a column", code="label-expression")
    if keyword.iskeyword(stripped) and stripped not in ("True", "False", "None"):
        root: Node = Column(stripped, 0)
        return LabelExpression(stripped, root, (stripped,))
    try:
        tree = ast.parse(stripped, mode="eval")
    except SyntaxError as error:
        raise _error(
            stripped,
            max(0, (error.offset or 1) - 1),
            "this is not an expression",
            _syntax_hint(stripped),
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise _error(stripped, 0, "this is not an expression", _syntax_hint(stripped)) from None
    try:
        root = _Reader(stripped).read(tree.body)
    except RecursionError:
        raise _error(stripped, 0, "this expression is nested too deeply", "") from None
    columns = tuple(sorted({column.name for column in _columns(root)}))
    if not columns:
        raise _error(stripped, 0, "a label must read at least one column", "")
    return LabelExpression(stripped, root, columns)


def _syntax_hint(text: str) -> str:
    if "&&" in text or "||" in text:
        return "write `and`, `or`"
    if "=" in text and not any(sign in text for sign in ("==", "<=", ">=", "!=")):
        return "equality is `==`"
    if not any(sign in text for sign in "+-*/<>=()"):
        return _odd_name_hint(text)
    return "an example: tips > 0.2 * fare"


def _odd_name_hint(text: str) -> str:
    return f"a column with such a name is written {column_expression(text)}"


def _columns(node: Node) -> list[Column]:
    if isinstance(node, Column):
        return [node]
    if isinstance(node, Operation):
        return [column for operand in node.operands for column in _columns(operand)]
    return []


def _error(text: str, offset: int, problem: str, hint: str) -> UserError:
    return UserError(
        f"label expression: {problem} (character {offset + 1})",
        evidence=[text, " " * offset + "^"],
        hint=hint,
        code="label-expression",
    )


class _Reader:
    """Turns Python's syntax tree into ours, refusing what the grammar lacks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, node: ast.expr) -> Node:
        if isinstance(node, ast.Name):
            return Column(self._name(node), self._offset(node))
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node)
        if isinstance(node, ast.BoolOp):
            name = "and" if isinstance(node.op, ast.And) else "or"
            operands = tuple(self._expect(value, "boolean", name) for value in node.values)
            return Operation(name, operands, self._offset(node), "boolean")
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        raise self._refuse(node, "this is not part of a label expression")

    def _offset(self, node: ast.AST) -> int:
        # ast counts UTF-8 bytes; people count characters.
        encoded = self._text.encode()[: getattr(node, "col_offset", 0)]
        return len(encoded.decode(errors="ignore"))

    def _name(self, node: ast.Name) -> str:
        # As it is written: Python's parser folds letters such as a ligature into others.
        return ast.get_source_segment(self._text, node) or node.id

    def _refuse(self, node: ast.AST, problem: str, hint: str = "") -> UserError:
        return _error(self._text, self._offset(node), problem, hint)

    def _constant(self, node: ast.Constant) -> Constant:
        value = node.value
        if isinstance(value, (bool, type(None))) or not isinstance(value, (int, float, str)):
            raise self._refuse(
                node, f"{value!r} is not a number or a text", "numbers and quoted texts only"
            )
        if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
            raise self._refuse(node, "this number does not fit 64 bits")
        return Constant(value, self._offset(node))

    def _expect(self, node: ast.expr, kind: Kind, user: str) -> Node:
        read = self.read(node)
        if read.kind not in (kind, "any"):
            wanted = {"number": "a number", "boolean": "a comparison", "text": "a text"}[kind]
            given = {"number": "a number", "boolean": "yes or no", "text": "a text"}[read.kind]
            raise self._refuse(node, f"`{user}` needs {wanted} here, not {given}")
        return read

    def _arithmetic(self, node: ast.BinOp) -> Operation:
        name = _ARITHMETIC.get(type(node.op))
        if name is None:
            raise self._refuse(node, "this operator is not known", "known: + - * /")
        operands = (
            self._expect(node.left, "number", name),
            self._expect(node.right, "number", name),
        )
        return Operation(name, operands, self._offset(node), "number")

    def _unary(self, node: ast.UnaryOp) -> Node:
        if isinstance(node.op, ast.Not):
            operand = self._expect(node.operand, "boolean", "not")
            return Operation("not", (operand,), self._offset(node), "boolean")
        if isinstance(node.op, ast.Invert):
            raise self._refuse(node, "this operator is not known", "write `not`")
        operand = self._expect(node.operand, "number", "-")
        if isinstance(node.op, ast.UAdd):
            return operand
        if isinstance(operand, Constant):
            assert not isinstance(operand.value, str)
            return Constant(-operand.value, self._offset(node))
        return Operation("negate", (operand,), self._offset(node), "number")

    def _comparison(self, node: ast.Compare) -> Operation:
        left_nodes = [node.left, *node.comparators[:-1]]
        parts = [
            self._one_comparison(left, operator, right)
            for left, operator, right in zip(left_nodes, node.ops, node.comparators, strict=True)
        ]
        if len(parts) == 1:
            return parts[0]
        return Operation("and", tuple(parts), self._offset(node), "boolean")

    def _one_comparison(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Operation:
        if isinstance(operator, (ast.In, ast.NotIn)):
            return self._membership(left, operator, right)
        name = _COMPARISONS.get(type(operator))
        if name is None:
            raise self._refuse(left, "this comparison is not known", "known: < <= > >= == != in")
        first, second = self.read(left), self.read(right)
        for side, read in ((left, first), (right, second)):
            if read.kind == "boolean":
                raise self._refuse(side, f"`{name}` cannot compare yes or no", "write `and`, `or`")
            if read.kind == "text" and name not in ("==", "!="):
                raise self._refuse(side, f"`{name}` cannot order texts", "known: == !=")
        if {first.kind, second.kind} == {"text", "number"}:
            raise self._refuse(left, "a text and a number cannot be compared")
        return Operation(name, (first, second), self._offset(left), "boolean")

    def _membership(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Operation:
        if not isinstance(right, (ast.List, ast.Tuple, ast.Set)) or not right.elts:
            raise self._refuse(right, "`in` needs a list of constants", 'as in ["a", "b"]')
        operands: list[Node] = [self.read(left)]
        for element in right.elts:
            constant = self.read(element)
            if not isinstance(constant, Constant):
                raise self._refuse(element, "`in` needs a list of constants", 'as in ["a", "b"]')
            operands.append(constant)
        kinds = {operand.kind for operand in operands} - {"any"}
        if len(kinds) > 1 or "boolean" in kinds:
            raise self._refuse(left, "`in` compares values of one type, numbers or texts")
        found = Operation("in", tuple(operands), self._offset(left), "boolean")
        if isinstance(operator, ast.NotIn):
            return Operation("not", (found,), self._offset(left), "boolean")
        return found

    def _call(self, node: ast.Call) -> Node:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            close = nearest(name, FUNCTIONS)
            hint = f"did you mean {close!r}?" if close else "known: " + ", ".join(FUNCTIONS)
            if not close and self._text.endswith(")") and node.col_offset == 0:
                hint += f"; {_odd_name_hint(self._text)}"
            raise self._refuse(node, f"there is no function {name!r}", hint)
        if node.keywords:
            raise self._refuse(node, f"{name}() takes no named arguments")
        counts = {"min": (2, 99), "max": (2, 99), "default": (2, 2)}.get(name, (1, 1))
        if not counts[0] <= len(node.args) <= counts[1]:
            raise self._refuse(node, f"{name}() takes {counts[0]} argument(s)")
        offset = self._offset(node)
        if name == "column":
            constant = node.args[0]
            if not isinstance(constant, ast.Constant) or not isinstance(constant.value, str):
                raise self._refuse(node, "column() takes a column's name in quotes")
            return Column(constant.value, offset)
        if name in ("missing", "default"):
            column = self.read(node.args[0])
            if not isinstance(column, Column):
                raise self._refuse(node.args[0], f"{name}() takes a column first")
            if name == "missing":
                return Operation(name, (column,), offset, "boolean")
            filler = self.read(node.args[1])
            if not isinstance(filler, Constant):
                raise self._refuse(node.args[1], "default() takes a constant second")
            return Operation(name, (column, filler), offset, filler.kind)
        operands = tuple(self._expect(argument, "number", name) for argument in node.args)
        return Operation(name, operands, offset, "number")
