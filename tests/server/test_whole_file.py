"""Files are written whole or not at all."""

import resource
import signal

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


def test_what_is_no_file_is_written_to(tmp_path):
    """Such as a device."""
    link = tmp_path / "null"
    link.symlink_to("/dev/null")

    write_whole(link, b"new")

    assert link.is_symlink()
    assert [*tmp_path.iterdir()] == [link]
