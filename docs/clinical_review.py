"""Write `docs/clinical-review.md`: what a clinician has still to review, drawn from the knowledge files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from philtrum.advice.entries import LEVELS, Exemption, Flag
from philtrum.advice.knowledge import load_knowledge

BASIS = {
    "guideline": "a guideline or official body states this",
    "inferred": "the sources show the danger; the level was chosen here",
    "looked_up": "read in the listed sources",
    "general_knowledge": "nothing was looked up",
}
INTRO = """# What a clinician has still to review

Made by `make docs` from `src/philtrum/advice/knowledge/`; do not edit it by hand. Nothing in philtrum's advice has been
reviewed by a clinician yet. What no guideline states comes first: these levels were chosen by the engineers."""


def render_clinical_review() -> str:
    """Return the document."""
    parts = (_summary, _rules, _exceptions, _causes, _medicines, _remedies, _sources)
    return "\n".join([INTRO, *(line for part in parts for line in part())]) + "\n"


def _summary() -> Iterator[str]:
    knowledge = load_knowledge()
    yield from ("", "| What | " + " | ".join(BASIS) + " |", "| --- |" + " ---: |" * len(BASIS))
    rows = {
        "flags": knowledge.flags,
        "exceptions": knowledge.exemptions,
        "causes": knowledge.causes.values(),
        "medicines": knowledge.medicines,
        "remedies": knowledge.remedies,
    }
    for name, items in rows.items():
        counts = Counter(item.basis for item in items)
        yield f"| {name} | " + " | ".join(str(counts[basis]) for basis in BASIS) + " |"
    yield from ("", "; ".join(f"*{basis}*: {text}" for basis, text in BASIS.items()) + ".")


def _rules() -> Iterator[str]:
    yield from ("", "## Levels that no guideline states", "")
    yield from ("| Level | Rule | Fires with | Says | Basis | Sources |", "| --- | --- | --- | --- | --- | --- |")
    flags = [flag for flag in load_knowledge().flags if flag.basis != "guideline"]
    for flag in sorted(flags, key=lambda flag: (LEVELS.index(flag.level), flag.basis)):
        yield _row(flag.level, f"`{flag.id}`", _condition(flag), flag.text, flag.basis, ", ".join(flag.sources))


def _exceptions() -> Iterator[str]:
    yield from ("", "## Exceptions, which lower a level: review these first", "")
    yield from ("| Lowers | To | When | Says | Sources |", "| --- | --- | --- | --- | --- |")
    for one in load_knowledge().exemptions:
        lowered = ", ".join(f"`{id}`" for id in one.flags)
        yield _row(lowered, one.level, _condition(one), one.text, ", ".join(one.sources))


def _causes() -> Iterator[str]:
    yield from ("", "## Causes", "")
    yield (
        "The weights that order the causes (`causes.toml`) are judgement throughout: they were set from the signs that "
        "the sources name, and checked on the cases of `benchmarks/advice`. Please read each `evidence` table. "
        "These rest partly on general knowledge:"
    )
    causes = [cause for cause in load_knowledge().causes.values() if "general_knowledge" in cause.sources]
    yield from ("", *(f"- {cause.name} ({cause.clinical})" for cause in causes))


def _medicines() -> Iterator[str]:
    yield from ("", "## Medicines whose link to movement was not looked up", "")
    medicines = [one for one in load_knowledge().medicines if one.basis != "looked_up" and one.movements]
    yield from (f"- {one.inn} ({one.kind}): {', '.join(one.movements)}" for one in medicines)
    yield from ("", "Names, brands and the advice on stopping are general knowledge for every medicine.")


def _remedies() -> Iterator[str]:
    yield from ("", "## Remedies without a source", "")
    remedies = [one for one in load_knowledge().remedies if one.basis == "general_knowledge"]
    yield from (f"- {one.name}: {one.evidence_note}" for one in remedies)


def _sources() -> Iterator[str]:
    yield from ("", "## Sources", "")
    for source in load_knowledge().sources.values():
        year = f" ({source.year})" if source.year else ""
        yield f"- `{source.id}`: {source.title}. {source.publisher}{year}. {source.url}".rstrip(". ") + "."


def _condition(rule: Flag | Exemption) -> str:
    when = rule.when
    parts = [("any of", when.any), ("and any of", when.and_any), ("all of", when.all), ("none of", when.none)]
    return "; ".join(f"{name} {', '.join(signs)}" for name, signs in parts if signs)


def _row(*cells: str) -> str:
    return "| " + " | ".join(_escaped(cells)) + " |"


def _escaped(cells: Iterable[str]) -> Iterator[str]:
    return (cell.replace("|", "\\|") for cell in cells)
