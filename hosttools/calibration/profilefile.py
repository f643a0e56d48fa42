"""The profile file that a measurement leaves: settings, and how each is known."""

import json
import textwrap

from firmware_model.profile import Profile
from firmware_model.profile_file import profile_from_mapping, profile_to_mapping
from hosttools.calibration.findings import Findings

_WIDTH = 96


def profile_toml(found: Findings, base: Profile, name: str) -> str:
    """Return a profile file, for ``--profile``.

    Args:
        found: what was measured.
        base: the profile that gives the rest.
        name: the profile's name.

    Raises:
        ProfileError: no profile can be like that.
    """
    head: dict[str, object] = {"base": base.name, "name": name, "title": f"{name}, measured"}
    profile = profile_from_mapping({**head, **found.mapping()}, known={base.name: base})
    lines = ["# A fob as galh profile measure saw it. What is not set here comes from the base."]
    lines += [f"{key} = {_toml(value)}" for key, value in head.items()]
    for setting, finding in found.settings.items():
        lines += ["", *_comment(finding.how), f"{setting} = {_toml(finding.value)}"]
    if found.remarks:
        lines += ["", "# Seen as well:"]
        lines += [line for remark in found.remarks for line in _comment(remark)]
    if found.missing:
        values = profile_to_mapping(profile)
        rest = ", ".join(f"{setting} ({_toml(values[setting])})" for setting in found.missing)
        lines += ["", *_comment(f"Not measured, so from the base: {rest}.")]
    return "\n".join([*lines, ""])


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ")


def _toml(value: object) -> str:
    # Settings are whole numbers, switches and printable ASCII: as JSON writes them.
    return f"{value:_}" if type(value) is int else json.dumps(value)
