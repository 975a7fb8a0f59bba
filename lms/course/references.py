"""references.yaml: the laws and standards that lessons cite, with their dates."""

from typing import Any

import yaml

from lms.course.desk import Desk, day
from lms.course.document import Reference
from lms.course.problems import N_

PATH = "references.yaml"


def references(desk: Desk) -> tuple[Reference, ...]:
    """Every cited text whose entry is whole; what is wrong with the others is noted."""
    path, text = PATH, desk.text(PATH)
    if text is None:
        return ()
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as bad:
        mark = getattr(bad, "problem_mark", None)
        desk.wrong(
            path,
            mark.line + 1 if mark else 1,
            N_(
                "this line breaks the form of the list; each text begins with “- id: …” and its other lines are indented by two spaces"
            ),
        )
        return ()
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        desk.wrong(path, 1, N_("references.yaml is a list; begin each text with “- id: …”"))
        return ()
    found: dict[str, Reference] = {}
    for entry in node.value:
        reference = _reference(desk, path, entry)
        if reference and reference.id in found:
            message = N_("the id “%(id)s” stands already above; choose another")
            desk.wrong(path, entry.start_mark.line + 1, message, id=reference.id[:100])
        elif reference:
            found[reference.id] = reference
    return tuple(found.values())


REFERENCE_KEYS = ("id", "number", "name", "in_force_from", "in_force_to", "replaced_by", "checked_on", "note")


def _reference(desk: Desk, path: str, node: Any) -> Reference | None:
    line = node.start_mark.line + 1
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    values = {k.value: v.value for k, v in pairs if isinstance(k, yaml.ScalarNode) and isinstance(v, yaml.ScalarNode)}
    before = len(desk.problems)
    for key, _ in pairs:
        if key.value not in REFERENCE_KEYS:
            desk.wrong(
                path,
                key.start_mark.line + 1,
                N_("“%(key)s” is not known here; the keys are: %(keys)s"),
                key=str(key.value)[:60],
                keys=", ".join(REFERENCE_KEYS),
            )
    for key in ("id", "number", "name", "in_force_from", "checked_on"):
        if not values.get(key):
            desk.wrong(path, line, N_("a cited text needs “%(key)s”"), key=key)
    days = {
        key: day(desk, path, line, key, values.get(key, "")) for key in ("in_force_from", "in_force_to", "checked_on")
    }
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
