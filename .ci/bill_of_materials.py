"""Write the bill of materials of what publishes an edition: CycloneDX 1.6, from the pinned versions.

    uv pip compile ... --constraint requirements.lock | python .ci/bill_of_materials.py requirements.cdx.json

Standard input names each package, its version, and below it the packages that ask for it. The same
versions give the same bytes: no moment, no random number, no place that a file was taken from.
"""

import hashlib
import json
import re
import sys
import uuid
from pathlib import Path

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)(?: ; ([^\\]+))?")
ASKED_BY = re.compile(
    r"^ +#(?: via)? +(?!via$)([A-Za-z0-9._-]+)(?:\[[^]]*\])?(?: \(pyproject\.toml.*\))?$"
)
ITSELF = "obs"


def main() -> int:
    """Read the versions, write the bill."""
    (out,) = map(Path, sys.argv[1:])
    text = json.dumps(bill(sys.stdin.read()), indent=1, ensure_ascii=False)
    out.write_text(text + "\n", encoding="utf-8")
    return 0


def bill(compiled: str) -> dict[str, object]:
    """Give the bill of packages as `uv pip compile` lists them, with who asks for each."""
    listed: list[dict[str, object]] = []
    refs: dict[str, list[str]] = {ITSELF: [ITSELF]}  # a platform may have a version of its own
    asked: dict[str, set[str]] = {}
    for line in compiled.splitlines():
        if found := PINNED.match(line):
            name, *about = found.groups()
            listed.append(_component(name, *about))
            refs.setdefault(name, []).append(str(listed[-1]["bom-ref"]))
        elif found := ASKED_BY.match(line):
            asked.setdefault(found[1], set()).add(name)
    needs = {name: sorted(ref for n in asked.get(name, ()) for ref in refs[n]) for name in refs}
    digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "version": 1,
        "metadata": {"component": {"type": "library", "bom-ref": ITSELF, "name": ITSELF}},
        "components": listed,
        "dependencies": [
            {"ref": ref, "dependsOn": needs[name]} for name in sorted(refs) for ref in refs[name]
        ],
    }


def _component(name: str, version: str, where: str | None) -> dict[str, object]:
    purl = f"pkg:pypi/{re.sub('[-_.]+', '-', name).lower()}@{version}"
    own = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    only = [{"name": "obs:installed-where", "value": where.strip()}] if where else []
    return own | ({"properties": only} if only else {})


if __name__ == "__main__":
    sys.exit(main())
