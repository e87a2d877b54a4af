"""Advice for one person: how urgent, what may cause it, which medicine plays a part, what is worth trying.

`knowledge` is read from `knowledge/*.toml`; `facts` are turned into `signs`;
`urgency`, `causes`, `medicines` and `remedies` look at the signs only.
`questions` says what to ask next, `advice` ties all together.
"""
