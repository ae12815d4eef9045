"""Pictures of an answer: figures, the map, the report."""
