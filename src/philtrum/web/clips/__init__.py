"""Clips and what was measured in them: upload, queue, progress, result, removal."""
