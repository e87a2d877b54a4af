"""Who may see what: sign-in links, the gate in front of every page, and ownership of rows."""
