"""Folders of images as TFRecord files of tf.Examples."""
