"""Texts as single lines, which is what a vocabulary file holds, and back again.

tf.Transform leaves texts with line ends out of its vocabularies without a word, and all
of them then share the indices of the unknown. So line ends are written with an escape
before the vocabulary and before the look-up, in training and in serving alike. The escape
is U+0010, the control character that is called so ("data link escape"), not a backslash:
texts that people write, paths of Windows among them, stay as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf

_ESCAPE = "\x10"
# The escape itself first, so that no two texts become one.
_WRITTEN = {_ESCAPE: "e", "\n": "n", "\r": "r"}
_READ = {letter: character for character, letter in _WRITTEN.items()}


def one_line(texts: tf.Tensor) -> tf.Tensor:
    """Writes each text, of any bytes and length, without line ends; string, any shape."""
    import tensorflow as tf

    for character, letter in _WRITTEN.items():
        texts = tf.strings.regex_replace(texts, character, _ESCAPE + letter)
    return texts


def original(line: str) -> str:
    """The text that `one_line` wrote as a line."""
    return re.sub(f"{_ESCAPE}(.)", lambda found: _READ.get(found[1], found[0]), line)
