"""Standards: items, limits and checklists as data, and which facility serves which item."""
