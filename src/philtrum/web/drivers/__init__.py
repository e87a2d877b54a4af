"""The page that says what goes with the twitching: the diary's day table weighed by `philtrum.nof1`."""
