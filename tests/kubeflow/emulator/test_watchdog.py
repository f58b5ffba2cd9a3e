"""The process that ends all tasks when the emulator is gone."""

from __future__ import annotations

import os
import signal
import subprocess

from kubeflow.emulator.watchdog import watch


def sleeping() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "60"], start_new_session=True)


def test_groups_that_are_left_are_killed_and_no_others() -> None:
    left, released = sleeping(), sleeping()
    try:
        watch([f"+1 {left.pid}\n", f"+2 {released.pid}\n", "-2\n"])
        assert left.wait(10) == -signal.SIGKILL
        assert released.poll() is None
    finally:
        os.killpg(released.pid, signal.SIGKILL)
        released.wait()


def test_a_group_that_has_gone_is_no_error() -> None:
    gone = sleeping()
    gone.kill()
    gone.wait()
    watch([f"+1 {gone.pid}\n"])
