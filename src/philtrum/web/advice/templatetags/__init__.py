"""Words and links for the templates of the advice pages."""
