"""Pusher: TFX's, with pushes that are whole or absent and numbers that are never taken twice."""
