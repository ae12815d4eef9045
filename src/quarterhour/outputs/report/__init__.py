"""The report: a page for a council."""
