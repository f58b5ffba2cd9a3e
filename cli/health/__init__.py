"""What `millrace doctor` looks at. Nothing here imports TensorFlow into this process."""
