"""Words for ids of the knowledge that a page shows as headings, in the order in which it shows them."""

from __future__ import annotations

from philtrum.advice.entries import Medicine

CAUSE_GROUPS = {
    "harmless": "Harmless and common",
    "at the lip": "At the lip itself",
    "medicine": "Medicines",
    "tics, spasms and dystonia": "Tics, spasms and held pulls",
    "face nerve": "The nerve of the face",
    "body": "The body's salts, sugar and hormones",
    "brain and brainstem": "The brain",
    "nerve and muscle": "Nerves and muscles",
    "infection": "Infections",
    "poison": "Poisons",
}
REMEDY_KINDS = {
    "self_care": "What you can do yourself",
    "everyday": "Everyday habits",
    "training": "Training",
    "clinician": "What a doctor or therapist may offer",
    "prescription": "Medicines that a doctor may offer",
    "procedure": "Treatments that a doctor may offer",
    "avoid": "Better not",
}


def has_link(medicine: Medicine) -> bool:
    """Tell whether a medicine can make something move."""
    return any(id != "treats" for id in medicine.movements)
