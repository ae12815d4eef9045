"""Files: what other programs open."""
