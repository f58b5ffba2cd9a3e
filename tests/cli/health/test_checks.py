"""Each check: what passes, what fails, and that a failure says what to do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cli.health import checks
from cli.health.checks import GIB

TENSORFLOW_LINE = (
    '{"name": "TensorFlow", "version": "2.16.2", "keras": "3", "gpus": 0, "seconds": 4}'
)
TFX_LINE = '{"name": "TFX", "version": "1.16.0", "seconds": 5.5}'


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


def test_only_python_3_10_passes() -> None:
    assert checks.check_python((3, 10, 13), "/usr/bin/python").status == "ok"
    refused = checks.check_python((3, 11, 7), "/usr/bin/python")
    assert (refused.status, refused.found) == ("failed", "3.11.7 at /usr/bin/python")
    assert refused.fix


def test_versions_are_those_of_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy==9.9 \\\n    --hash=sha256:aa\n    # via -r requirements.in\n")

    check = checks.check_versions(lock)

    assert check.status == "failed"
    assert "1 not as requirements.lock says: numpy 1." in check.found
    assert check.fix == "make -B env"
    assert checks.check_versions().status == "ok"


def test_without_a_lock_the_installed_package_says_what_it_needs(tmp_path: Path) -> None:
    check = checks.check_versions(tmp_path / "absent.lock")

    assert check.status == "ok"
    assert check.found.endswith("as what this installation of millrace asks for says")


@pytest.mark.parametrize(
    ("cpuinfo", "status"),
    [("flags\t\t: fpu avx avx2 fma\n", "ok"), ("flags : fpu sse2\n", "failed"), ("", "warning")],
)
def test_tensorflow_needs_avx(cpuinfo: str, status: str) -> None:
    assert checks.check_processor(cpuinfo, 2).status == status


def test_imports_are_reported_with_versions_and_seconds() -> None:
    tensorflow, tfx = checks.check_tensorflow(
        python(f"print('noise'); print('{TENSORFLOW_LINE}'); print('{TFX_LINE}')")
    )

    assert (tensorflow.status, tfx.status) == ("ok", "ok")
    assert tensorflow.found == "2.16.2 imports in 4.0 s, Keras 3, no GPU"
    assert tfx.found == "1.16.0 imports in 5.5 s"


def test_a_missing_module_is_named_and_the_rest_not_tried() -> None:
    tensorflow, tfx = checks.check_tensorflow(python("import tensorflow_that_is_not_there"))

    assert tensorflow.status == tfx.status == "failed"
    assert "No module named 'tensorflow_that_is_not_there'" in tensorflow.found
    assert tfx.found == "not tried"


def test_tfx_alone_may_fail() -> None:
    tensorflow, tfx = checks.check_tensorflow(
        python(f"print('{TENSORFLOW_LINE}', flush=True); raise ImportError('dill')")
    )

    assert tensorflow.status == "ok"
    assert (tfx.status, tfx.found) == ("failed", "ImportError: dill")
    assert tfx.fix == "make -B env"


@pytest.mark.parametrize(("name", "found"), [("SIGILL", "illegal"), ("SIGKILL", "memory")])
def test_a_process_that_dies_of_a_signal_is_explained(name: str, found: str) -> None:
    first, _ = checks.check_tensorflow(
        python(f"import os, signal; os.kill(os.getpid(), signal.{name})")
    )

    assert found in first.found
    assert first.fix


def test_an_import_that_hangs_is_given_up() -> None:
    first, _ = checks.check_tensorflow(python("import time; time.sleep(60)"), timeout=0.2)

    assert "no answer" in first.found


@pytest.mark.parametrize(("free", "status"), [(1, "failed"), (5, "warning"), (50, "ok")])
def test_disk_space_is_weighed(free: int, status: str) -> None:
    check = checks.check_disk(Path("runs"), free * GIB)

    assert check.status == status
    assert bool(check.fix) == (status != "ok")


@pytest.mark.parametrize(("free", "status"), [(1, "failed"), (3, "warning"), (16, "ok")])
def test_memory_is_weighed(free: int, status: str) -> None:
    assert checks.check_memory(free * GIB, 32 * GIB).status == status


def test_memory_of_this_machine_is_plausible() -> None:
    available, total = checks.memory_of_this_machine()

    assert 0 < available <= total


def test_a_run_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"

    assert checks.check_run_folder(folder).found == f"{folder} can be made"
    assert list(tmp_path.iterdir()) == []


def test_a_run_folder_keeps_nothing_of_the_check(tmp_path: Path) -> None:
    assert checks.check_run_folder(tmp_path).found == f"{tmp_path} can be written"
    assert checks.check_metadata_store(tmp_path).status == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_run_folder_below_a_file_fails_with_a_fix(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    check = checks.check_run_folder(tmp_path / "file" / "runs")

    assert check.status == "failed"
    assert "--root" in check.fix
    assert checks.check_metadata_store(tmp_path / "file" / "runs").status == "failed"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_run_folder_without_write_access_fails(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert checks.check_run_folder(tmp_path).status == "failed"
