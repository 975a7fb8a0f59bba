"""references.yaml: the laws and standards that lessons cite, with their dates."""

import re
from typing import Any

import yaml

from lms.course.desk import Desk, day
from lms.course.document import Reference
from lms.course.problems import N_

PATH = "references.yaml"
ID = re.compile(r"[A-Za-z0-9-]{1,100}")


def references(desk: Desk, text: str) -> tuple[Reference, ...]:
    """Every cited text whose entry is whole; what is wrong with the others is noted."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as bad:
        mark = getattr(bad, "problem_mark", None)
        desk.wrong(
            mark.line + 1 if mark else 1,
            N_(
                "this line breaks the form of the list; each text begins with “- id: …” and its other lines are indented by two spaces"
            ),
        )
        return ()
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        desk.wrong(1, N_("references.yaml is a list; begin each text with “- id: …”"))
        return ()
    found: dict[str, Reference] = {}
    for entry in node.value:
        reference = _reference(desk, entry)
        if reference and reference.id in found:
            message = N_("the id “%(id)s” stands already above; choose another")
            desk.wrong(entry.start_mark.line + 1, message, id=reference.id[:100])
        elif reference:
            found[reference.id] = reference
    return tuple(found.values())


REFERENCE_KEYS = ("id", "number", "name", "in_force_from", "in_force_to", "replaced_by", "checked_on", "note")


def _reference(desk: Desk, node: Any) -> Reference | None:
    line = node.start_mark.line + 1
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    values = {k.value: v.value for k, v in pairs if isinstance(k, yaml.ScalarNode) and isinstance(v, yaml.ScalarNode)}
    before = len(desk.problems)
    for key, _ in pairs:
        if key.value not in REFERENCE_KEYS:
            desk.wrong(
                key.start_mark.line + 1,
                N_("“%(key)s” is not known here; the keys are: %(keys)s"),
                key=str(key.value)[:60],
                keys=", ".join(REFERENCE_KEYS),
            )
    for key in ("id", "number", "name", "in_force_from", "checked_on"):
        if not values.get(key):
            desk.wrong(line, N_("a cited text needs “%(key)s”"), key=key)
    if values.get("id") and not ID.fullmatch(values["id"]):
        message = N_("the id “%(id)s” can be cited by nobody; write it with a–z, 0–9 and hyphens")
        desk.wrong(line, message, id=values["id"][:100])
    days = {key: day(desk, line, key, values.get(key, "")) for key in ("in_force_from", "in_force_to", "checked_on")}
    if days["in_force_from"] and days["in_force_to"] and days["in_force_to"] < days["in_force_from"]:
        desk.wrong(line, N_("in_force_to lies before in_force_from; correct one of the two"))
    if len(desk.problems) > before or days["in_force_from"] is None or days["checked_on"] is None:
        return None
    return Reference(
        id=values["id"],
        number=values["number"],
        name=values["name"],
        in_force_from=days["in_force_from"],
        in_force_to=days["in_force_to"],
        replaced_by=values.get("replaced_by") or None,
        checked_on=days["checked_on"],
        note=values.get("note") or None,
    )
