"""A measurement as plain text for a terminal: what was found, in words first, then a table."""

from __future__ import annotations

from philtrum.video.measurement import Measurement, Twitch

VERDICTS = {"good": "good", "usable": "usable, with care", "refused": "not good enough to measure"}
SIDES = {"left": "left", "right": "right", "both": "both sides", "midline": "middle"}
COLUMNS = "  start s   lasts s   size % IOD   ~mm     side         stands out   with it"
# Red flags come before everything else, on every path. Facial droop, arm weakness, speech: the signs of stroke that
# the NHS (FAST) and the American Heart Association tell the public.
EMERGENCY = (
    "If one side of the face suddenly droops or goes numb, an arm or leg is weak, or speech is slurred:\n"
    "call your emergency number now."
)


def render_text(measurement: Measurement) -> str:
    """Return the measurement as text of at most about 100 columns, ending with a line break.

    Sides are the person's own; sizes are percent of the distance between the
    outer corners of the eyes (IOD), millimetres are approximate.
    """
    lines = [EMERGENCY, "", measurement.clip.name, "", *_summary_lines(measurement), "", *_quality_lines(measurement)]
    if measurement.twitches:
        lines += ["", COLUMNS, *map(_twitch_line, measurement.twitches)]
    if measurement.excluded:
        lines += ["", f"Not counted: {_excluded_text(measurement)}."]
    return "\n".join(lines) + "\n"


def _summary_lines(measurement: Measurement) -> list[str]:
    if measurement.quality.verdict == "refused":
        return ["This clip cannot be measured."]
    summary = measurement.summary
    count = {0: "No twitch", 1: "1 twitch"}.get(summary.n_twitches, f"{summary.n_twitches} twitches")
    lines = [f"{count} of the upper lip found in {summary.observed_s:.1f} s in which one could have been seen."]
    if summary.n_twitches and summary.rate_per_min is not None:
        side = f", mostly {SIDES[summary.dominant_side]}" if summary.dominant_side else ""
        lines.append(f"That is {summary.rate_per_min:.1f} per observed minute{side}. {_pattern_text(measurement)}")
    if measurement.quality.detectable_pct_iod is not None:
        smallest = measurement.quality.detectable_pct_iod
        lines.append(f"The smallest twitch that this clip could have shown is {smallest:.2f} % of the eye distance.")
    return lines


def _pattern_text(measurement: Measurement) -> str:
    pattern = measurement.pattern
    rhythm = f" at {pattern.frequency_hz:.1f} per second" if pattern.frequency_hz is not None else ""
    return f"Pattern: {pattern.label.replace('_', ' ')}{rhythm}."


def _quality_lines(measurement: Measurement) -> list[str]:
    lines = [f"Quality of the clip: {VERDICTS[measurement.quality.verdict]}."]
    lines += [f"- {reason.text} [{reason.id}]" for reason in measurement.quality.reasons]
    if measurement.quality.reasons:
        lines.append(f"What would help most: {measurement.quality.reasons[0].advice}")
    return lines


def _twitch_line(twitch: Twitch) -> str:
    partners = ", ".join(partner.replace("_", " ") for partner in twitch.partners)
    lasts_s = twitch.offset_s - twitch.onset_s
    line = (
        f"{twitch.onset_s:9.2f} {lasts_s:9.2f} {twitch.amplitude_pct_iod:12.2f} {twitch.amplitude_mm:5.1f}"
        f"     {SIDES[twitch.side]:<12} {_standing(twitch):<12} {partners}"
    )
    return line.rstrip()


def _standing(twitch: Twitch) -> str:
    """Say in a word how far a twitch stands above this clip's noise (see `Twitch.confidence`)."""
    return "clearly" if twitch.confidence > 0.95 else "fairly" if twitch.confidence > 0.8 else "faintly"


def _excluded_text(measurement: Measurement) -> str:
    total_s: dict[str, float] = {}
    for exclusion in measurement.excluded:
        total_s[exclusion.reason] = total_s.get(exclusion.reason, 0.0) + exclusion.end_s - exclusion.start_s
    return ", ".join(f"{seconds:.1f} s of {reason.replace('_', ' ')}" for reason, seconds in total_s.items())
