"""Free text as tokens: words and n-grams, on tensors of any bytes."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class Tokens(NamedTuple):
    """The tokens of a batch of texts, one after another.

    Attributes:
      texts: string [tokens].
      places: int64 [tokens, 2]: each token's row and its place in the row.
      rows: The number of rows, int64 scalar.
    """

    texts: tf.Tensor
    places: tf.Tensor
    rows: tf.Tensor


def tokens_of(texts: tf.Tensor, ngrams: int, longest: int) -> Tokens:
    """Takes texts apart into lower-case words and the n-grams that begin with each.

    A word is a run of letters, marks and digits of any script. Tokens come in the
    order of the text: a word, the word with its next one, and so on, then the same for
    the next word; no n-gram reaches over the end of a text.

    Args:
      texts: string [batch], any bytes; those that are not UTF-8 are letters like no other.
      ngrams: The most words of a token.
      longest: How many tokens of each text are kept.
    """
    # Separators go first: a zero byte would end the text for tf.strings.lower.
    spaced = tf.strings.regex_replace(texts, r"[^\pL\pM\pN]+", " ")
    words = tf.strings.split(tf.strings.lower(spaced, encoding="utf-8"))
    rows = words.nrows(out_type=tf.int64)
    row = words.value_rowids()
    joined, candidates, begins = (
        words.flat_values,
        [words.flat_values],
        [tf.ones_like(row, tf.bool)],
    )
    for size in range(2, ngrams + 1):
        joined = tf.strings.join([joined, _shifted(words.flat_values, size - 1, "")], " ")
        candidates.append(joined)
        begins.append(row == _shifted(row, size - 1, -1))
    kept = tf.stack(begins, axis=1)
    token_rows = tf.boolean_mask(tf.tile(row[:, tf.newaxis], [1, ngrams]), kept)
    starts = tf.searchsorted(token_rows, tf.range(rows), out_type=tf.int64)
    numbers = tf.range(tf.size(token_rows, out_type=tf.int64))
    places = numbers - tf.gather(starts, token_rows)
    short = places < longest
    return Tokens(
        tf.boolean_mask(tf.boolean_mask(tf.stack(candidates, axis=1), kept), short),
        tf.boolean_mask(tf.stack([token_rows, places], axis=1), short),
        rows,
    )


def bag(tokens: Tokens, values: tf.Tensor, longest: int) -> tf.Tensor:
    """Puts the tokens' values into rows.

    Args:
      tokens: The tokens.
      values: int64 [tokens], each at least 1.
      longest: As given to `tokens_of`.

    Returns:
      int64 [batch, longest], 0 where a text has no more tokens.
    """
    shape = tf.stack([tokens.rows, tf.constant(longest, tf.int64)])
    return tf.ensure_shape(tf.scatter_nd(tokens.places, values, shape), [None, longest])


def _shifted(values: tf.Tensor, by: int, filler: str | int) -> tf.Tensor:
    """The values that stand so many places further on."""
    end = tf.fill([tf.minimum(by, tf.size(values))], tf.constant(filler, values.dtype))
    return tf.concat([values[by:], end], axis=0)
