"""Walking: paces, the search, and every table of travel times."""
