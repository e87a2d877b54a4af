"""Answers from a person's own days, by `philtrum.nof1`: what drives the twitching, how it answered to treatments."""
