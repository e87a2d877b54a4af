"""Words for what a person can choose; movements and symptoms are those of `philtrum.advice`."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from philtrum.advice.knowledge import load_knowledge

ENDINGS = (
    ("unknown", _("I don't know when it stopped")),
    ("ended", _("It has stopped")),
    ("ongoing", _("It is still going on")),
    ("came_and_went", _("It came and went")),
)

# In the order in which a person should read them; what is in no group follows under "everything else".
SYMPTOM_GROUPS = (
    (
        _("With any of these, get help at once"),
        (
            *("face_droop_sudden", "arm_or_leg_weakness_sudden", "speech_trouble_sudden", "one_side_numbness_sudden"),
            *("vision_loss_sudden", "confusion_new", "breathing_trouble", "tongue_or_throat_swelling"),
            *("awareness_lost_or_altered", "jerking_over_5_min"),
        ),
    ),
    (
        _("In the face"),
        (
            *("spread_to_eye_or_cheek", "half_face_involved", "eyelid_twitch", "mouth_moves_with_blink"),
            *("area_weak_or_stiff", "facial_weakness_new", "eye_cannot_close", "facial_numbness_persistent"),
            *("perioral_tingling", "local_lip_tingling", "lip_blister", "cheek_tightness", "facial_pain_shock"),
        ),
    ),
    (
        _("Elsewhere in the body"),
        (
            *("more_than_one_place", "other_muscle_twitches", "finger_tingling", "hand_foot_spasm", "muscle_cramps"),
            *("tongue_twitching", "hand_tremor_action", "double_vision", "headache_mild"),
        ),
    ),
    (
        _("How you are"),
        ("poor_sleep", "fatigue", "anxiety_high", "palpitations", "cold_or_viral_illness", "daily_life_affected"),
    ),
)

KIND_WORDS = {
    "episode": _("Spell of twitching"),
    "check_in": _("Check-in"),
    "exposure": _("From another app"),
    "dose": _("Dose"),
    "medicine": _("Medicine or remedy"),
    "treatment": _("Treatment"),
    "event": _("Event"),
    "factor": _("Factor"),
}


def movements() -> Mapping[str, str]:
    """Return what a movement can look like: id to words."""
    return load_knowledge().vocabularies["movements"]


def symptoms() -> Mapping[str, str]:
    """Return what can come with it: id to words."""
    return load_knowledge().vocabularies["symptoms"]


def symptom_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return all symptoms in groups, the gravest first, the rest last; each id once."""
    known = symptoms()
    groups = [(str(name), [(id, known[id]) for id in ids if id in known]) for name, ids in SYMPTOM_GROUPS]
    shown = {id for _name, ids in SYMPTOM_GROUPS for id in ids}
    return [*groups, (str(_("Everything else")), [(id, text) for id, text in known.items() if id not in shown])]
