"""Isochrones: the area within a walk, traced by the search that times walks."""
