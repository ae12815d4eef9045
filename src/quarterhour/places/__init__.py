"""Places: what tables of areas, facilities and origins are, and the datum of their coordinates."""
