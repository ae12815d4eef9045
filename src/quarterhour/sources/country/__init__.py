"""An extract too large for one machine: surveyed in one pass, divided, cut into tiles."""
