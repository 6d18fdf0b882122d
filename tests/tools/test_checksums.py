"""The checksums of a release, and the signature below them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.checksums import main

SIGNER = "release@mockserver"


@pytest.fixture
def dist(tmp_path) -> Path:
    """A folder with two files to release."""
    folder: Path = tmp_path / "dist"
    folder.mkdir()
    (folder / "a.whl").write_bytes(b"a")
    (folder / "b.tar.gz").write_bytes(b"b")
    return folder


def made_key(folder: Path, name: str) -> Path:
    """A key that nobody needs after this test."""
    file = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file], check=True)
    return file


@pytest.fixture
def key(tmp_path) -> Path:
    """The key of the releases."""
    return made_key(tmp_path, "key")


@pytest.fixture
def signers(tmp_path, key) -> Path:
    """The file that says whose key it is."""
    file: Path = tmp_path / "signers"
    file.write_text(f"{SIGNER} {key.with_suffix('.pub').read_text()}")
    return file


def verified(dist: Path, signers: Path) -> list[str]:
    """The arguments that verify."""
    return [str(dist), "--verify", "--signers", str(signers), "--signer", SIGNER]


def test_the_files_are_listed_as_sha256sum_reads_them(dist):
    """Nobody needs this tool to hold a download against the sums."""
    code = main([str(dist)])

    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=dist, capture_output=True, text=True, check=False)
    assert (code, checked.stdout) == (0, "a.whl: OK\nb.tar.gz: OK\n")
    assert (dist / "SHA256SUMS").read_text().splitlines()[0] == (
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.whl"
    )


def test_what_was_signed_is_verified_with_the_tool_and_without(dist, key, signers):
    """By this tool, and by ssh-keygen as the page says."""
    code = main([str(dist), "--key", str(key)])

    verify = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        signers,
        "-I",
        SIGNER,
        "-n",
        "mockserver-release",
        "-s",
        "SHA256SUMS.sig",
    ]
    by_hand = subprocess.run(
        verify, cwd=dist, input=(dist / "SHA256SUMS").read_bytes(), capture_output=True, check=False
    )
    assert (code, main(verified(dist, signers)), by_hand.returncode) == (0, 0, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda dist: (dist / "a.whl").write_bytes(b"x"), "a.whl is not the file that was released"),
        (lambda dist: (dist / "a.whl").unlink(), "a.whl is missing"),
        (lambda dist: (dist / "c.whl").write_bytes(b"c"), "c.whl is not listed in SHA256SUMS"),
        (lambda dist: (dist / "SHA256SUMS.sig").unlink(), "SHA256SUMS.sig is missing"),
        (lambda dist: (dist / "SHA256SUMS").unlink(), "SHA256SUMS is missing"),
        (lambda dist: (dist / "SHA256SUMS").write_text("nonsense\n"), "SHA256SUMS.sig is not by release@mockserver"),
        (
            lambda dist: (dist / "SHA256SUMS.sig").write_text("nonsense\n"),
            "SHA256SUMS.sig is not by release@mockserver",
        ),
    ],
)
def test_a_change_after_signing_is_found(dist, key, signers, change, said, capsys):
    """Of a file, of the list, or of the signature."""
    main([str(dist), "--key", str(key)])

    change(dist)

    assert main(verified(dist, signers)) == 1
    assert said in capsys.readouterr().out


def test_who_alters_a_file_and_lists_it_anew_is_found(dist, key, signers, capsys):
    """The sums fit then; the signature does not."""
    main([str(dist), "--key", str(key)])
    signature = (dist / "SHA256SUMS.sig").read_bytes()
    (dist / "a.whl").write_bytes(b"x")
    main([str(dist)])
    (dist / "SHA256SUMS.sig").write_bytes(signature)

    code = main(verified(dist, signers))

    assert code == 1
    assert "SHA256SUMS.sig is not by release@mockserver" in capsys.readouterr().out


def test_the_key_of_somebody_else_does_not_count(dist, signers, tmp_path, capsys):
    """However good the signature is."""
    main([str(dist), "--key", str(made_key(tmp_path, "other"))])

    code = main(verified(dist, signers))

    assert code == 1
    assert "SHA256SUMS.sig is not by release@mockserver" in capsys.readouterr().out


def test_a_signature_for_another_purpose_does_not_count(dist, key, signers, capsys):
    """The same key signs other things too."""
    main([str(dist)])
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", key, dist / "SHA256SUMS"]
    subprocess.run(sign, check=True, capture_output=True)

    code = main(verified(dist, signers))

    assert code == 1
    assert "SHA256SUMS.sig is not by release@mockserver" in capsys.readouterr().out


def test_new_checksums_have_no_old_signature(dist, key):
    """A signature beside sums that it was not made for would only puzzle."""
    main([str(dist), "--key", str(key)])

    main([str(dist)])

    assert not (dist / "SHA256SUMS.sig").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere is no folder"),
        (["."], "has no files; `make dist` builds them"),
        ([".", "--key", "nokey"], "there is no file nokey"),
        ([".", "--verify", "--signer", "somebody"], "--signers FILE and --signer NAME go together"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path, monkeypatch, arguments, said, capsys):
    """With exit code 2 and no traceback."""
    monkeypatch.chdir(tmp_path)

    code = main(arguments)

    assert code == 2
    assert said in capsys.readouterr().err


def test_a_file_that_is_no_key_is_told(dist, tmp_path, capsys):
    """What ssh-keygen says of it."""
    (tmp_path / "text").write_text("no key\n")

    code = main([str(dist), "--key", str(tmp_path / "text")])

    assert code == 2
    assert f"{tmp_path / 'text'} cannot sign: " in capsys.readouterr().err
