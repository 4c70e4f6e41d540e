"""Look the pinned packages up in the public database of known vulnerabilities, with pip-audit.

    python .ci/known_vulnerabilities.py requirements.lock

Ends with 1 if a version has a known vulnerability, and says which. Where the database cannot be
reached, or does not know a package, it says so and ends with 0: a network that is absent is no fault
of the code.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

OPTIONS = ["--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json"]
LONGEST = 120  # seconds


def main() -> int:
    """Ask, and say what is known."""
    (lock,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        found = Path(place) / "found.json"
        command = [sys.executable, "-m", "pip_audit", *OPTIONS, f"--output={found}", "-r", lock]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST)
            reason = next(reversed(run.stderr.strip().splitlines()), "no reason given")
        except subprocess.TimeoutExpired:
            reason = f"no answer in {LONGEST} seconds"
        text = found.read_text(encoding="utf-8") if found.is_file() else ""
    lines, code = verdict(text, lock, reason)
    sys.stdout.write("\n".join(lines) + "\n")
    return code


def verdict(text: str, lock: str, reason: str = "") -> tuple[list[str], int]:
    """Give what to say of the answer of pip-audit ("" for none), and how to end."""
    packages = json.loads(text)["dependencies"] if text.strip() else []
    asked = [one for one in packages if "skip_reason" not in one]
    if not asked:
        why = "it knows none of these packages" if packages else reason
        return [
            f"{lock}: nothing was looked up, the database of vulnerabilities gave no answer ({why})."
        ], 0
    unknown = len(packages) - len(asked)
    told = f"; {unknown} are not in the database and were not looked up" if unknown else ""
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, mended in "
        f"{', '.join(fault['fix_versions']) or 'no version yet'}"
        for one in asked
        for fault in one["vulns"]
    ]
    if not faults:
        return [f"{lock}: {len(asked)} packages looked up, no known vulnerability{told}."], 0
    mend = "Raise the lower bounds in pyproject.toml, then `make lock`."
    return [f"{lock}: {len(faults)} known vulnerabilities{told}.", *faults, mend], 1


if __name__ == "__main__":
    sys.exit(main())
