"""Outputs: what people look at, and what they hand on."""
