"""The pages: the check-up, and what there is to understand."""
