"""OpenStreetMap: extracts and Overpass answers become streets, areas and facilities."""
