"""Diaries and measurements of other apps, read into records whose ids follow from their content.

The same file read twice gives the same ids, so that nothing is stored twice.
"""
