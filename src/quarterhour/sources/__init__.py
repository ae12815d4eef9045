"""Sources: files and services that streets, areas and facilities are read from."""
