"""Files are written whole or not at all."""

import errno
import os
import resource
import signal
from pathlib import Path

import pytest

from mockserver.server.whole_file import write_whole


@pytest.fixture
def small_files():
    """No file of this process may have more than 1,000 bytes, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_what_cannot_be_written_whole_leaves_the_file_as_it_was(tmp_path, small_files):
    """Known findings with notes of a user are not lost with the disk."""
    file = tmp_path / "known.json"
    file.write_bytes(b"what was known")

    with pytest.raises(OSError, match="too large"):
        write_whole(file, b"x" * 5_000)

    assert file.read_bytes() == b"what was known"
    assert [*tmp_path.iterdir()] == [file]


def test_a_file_keeps_its_permissions_and_a_link_stays_one(tmp_path):
    """Only the content is another one."""
    file, link = tmp_path / "report.json", tmp_path / "latest.json"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file.name)

    write_whole(link, b"new")

    assert link.is_symlink()
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        (Path.replace, errno.EBUSY),  # A file that was mounted into a container.
        (Path.replace, errno.EPERM),  # Somebody else's file in a sticky folder.
        (os.open, errno.EACCES),  # A folder in which no file can be made.
    ],
)
def test_a_file_that_cannot_be_replaced_is_written_in_place(tmp_path, monkeypatch, failing, reason):
    """Nothing of a longer old content stays."""
    file = tmp_path / "known.json"
    file.write_bytes(b"a longer old content")
    made, room = file.stat().st_ino, Path if failing is Path.replace else os

    def refused(path, *given):
        if room is os and Path(path) == file:
            return failing(path, *given)
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(room, failing.__name__, refused)
    write_whole(file, b"new")

    assert (file.read_bytes(), file.stat().st_ino) == (b"new", made)
    assert [*tmp_path.iterdir()] == [file]


def test_what_has_no_room_in_place_leaves_the_file_as_it_was(tmp_path, monkeypatch, small_files):
    """The end is written first, which is what needs more room."""
    file = tmp_path / "known.json"
    file.write_bytes(b"what was known")
    file.with_name("other.json").hardlink_to(file)

    with pytest.raises(OSError, match="too large"):
        write_whole(file, b"x" * 5_000)

    assert file.read_bytes() == b"what was known"


@pytest.mark.parametrize("may_be_given_away", [True, False])
def test_a_file_keeps_its_owner(tmp_path, monkeypatch, may_be_given_away):
    """Also where this user can give no files to others."""
    file, given = tmp_path / "known.json", []
    file.write_bytes(b"old")
    known, real = file.stat(), Path.stat

    def of_another(path, **more):
        return os.stat_result([*known[:4], known.st_uid + 1, *known[5:]]) if path == file else real(path, **more)

    def chown(_, *ids):
        given.append(ids)
        if not may_be_given_away:
            raise PermissionError(errno.EPERM, "not permitted")

    monkeypatch.setattr(Path, "stat", of_another)
    monkeypatch.setattr(os, "chown", chown)
    write_whole(file, b"new")

    assert file.read_bytes() == b"new"
    assert given == [(known.st_uid + 1, known.st_gid)]
    assert (os.stat(file).st_ino == known.st_ino) is not may_be_given_away  # noqa: PTH116


@pytest.mark.parametrize("name", ["known.json", "漢" * 83 + "known", "x" * 255])
def test_a_name_is_as_long_as_names_may_be(tmp_path, name):
    """File systems count bytes."""
    write_whole(tmp_path / name, b"new")

    assert (tmp_path / name).read_bytes() == b"new"


@pytest.fixture
def redirect():
    """Makes stdout of this process another file."""
    before = os.dup(1)
    yield lambda file: os.dup2(file, 1)
    os.dup2(before, 1)
    os.close(before)


def test_stdout_can_be_named_where_it_goes_to_a_file(tmp_path, redirect):
    """What is written to it before and afterwards stays."""
    log = tmp_path / "log"
    with log.open("ab") as out:
        redirect(out.fileno())
    os.write(1, b"before, ")

    write_whole(Path("/dev/stdout"), b"report")
    os.write(1, b", after")

    assert log.read_bytes() == b"before, report, after"


def test_stdout_can_be_named_where_it_goes_to_a_pipe(redirect):
    """As in `--report json=/dev/stdout | jq`."""
    out, into = os.pipe()
    redirect(into)
    os.close(into)

    write_whole(Path("/dev/stdout"), b"report")

    assert os.read(out, 100) == b"report"
    os.close(out)


def test_what_is_no_file_is_written_to(tmp_path):
    """Such as a device."""
    link = tmp_path / "null"
    link.symlink_to("/dev/null")

    write_whole(link, b"new")

    assert link.is_symlink()
    assert [*tmp_path.iterdir()] == [link]
