"""Commands of `philtrum`, one module for each part of the library: parse, call, print.

`philtrum.cli` lists them in `ELSEWHERE` and imports them when they are asked for.
"""
