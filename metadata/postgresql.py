r"""A PostgreSQL store that may be told backslashes.

ML Metadata 1.16 escapes a text with libpq's PQescapeLiteral and takes the first and the
last sign off. That is right for ``'text'``; a text with a backslash comes back as
`` E'text'``, and every statement with it is a syntax error. TFX writes JSON within JSON,
so nearly every execution has one. Here backslashes are stored as another sign, and read
back as what they were.
"""

from __future__ import annotations

from typing import Any

import ml_metadata

# Of Unicode's private area: no text that people or libraries write has it.
STORED_BACKSLASH = "\ue05c"


class PostgresqlMetadataStore(ml_metadata.MetadataStore):
    """ML Metadata's client of a PostgreSQL database."""

    def _call_method(self, method_name: str, request: Any, response: Any) -> None:
        sent = type(request)()
        sent.CopyFrom(request)
        replace_in_texts(sent, "\\", STORED_BACKSLASH)
        super()._call_method(method_name, sent, response)
        replace_in_texts(response, STORED_BACKSLASH, "\\")


def replace_in_texts(message: Any, old: str, new: str) -> None:
    """Replaces a sign in all text values of a protobuf message, in place.

    Args:
      message: The message; the keys of its maps stay as they are.
      old: What is replaced.
      new: What takes its place.
    """
    for field, value in message.ListFields():
        is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
        if is_map:
            if field.message_type.fields_by_name["value"].message_type is not None:
                for item in value.values():
                    replace_in_texts(item, old, new)
        elif field.type == field.TYPE_MESSAGE:
            for item in value if field.label == field.LABEL_REPEATED else (value,):
                replace_in_texts(item, old, new)
        elif field.type == field.TYPE_STRING:
            if field.label == field.LABEL_REPEATED:
                value[:] = [text.replace(old, new) for text in value]
            elif old in value:
                setattr(message, field.name, value.replace(old, new))
