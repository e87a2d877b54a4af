"""Filters for the pages of the diary."""
