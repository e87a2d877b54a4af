"""How hard a text is to read: Flesch-Kincaid grade (Kincaid et al 1975), years of school that are needed.

Grade 6 is a reading age of about 11 to 12. Terms in round brackets are left
out: the plain word stands before them.
"""

import re

VOWELS = re.compile(r"[aeiouyé]+")


def grade(text):
    """Return the Flesch-Kincaid grade of a text."""
    plain = re.sub(r"\([^)]*\)", "", text)
    sentences = [part for part in re.split(r"[.!?:;]+(?=\s|$)", plain) if re.search(r"[A-Za-z]", part)]
    words = re.findall(r"[A-Za-zé]+(?:['\u2019-][A-Za-zé]+)*", plain)
    if not words:
        return 0.0
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(n_syllables, words)) / len(words) - 15.59


def n_syllables(word):
    """Return the number of syllables, counted from groups of vowels."""
    word = word.lower()
    groups = len(VOWELS.findall(word))
    if word.endswith("e") and not word.endswith(("le", "ee", "ie", "ye")) and groups > 1:
        groups -= 1
    if word.endswith("ed") and not word.endswith(("ted", "ded")) and groups > 1:
        groups -= 1
    if word.endswith("es") and not word.endswith(("ses", "zes", "xes", "ches", "shes", "ges", "ces")) and groups > 1:
        groups -= 1
    return max(1, groups)
