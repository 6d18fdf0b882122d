"""Writes, signs and verifies the checksums of a release.

`python -m tools.checksums dist` writes `dist/SHA256SUMS`, a line for each file, in the form of `sha256sum`;
`--key FILE` also signs it with an SSH key, into `dist/SHA256SUMS.sig`. `--verify --signers FILE --signer NAME` holds
the files against both. Exit codes: 0 all is well, 1 something does not hold, 2 the arguments cannot be used.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMESPACE = "mockserver-release"
"""What the key signs for: a signature that it made for anything else does not count."""
SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"


class Refused(Exception):
    """What ssh-keygen said."""


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of the folder, by name."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name not in {SUMS, SIGNATURE})
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def sign(folder: Path, key: Path) -> None:
    """Signs the checksums with a private SSH key, or with a public one whose private half the agent has."""
    _ssh_keygen("sign", "-f", key, folder / SUMS)


def mistakes(folder: Path, signers: Path | None, signer: str) -> Iterator[str]:
    """What does not hold: the signature first, then each file that is missing, altered or not listed."""
    if not (folder / SUMS).is_file():
        yield f"{folder / SUMS} is missing"
        return
    listed = (folder / SUMS).read_text()
    if signers is not None:
        yield from _mistakes_of_signature(folder, listed, signers, signer)
    wanted = {name: digest for digest, _, name in (line.partition("  ") for line in listed.splitlines())}
    found = digests(folder)
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"{name} is missing"
        elif name not in wanted:
            yield f"{name} is not listed in {SUMS}"
        elif wanted[name] != found[name]:
            yield f"{name} is not the file that was released"


def _mistakes_of_signature(folder: Path, listed: str, signers: Path, signer: str) -> Iterator[str]:
    """Why the signature does not count, if so."""
    if not (folder / SIGNATURE).is_file():
        yield f"{SIGNATURE} is missing"
        return
    try:
        _ssh_keygen("verify", "-f", signers, "-I", signer, "-s", folder / SIGNATURE, text=listed)
    except Refused as refused:
        yield f"{SIGNATURE} is not by {signer} of {signers}: {refused}"


def _ssh_keygen(action: str, *arguments: object, text: str | None = None) -> None:
    """Runs `ssh-keygen -Y`; asks for the passphrase of a key on the terminal."""
    command = ["ssh-keygen", "-Y", action, "-n", NAMESPACE, *(str(argument) for argument in arguments)]
    try:
        done = subprocess.run(command, input=text, text=True, check=False, capture_output=True)
    except FileNotFoundError:
        raise Refused("there is no ssh-keygen on this machine; it comes with OpenSSH") from None
    if done.returncode != 0:
        raise Refused((done.stderr or done.stdout).strip())


def _unusable(why: str) -> int:
    print(f"checksums: {why}", file=sys.stderr)
    return 2


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.checksums", description="Checksums of a release.")
    parser.add_argument("folder", type=Path, help="the folder with the files of the release")
    parser.add_argument("--key", type=Path, help="the SSH key that signs the checksums")
    parser.add_argument("--verify", action="store_true", help="hold the files against the checksums that are there")
    parser.add_argument("--signers", type=Path, help="with --verify: the file of allowed signers (see ssh-keygen)")
    parser.add_argument("--signer", default="", help="with --signers: who must have signed")
    asked = parser.parse_args(arguments)
    if not asked.folder.is_dir():
        return _unusable(f"{asked.folder} is no folder")
    for file in (asked.key, asked.signers):
        if file is not None and not file.is_file():
            return _unusable(f"there is no file {file}")
    if asked.verify:
        return _verify(asked.folder, asked.signers, asked.signer)
    return _write(asked.folder, asked.key)


def _write(folder: Path, key: Path | None) -> int:
    listed = digests(folder)
    if not listed:
        return _unusable(f"{folder} has no files; `make dist` builds them")
    (folder / SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in listed.items()))
    (folder / SIGNATURE).unlink(missing_ok=True)
    if key is not None:
        try:
            sign(folder, key)
        except Refused as refused:
            return _unusable(f"{key} cannot sign: {refused}")
    print(f"{folder / SUMS}: {'signed' if key else 'not signed; --key FILE signs it'}")
    return 0


def _verify(folder: Path, signers: Path | None, signer: str) -> int:
    if (signers is None) != (not signer):
        return _unusable("--signers FILE and --signer NAME go together: who may sign, and who must have signed")
    wrong = [*mistakes(folder, signers, signer)]
    for line in wrong:
        print(line)
    if not wrong:
        signed = f"signed by {signer}" if signer else "the signature was not looked at: --signers FILE --signer NAME"
        print(f"{folder}: all files are as listed; {signed}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
