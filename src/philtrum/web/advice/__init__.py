"""The check-up with its result, the signs of an emergency, and the pages to understand what there is."""
