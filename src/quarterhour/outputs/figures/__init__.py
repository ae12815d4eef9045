"""Figures: pictures on paper."""
