"""philtrum in the browser: a Django project that serves one person on their own machine.

Holds rows, access, pages and the worker; no clinical or numerical logic.
"""
