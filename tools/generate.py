"""Write the files that are generated from the code; with `--check`, only say which are stale.

`web/frames.schema.json` is the JSON schema of every frame, `web/src/api/frames.gen.ts` its TypeScript, and
`docs/reference/cli.md` the help of every command.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
WEB = ROOT / "web"
SCHEMA, TYPES = WEB / "frames.schema.json", WEB / "src" / "api" / "frames.gen.ts"
COMMANDS = ROOT / "docs" / "reference" / "cli.md"


def printed(tool: str) -> str:
    """What one of the programs beside this one prints."""
    said = subprocess.run([sys.executable, str(ROOT / "tools" / tool)], stdout=subprocess.PIPE, check=True)
    return said.stdout.decode().replace("\r\n", "\n")


def types(schema: str) -> str:
    """What `npm run types` makes of this schema."""
    npm = [sys.executable, str(ROOT / "tools" / "npm.py"), "run", "--silent", "types:print"]
    said = subprocess.run(npm, input=schema.encode(), stdout=subprocess.PIPE, check=True)
    return said.stdout.decode().replace("\r\n", "\n")


def fresh() -> dict[Path, str]:
    text = printed("frames_schema.py")
    return {SCHEMA: text, TYPES: types(text), COMMANDS: printed("cli_reference.py")}


def main(args: list[str]) -> int:
    found = fresh()
    stale = [path for path, text in found.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in args:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run .venv/bin/python tools/generate.py")
        return 1 if stale else 0
    for path in stale:
        path.write_text(found[path], encoding="utf-8", newline="\n")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
