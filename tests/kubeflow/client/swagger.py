"""Requests and answers checked against the official description of Kubeflow's API."""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema

FILE = Path(__file__).with_name("kfp_v2beta1.swagger.json")

_formats = jsonschema.FormatChecker(formats=["date-time"])


@_formats.checks("byte", raises=binascii.Error)
def _is_base64(value: object) -> bool:
    return not isinstance(value, str) or base64.b64decode(value, validate=True) is not None


class Violation(Exception):
    """A request, or an answer, that the description does not allow."""


class Swagger:
    """The description, ready to check with."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.paths: Mapping[str, Any] = document["paths"]
        self._definitions = {
            name: _strict(definition) for name, definition in document["definitions"].items()
        }

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        """The path's template and the operation; a Violation where there is none."""
        for template, methods in self.paths.items():
            if _pattern(template).fullmatch(path) and method.lower() in methods:
                return template, methods[method.lower()]
        raise Violation(f"{method} {path}: no such operation")

    def check_request(
        self, method: str, path: str, query: Mapping[str, list[str]], body: Any, files: set[str]
    ) -> str:
        """Checks a request and returns its path's template."""
        template, operation = self.operation(method, path)
        place = f"{method} {template}"
        parameters = {(item["in"], item["name"]): item for item in operation.get("parameters", [])}
        for name, values in query.items():
            known = parameters.get(("query", name))
            if known is None:
                raise Violation(f"{place}: no query parameter {name!r}")
            if len(values) != 1 and known["type"] != "array":
                raise Violation(f"{place}: {name!r} is given {len(values)} times")
            if known["type"] == "integer" and not values[0].isdecimal():
                raise Violation(f"{place}: {name!r} is {values[0]!r}, not an integer")
        wanted = {name for where, name in parameters if where == "formData"}
        if files != wanted:
            raise Violation(f"{place}: form fields {sorted(files)} in place of {sorted(wanted)}")
        schemas = [item["schema"] for item in parameters.values() if item["in"] == "body"]
        if not schemas and body is not None:
            raise Violation(f"{place}: takes no body, got {body!r}")
        for schema in schemas:
            if body is None:
                raise Violation(f"{place}: the body is missing")
            self._check(place, schema, body)
        return template

    def check_answer(self, method: str, template: str, body: Any) -> None:
        """Checks a success's body."""
        answer = self.paths[template][method.lower()]["responses"]["200"]
        self._check(f"answer to {method} {template}", answer["schema"], body)

    def _check(self, place: str, schema: Mapping[str, Any], body: Any) -> None:
        whole = {"definitions": self._definitions, **_strict(schema)}
        validator = jsonschema.Draft4Validator(whole, format_checker=_formats)
        for error in sorted(validator.iter_errors(body), key=lambda found: list(found.path)):
            where = "/".join(str(part) for part in error.absolute_path)
            raise Violation(f"{place}: {where or 'body'}: {error.message[:300]}")


@functools.cache
def swagger() -> Swagger:
    """The description of Kubeflow Pipelines 2.17."""
    return Swagger(json.loads(FILE.read_text(encoding="utf-8")))


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/:]+", re.escape(template)))


def _strict(schema: Any) -> Any:
    """The same schema without unknown keys, and with numbers where int64 text is meant."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "int64" and schema.get("type") == "string":
        return {"type": ["string", "integer"], "pattern": r"^-?\d+$"}
    found = {key: _strict(value) for key, value in schema.items()}
    if "properties" in found and "$ref" not in found:
        found["properties"] = {key: _strict(value) for key, value in schema["properties"].items()}
        found.setdefault("additionalProperties", False)
    return found
