"""Readers: what a file or a service holds, as networks and tables that keep the contracts."""
