"""What was done to a take, in a sentence; the one next command; and a message to its maker."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import PurePath

from asmrmaster.presets import shipped_profile
from asmrmaster.report import Finding, Report, inside
from asmrmaster.report.grading import grade, placed
from asmrmaster.report.headline import finish_sentence
from asmrmaster.report.sentences import capital, counted, listed, minute, spoken
from asmrmaster.views import phrases

THROUGHOUT = 0.999
"""An edit of this share of a take runs all the time."""
LEAST_DB = 0.5
"""A level that moved by less is where it was."""
FOR_WHOM = {
    "general": "calm listening",
    "trauma": "listeners who startle easily",
    "sleep": "listeners who want to fall asleep",
    "sensory": "listeners whose hearing is easily overloaded",
    "misophonia": "listeners to whom particular sounds are unbearable",
}


def what_changed(report: Report) -> str:
    """How a master differs from its take, in one sentence; empty where nothing was made."""
    ride = report.ride
    if ride is None:
        return ""
    parts = []
    if abs(ride.static_gain_db) >= LEAST_DB:
        parts.append(f"turned {'up' if ride.static_gain_db > 0 else 'down'} throughout")
    if ride.level_max_db - ride.level_min_db >= LEAST_DB:
        parts.append("quiet and loud passages brought closer, slowly")
    if ride.dips:
        number = len(ride.dips)
        what = "moment" if number == 1 else "moments"
        parts.append(f"{counted(number)} {what} turned down")
    whole_s = THROUGHOUT * report.input.duration_s
    for stage, number in Counter(edit.stage for edit in report.edits).items():
        longest_s = max(e.end_s - e.start_s for e in report.edits if e.stage == stage)
        where = "in one place" if number == 1 else f"in {counted(number)} places"
        done = inside(phrases.done(stage))
        parts.append(f"{done} {'throughout' if longest_s > whole_s else where}")
    if ride.target_reason and ride.wanted_lufs - ride.target_lufs >= LEAST_DB:
        kept = "noise stays low" if "noise" in ride.target_reason else "peaks stay whole"
        parts.append(f"left softer than asked, so that its {kept}")
    ends = [name for name, s in (("start", ride.fade_in_s), ("end", ride.fade_out_s)) if s > 0]
    if ends:
        parts.append(f"soft {' and '.join(ends)}")
    return f"{capital('; '.join(parts))}." if parts else "Nothing that can be heard."


def next_step(report: Report) -> tuple[str, str]:
    """Why, and the command that would change the result most."""
    found = report.answered
    told = report.next
    # What was found where the master was planned stands, but for a file that meets already, as
    # reports of an earlier version have it.
    if told is not None and (report.output is None or found.state not in ("meets", "waiting")):
        if report.output is None and report.repairs:
            wanted = [inside(phrases.stage(one.stage)) for one in report.repairs]
            return f"master it, and {listed(wanted)}", told.command
        return f"{told.reason}: {inside(told.advice)}", told.command
    file = phrases.subject(report)
    name, profile = shlex.quote(file.path), _profile(report)
    of_stream = "" if file.stream is None else f" --stream {file.stream}"
    master = f"asmrmaster master {name} {profile}{of_stream}"
    check = f"asmrmaster check {name} {profile}{of_stream}"
    if any(placed(f).beyond for f in report.findings):
        return "judge it by the shipped limits", f"asmrmaster check {name} -p {report.profile.id}"
    if found.state == "unknown":
        if any("shorter than" in f.why for f in report.findings):
            return "make it long enough to tell", f"{master} --loop 2:00"
        return "see what could not be measured", f"{check} --full"
    if found.state in ("stop", "close", "finish") and report.output is None and _curable(report):
        return "make a master, which is judged the same way", master
    if found.state == "waiting" and found.answer("content").state == "not_known":
        return "declare what is heard in it", f"asmrmaster content new {name}"
    if found.state == "waiting":
        return "listen to the moments, and say so", f'{check} --reviewed-by "YOUR NAME"'
    if found.state == "meets":
        return "save the report to hand it on", f"{check} --report ."
    return "listen to the moments on its page", f"{check} --report ."


def _curable(report: Report) -> bool:
    """Whether anything fails that is in the sound and not in what was declared."""
    return any(
        grade(f) in ("bad", "close", "fix") and f.group not in ("content", "heard")
        for f in map(placed, report.findings)
    )


def _profile(report: Report) -> str:
    return f"-p {shlex.quote(report.profile.id)}"


def message(report: Report) -> str:
    """A message to the maker: the moments, what is missing at the ends, and what to do."""
    found = report.answered
    title = (report.declared.title if report.declared else "") or PurePath(
        phrases.name(phrases.subject(report))
    ).stem
    whom = FOR_WHOM.get(report.profile.id, "calm listening")
    parts = [
        "Hello,",
        f"I would like to recommend your recording “{title}”. I screened it for {whom}.",
    ]
    if found.moments:
        lines = [f"• {minute(m.at_s)}: {m.sentence[:1].lower()}{m.sentence[1:]}"
                 for m in found.moments]  # fmt: skip
        parts.append("\n".join(["These moments stood out:", *lines,
                                "Could they be softened or taken out?"]))  # fmt: skip
    graded = [(f, grade(f)) for f in map(placed, report.findings)]
    ends = [(f, g) for f, g in graded if g == "fix" and f.group == "finish"]
    if ends:
        parts.append(" ".join([finish_sentence(ends), *_creator([f for f, _ in ends])]))
    other = [
        f
        for f, g in graded
        if g in ("bad", "close", "fix")
        and f.group not in ("finish", "sudden", "heard")
        and f.criterion not in {key for m in found.moments for key in m.criteria}
    ]
    if other:
        parts.append("\n".join(f"• {spoken(f).title}: {spoken(f).creator}" for f in other))
    if found.answer("content").state == "not_known":
        parts.append("Could you also say what is heard in it, so that listeners can know "
                     "beforehand?")  # fmt: skip
    if shipped_profile(report.profile.id) is not None:
        parts.append("asmrmaster is free and does much of it: "
                     f"asmrmaster master FILE --profile {report.profile.id}")  # fmt: skip
    return "\n\n".join([*parts, "Thank you."])


def _creator(found: list[Finding]) -> list[str]:
    return list(dict.fromkeys(spoken(f).creator for f in found))
