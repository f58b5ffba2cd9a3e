"""tf.Examples as bytes, and the TFRecord files that hold them."""
