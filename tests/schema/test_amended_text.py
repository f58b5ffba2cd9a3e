"""Amendments change single places of a text; all else stays, comments above all."""

from __future__ import annotations

import difflib
import random
from collections.abc import Callable

import pytest
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2

from schema.amended_text import NEW, amended_text
from schema.reading import parse_schema
from schema.rendering import render_schema
from tests.schema.made_statistics import SCHEMA


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that were taken out (-) and put in (+)."""
    return [
        line
        for line in difflib.ndiff(before.splitlines(), after.splitlines())
        if line[0] != " " and line[0] != "?"
    ]


def feature(schema: schema_pb2.Schema, name: str) -> schema_pb2.Feature:
    return next(feature for feature in schema.feature if feature.name == name)


def edit(
    change: Callable[[schema_pb2.Schema], object],
    remarks: dict[tuple[str, str], list[str]] | None = None,
    text: str = SCHEMA,
) -> list[str]:
    schema = parse_schema(text, "s")
    change(schema)
    after = amended_text(text, schema, remarks or {})
    assert parse_schema(after, "after") == schema
    return changed_lines(text, after)


def test_a_changed_number_changes_its_line_and_keeps_its_comment() -> None:
    def relax(schema: schema_pb2.Schema) -> None:
        feature(schema, "payment").presence.min_fraction = 0.5

    assert edit(relax, {("payment", "presence"): ["ada: relaxed"]}) == [
        "+   # ada: relaxed",
        "-   presence { min_fraction: 0.9 min_count: 1 } # nearly always",
        "+   presence { min_fraction: 0.5 min_count: 1 } # nearly always",
    ]


def test_a_value_joins_a_domain_below_its_comment() -> None:
    def add(schema: schema_pb2.Schema) -> None:
        schema.string_domain[0].value.append('"Shells"')

    assert edit(add, {("payment", "value"): ["ada: added", "  wrapped"]}) == [
        "+   # ada: added",
        "+   #   wrapped",
        '+   value: "\\"Shells\\""',
    ]


def test_a_block_on_one_line_keeps_its_layout() -> None:
    def relax(schema: schema_pb2.Schema) -> None:
        hour = feature(schema, "hour")
        hour.int_domain.max = 25
        hour.presence.Clear()
        hour.presence.min_count = 0
        hour.value_count.max = 1

    assert edit(relax, {("hour", "int_domain"): ["one"], ("hour", "value_count"): ["two"]}) == [
        "+ # one",
        "+ # two",
        '- feature { name: "hour" type: INT presence { min_count: 1 }'
        " int_domain { min: 0 max: 23 } }",
        '+ feature { name: "hour" type: INT presence { min_count: 0 }'
        " int_domain { min: 0 max: 25 } value_count { max: 1 } }",
    ]


def test_a_value_count_takes_the_line_of_a_shape() -> None:
    def open_shape(schema: schema_pb2.Schema) -> None:
        count = feature(schema, "fare").value_count
        count.min, count.max = 0, 1

    assert edit(open_shape) == [
        "-   shape { dim { size: 1 } }",
        "+   value_count { min: 0 max: 1 }",
    ]


def test_a_field_that_goes_takes_its_line_along() -> None:
    def clear(schema: schema_pb2.Schema) -> None:
        feature(schema, "payment").presence.ClearField("min_fraction")
        feature(schema, "fare").ClearField("float_domain")

    assert edit(clear, {("fare", "float_domain"): ["gone"]}) == [
        "-   presence { min_fraction: 0.9 min_count: 1 } # nearly always",
        "+   presence { min_count: 1 } # nearly always",
        "-   float_domain { min: 0.0 max: 100.0 }",
        "+   # gone",
    ]


def test_new_features_and_domains_come_after_the_last_ones() -> None:
    def add(schema: schema_pb2.Schema) -> None:
        schema.feature.add(name="zone", type=schema_pb2.BYTES, domain="zone")
        schema.string_domain.add(name="zone", value=["N"])

    assert edit(add, {("zone", NEW): ["new"]}) == [
        "+ # new",
        "+ feature {",
        '+   name: "zone"',
        "+   type: BYTES",
        '+   domain: "zone"',
        "+ }",
        "+ ",
        "+ ",
        "+ # new",
        "+ string_domain {",
        '+   name: "zone"',
        '+   value: "N"',
        "+ }",
    ]


def test_the_first_domain_goes_to_the_end_of_the_file() -> None:
    def add(schema: schema_pb2.Schema) -> None:
        schema.string_domain.add(name="a", value=["x"])

    assert edit(add, text='feature { name: "a" }') == [
        "+ ",
        "+ string_domain {",
        '+   name: "a"',
        '+   value: "x"',
        "+ }",
    ]


ODD_LAYOUTS = [
    'feature <name:"a",type:INT;int_domain{min:-1,max: - 5}>;string_domain{name:"d" value:["x"]}',
    'feature: [{name: "a" type: INT int_domain: {max: 5, min: -1}}]\nstring_domain { name: "d"\n}',
    'feature {\r\n  name: "a" # x\r\n  type: INT int_domain {\r\n    min: -1 # low\r\n    max: 5'
    ' } # {\r\n}\r\nstring_domain {\r\n  value: "x" name: "d" # }\r\n}\r\n',
    '  feature { name: "a" type: INT int_domain { } presence { } }\n'
    'string_domain { name: "d" value: "x" "y" }',
    'string_domain { value: "x"; name: "d"; } feature { int_domain { min:-1 max:5 }\n name: "a" }',
]


@pytest.mark.parametrize("text", ODD_LAYOUTS)
def test_every_layout_can_be_edited(text: str) -> None:
    text = text.replace("max: - 5", "max: 5")
    schema = parse_schema(text, "s")
    a = schema.feature[0]
    a.int_domain.min, a.int_domain.max = -7, 70
    a.presence.min_fraction = 0.5
    a.value_count.max = 3
    a.annotation.tag.append("t")
    schema.string_domain[0].value.extend(["y", "z"])
    schema.feature.add(name="b", type=schema_pb2.FLOAT)
    schema.string_domain.add(name="e", value=["v"])
    remarks = {
        ("a", field): [f"remark {field}"]
        for field in ("int_domain", "presence", "value_count", "annotation")
    } | {("d", "value"): ["remark joined"], ("b", NEW): ["remark b"], ("e", NEW): ["remark e"]}

    after = amended_text(text, schema, remarks)

    assert parse_schema(after, "after") == schema
    assert all(after.count(f"# {line}") == 1 for lines in remarks.values() for line in lines)
    for comment in ("# x", "# low", "# {", "# }"):
        assert (comment in after) == (comment in text)
    if "\r\n" in text:
        assert after.count("\n") == after.count("\r\n")


def test_values_that_go_are_taken_out() -> None:
    def drop(schema: schema_pb2.Schema) -> None:
        schema.string_domain[0].value.remove("Cash")

    assert edit(drop) == ['-   value: "Cash"']


def change_at_random(draw: random.Random, feature: schema_pb2.Feature) -> None:
    """Sets or clears a few fields of a feature."""
    for _ in range(draw.randint(1, 4)):
        match draw.randrange(9):
            case 0:
                feature.presence.min_fraction = draw.random()
            case 1:
                feature.presence.min_count = draw.randint(0, 3)
            case 2:
                feature.ClearField("presence")
            case 3:
                feature.value_count.min, feature.value_count.max = 0, draw.randint(1, 5)
            case 4:
                feature.shape.dim.add(size=draw.randint(1, 3))
            case 5:
                feature.int_domain.min, feature.int_domain.max = -draw.randint(0, 9), 9
            case 6:
                feature.string_domain.value.append(draw.choice(['a"', "#b", "}c", "d'"]))
            case 7:
                feature.not_in_environment.append("SERVING")
            case 8:
                feature.ClearField("value_count")


def write_at_random(draw: random.Random, schema: schema_pb2.Schema) -> str:
    """Writes a schema in one of many layouts, with comments that look like fields."""
    match draw.randrange(4):
        case 0:
            return render_schema(schema, ["name: { }"])
        case 1:
            pointed = draw.random() < 0.5
            return text_format.MessageToString(schema, as_one_line=True, pointy_brackets=pointed)
    lines = text_format.MessageToString(schema).splitlines()
    return "\n".join(line + draw.choice(["", " # } c {", "\n\n# between }"]) for line in lines)


def test_random_changes_are_written_into_random_layouts() -> None:
    for seed in range(300):
        draw = random.Random(seed)
        schema = schema_pb2.Schema(default_environment=["TRAINING"])
        for place in range(draw.randint(1, 3)):
            made = schema.feature.add(name=f"f{place}", type=schema_pb2.INT)
            change_at_random(draw, made)
        text = write_at_random(draw, schema)
        text_format.Parse(text, schema := schema_pb2.Schema())
        for made in schema.feature:
            change_at_random(draw, made)
        remarks = {("f0", field.name): ["a remark }"] for field in made.DESCRIPTOR.fields}

        after = amended_text(text, schema, remarks)

        assert text_format.Parse(after, schema_pb2.Schema()) == schema, seed
