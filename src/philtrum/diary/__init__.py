"""What a person writes down over time, and the day table made from it.

Knows numbers and dates; knows neither the web nor a database.
"""
