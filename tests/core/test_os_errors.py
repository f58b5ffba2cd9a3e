"""What the operating system refuses has a class, a headline and a next step."""

from __future__ import annotations

import errno
import os

import pytest

from core.errors import DataError, InfrastructureError, UserError
from core.os_errors import explained


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (errno.EACCES, UserError, "permission-denied"),
        (errno.EPERM, UserError, "permission-denied"),
        (errno.ENAMETOOLONG, UserError, "name-too-long"),
        (errno.ELOOP, UserError, "link-loop"),
        (errno.ENOSPC, InfrastructureError, "disk-full"),
        (errno.EDQUOT, InfrastructureError, "disk-full"),
        (errno.EFBIG, InfrastructureError, "disk-full"),
        (errno.EMFILE, InfrastructureError, "too-many-files"),
        (errno.EROFS, InfrastructureError, "read-only"),
        (errno.ENOENT, InfrastructureError, "file-gone"),
    ],
)
def test_a_refusal_is_named_with_its_place(number: int, kind: type, code: str) -> None:
    found = explained(OSError(number, os.strerror(number), "/data/trips"))

    assert isinstance(found, kind)
    assert found.code == code
    assert found.hint
    assert "/data/trips" in str(found)


def test_what_a_library_wrapped_or_only_quotes_is_found() -> None:
    wrapped = RuntimeError("the executor failed")
    wrapped.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    quoted = RuntimeError("RESOURCE_EXHAUSTED: /x/y; No space left on device")
    store = RuntimeError("Error when executing query: database or disk is full query: COMMIT;")
    files = ValueError("cannot open shared object: Too many open files")

    codes = [getattr(explained(error), "code", "") for error in (wrapped, quoted, store, files)]
    assert codes == ["disk-full", "disk-full", "disk-full", "too-many-files"]


def test_an_error_of_ours_passes_through() -> None:
    ours = DataError("row 7 is broken")
    wrapped = RuntimeError("executor failed")
    wrapped.__cause__ = ours

    assert explained(wrapped) is ours


def test_a_missing_file_that_was_gone_on_from_is_no_reason() -> None:
    error = KeyError("tips")
    error.__context__ = FileNotFoundError(errno.ENOENT, "No such file", "/nowhere/at/all")

    assert explained(error) is None


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), OSError("no number")])
def test_all_else_stays_unexplained(error: Exception) -> None:
    assert explained(error) is None


def test_a_name_that_is_not_utf8_is_the_users() -> None:
    with pytest.raises(UnicodeEncodeError) as caught:
        os.fsdecode(b"data/b\xffd.csv").encode()

    found = explained(caught.value)
    assert isinstance(found, UserError)
    assert "udcff" in found.evidence[0]
