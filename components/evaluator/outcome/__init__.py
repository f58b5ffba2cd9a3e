"""What an evaluation left behind, read without TensorFlow: metrics, bounds, slices, gates."""
