"""Statistics for one person: what goes with their twitching, whether a remedy helps, how a treatment answers.

Numbers and dates in, numbers and verdicts out. A link is not a cause, and too little data is said to be too little.
"""
