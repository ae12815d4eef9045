"""The electronic map: one page that needs no network."""
