"""Streets: the walkable network, its file, its exchange with others, and positions on it."""
