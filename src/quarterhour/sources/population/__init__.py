"""Where people live, as others have counted them: points, polygons, cells, rasters."""
