"""Overture Maps: segments, places, buildings and land use in the words of OpenStreetMap."""
