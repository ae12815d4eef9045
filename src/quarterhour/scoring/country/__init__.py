"""A country, tile by tile: how far a tile has to reach, and what it answers."""
