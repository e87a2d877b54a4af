"""A person's own look at the found twitches: kept beside the measurement, which stays as it was made."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.http import Http404

from philtrum.web.clips.models import Clip

VERDICTS = {"twitch": True, "none": False, "open": None}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How many twitches were looked at, and what is left of the count.

    Parameters
    ----------
    n_found, n_accepted, n_rejected : int
        Found by philtrum; of these confirmed and not confirmed by the person.
    rate_per_min : float, optional
        Twitches per observed minute without the rejected ones.
    """

    n_found: int
    n_accepted: int
    n_rejected: int
    rate_per_min: float | None

    @property
    def n_left(self) -> int:
        """Twitches without the rejected ones."""
        return self.n_found - self.n_rejected

    @property
    def n_looked_at(self) -> int:
        """Twitches that the person has judged."""
        return self.n_accepted + self.n_rejected


def judge(clip: Clip, number: str, verdict: str) -> None:
    """Note what the person says of one twitch; "open" takes it back.

    Raises
    ------
    Http404
        If the clip has no such twitch, or that is no verdict.
    """
    n_found = len((clip.measurement or {}).get("twitches", ()))
    if verdict not in VERDICTS or not number.isdecimal() or not 1 <= int(number) <= n_found:
        raise Http404
    with transaction.atomic():
        review = dict(Clip.objects.select_for_update().get(pk=clip.pk).review)
        review.pop(number, None)
        is_twitch = VERDICTS[verdict]
        if is_twitch is not None:
            review[number] = is_twitch
        Clip.objects.filter(pk=clip.pk).update(review=review)
    clip.review = review


def reviewed(clip: Clip) -> Reviewed:
    """Return the counts of a measured clip as the person corrected them."""
    facts = clip.measurement or {}
    n_found, observed_s = len(facts.get("twitches", ())), facts.get("summary", {}).get("observed_s") or 0.0
    n_rejected = sum(not is_twitch for is_twitch in clip.review.values())
    rate_per_min = 60 * (n_found - n_rejected) / observed_s if observed_s else None
    return Reviewed(n_found, sum(map(bool, clip.review.values())), n_rejected, rate_per_min)
