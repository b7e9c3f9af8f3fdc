"""The lines of requirements.txt that a server needs, hashes included: what pyproject.toml names for running and for PDF, and what that needs.

The lock holds the tools of development too. pip is asked, without installing, what the server's own list draws in, at the versions of the lock.
"""
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def blocks(lock: str) -> dict[str, str]:
    """Name -> its lines in the lock."""
    found: dict[str, str] = {}
    for block in re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE):
        if name := re.match(r"[A-Za-z0-9._-]+", block):
            # Twice in the lock is one version for one Python and another for another.
            found[normal(name[0])] = found.get(normal(name[0]), "") + block
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    lock = blocks((ROOT / "requirements.txt").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["pdf"]]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as versions:
        versions.writelines(f"{line.rstrip(chr(92))}\n" for block in lock.values() for line in block.splitlines() if not line.startswith(" "))
        versions.flush()
        asking = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run", "--ignore-installed", "--only-binary", ":all:", "--report", "-"]
        report = json.loads(subprocess.run([*asking, "--constraint", versions.name, *wanted], check=True, stdout=subprocess.PIPE, text=True).stdout)
    sys.stdout.write("".join(lock[name] for name in sorted(normal(one["metadata"]["name"]) for one in report["install"])))


if __name__ == "__main__":
    main()
