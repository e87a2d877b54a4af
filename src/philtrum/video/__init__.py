"""A clip in, a measurement out. Knows no person and no database.

Data flow: `clip` -> `face` -> `zones` -> `motion` -> `voluntary` -> `twitch`
-> `pattern` -> `quality`, put together by `measure`.
"""
