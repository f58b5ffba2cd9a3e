"""The checks: each looks at one thing and says how to put it right."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from cli.health import lock
from core import import_path

Status = Literal["ok", "warning", "failed"]

GIB = 2**30
DISK_NEEDED, DISK_WANTED = 2 * GIB, 10 * GIB
MEMORY_NEEDED, MEMORY_WANTED = 2 * GIB, 4 * GIB
IMPORT_SECONDS = 300

_PROBE = """
import json, time
start = time.monotonic()
import tensorflow as tf, keras
print(json.dumps({"name": "TensorFlow", "version": tf.__version__, "keras": keras.__version__,
                  "gpus": len(tf.config.list_physical_devices("GPU")),
                  "seconds": time.monotonic() - start}), flush=True)
start = time.monotonic()
import tfx.version
from tfx.orchestration.portable import launcher
print(json.dumps({"name": "TFX", "version": tfx.version.__version__,
                  "seconds": time.monotonic() - start}), flush=True)
# Some of the libraries fall over their own threads at exit.
import os
os._exit(0)
"""


@dataclasses.dataclass(frozen=True)
class Check:
    """What one look found.

    Attributes:
      name: What was looked at.
      status: Only "failed" keeps a run from working.
      found: The facts, in one line.
      fix: What to do; empty where nothing is to be done.
    """

    name: str
    status: Status
    found: str
    fix: str = ""


def check_python(version: Sequence[int], executable: str) -> Check:
    """Whether this is Python 3.10, the only version the locked TFX runs on."""
    found = f"{'.'.join(str(part) for part in version[:3])} at {executable}"
    if tuple(version[:2]) == (3, 10):
        return Check("Python", "ok", found)
    return Check("Python", "failed", found, "make clean-all env  (uses Python 3.10)")


def check_versions(lock_file: Path = lock.LOCK_FILE) -> Check:
    """Whether the packages are those of the lock file."""
    if lock_file.is_file():
        against = lock_file.name
        locked = lock.read_lock(lock_file.read_text(encoding="utf-8"))
    else:
        against = "what this installation of millrace asks for"
        locked = lock.pins_of_distribution(importlib.metadata.requires("millrace") or ())
    differing = lock.mismatches(locked, lock.installed_packages())
    if not differing:
        return Check("Packages", "ok", f"{len(locked)} packages as {against} says")
    shown = ", ".join(
        f"{d.name} {d.installed or 'missing'} (not {d.locked})" for d in differing[:4]
    )
    more = f" and {len(differing) - 4} more" if len(differing) > 4 else ""
    return Check(
        "Packages",
        "failed",
        f"{len(differing)} not as {against} says: {shown}{more}",
        "make -B env",
    )


def check_processor(cpuinfo: str, cores: int) -> Check:
    """Whether the processor has what TensorFlow's wheels are compiled for (AVX)."""
    line = next((row for row in cpuinfo.splitlines() if row.startswith("flags")), "")
    flags = set(line.partition(":")[2].split())
    found = f"{cores} core{'s' if cores != 1 else ''}"
    if not flags:
        return Check("Processor", "warning", f"{found}, features unknown")
    features = [name for name in ("avx", "avx2", "fma", "avx512f") if name in flags]
    found += f", {' '.join(features) or 'no AVX'}"
    if "avx" not in flags:
        return Check(
            "Processor",
            "failed",
            found,
            "TensorFlow needs AVX: use another machine, or pass the host's CPU to the virtual one",
        )
    return Check("Processor", "ok", found)


def check_tensorflow(
    command: Sequence[str] | None = None, timeout: float = IMPORT_SECONDS
) -> list[Check]:
    """Whether TensorFlow and TFX can be imported, tried in a process of their own.

    Args:
      command: A program that prints a line of JSON for each library it has imported.
      timeout: Seconds after which it is given up.

    Returns:
      A check for each of the two.
    """
    environment = {**os.environ, "TF_USE_LEGACY_KERAS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        process = subprocess.run(
            list(command or import_path.code_command(_PROBE)),
            env=environment, capture_output=True, text=True, timeout=timeout,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        output, errors_shown, code = process.stdout, process.stderr, process.returncode
    except subprocess.TimeoutExpired as end:
        output = (end.stdout or b"").decode() if isinstance(end.stdout, bytes) else ""
        errors_shown, code = f"no answer after {timeout:.0f} seconds", 1
    checks = [_imported(json.loads(line)) for line in output.splitlines() if line[:1] == "{"]
    missing = [name for name in ("TensorFlow", "TFX") if name not in {c.name for c in checks}]
    if missing:
        checks.append(_not_imported(missing[0], errors_shown, code))
    checks += [Check(name, "failed", "not tried", "see the row above") for name in missing[1:]]
    return checks


def _imported(record: dict) -> Check:
    found = f"{record['version']} imports in {record['seconds']:.1f} s"
    if "keras" in record:
        found += f", Keras {record['keras']}, {record['gpus'] or 'no'} GPU"
    return Check(record["name"], "ok", found)


def _not_imported(name: str, errors_shown: str, code: int) -> Check:
    lines = [line.strip() for line in errors_shown.splitlines() if line.strip()]
    fix = "make -B env"
    if code == -signal.SIGILL:
        return Check(
            name, "failed", "illegal instruction", "the processor lacks AVX: use another machine"
        )
    if code == -signal.SIGKILL:
        return Check(name, "failed", "killed, most likely for memory", "free some memory")
    return Check(name, "failed", lines[-1][:200] if lines else f"exit code {code}", fix)


def check_disk(folder: Path, free: int) -> Check:
    """Whether runs have room: one of 1.5 million rows writes about a gigabyte.

    Args:
      folder: Where runs are written.
      free: Bytes free there.
    """
    found = f"{free / GIB:.1f} GiB free for {folder}"
    if free < DISK_NEEDED:
        return Check("Disk", "failed", found, f"free {DISK_NEEDED // GIB} GiB or choose --root")
    if free < DISK_WANTED:
        return Check("Disk", "warning", found, "enough for small data only")
    return Check("Disk", "ok", found)


def check_memory(available: int, total: int) -> Check:
    """Whether TensorFlow and a table fit; a small run takes about a gigabyte.

    Args:
      available: Bytes that can be had without swapping.
      total: Bytes the machine or its container has.
    """
    found = f"{available / GIB:.1f} of {total / GIB:.1f} GiB available"
    if available < MEMORY_NEEDED:
        return Check(
            "Memory", "failed", found, f"close programs, or give {MEMORY_NEEDED // GIB} GiB or more"
        )
    if available < MEMORY_WANTED:
        return Check("Memory", "warning", found, "enough for small data only")
    return Check("Memory", "ok", found)


def memory_of_this_machine() -> tuple[int, int]:
    """Bytes available and in all, a container's limit included."""
    import psutil

    memory = psutil.virtual_memory()
    available, total = memory.available, memory.total
    group = Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
    except (OSError, ValueError):
        return available, total  # No such limit here, or it says "max".
    # Pages of files count as used though they can be dropped at once: be generous.
    return min(available, max(limit - used, 0)), min(total, limit)


def nearest_existing(folder: Path) -> Path:
    """The folder itself, or the one above it that exists."""
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if path.exists())


def check_run_folder(folder: Path) -> Check:
    """Whether files can be written and renamed where runs go; leaves nothing behind."""
    place = nearest_existing(folder)
    try:
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=place) as scratch:
            written = Path(scratch) / "a"
            written.write_text("a")
            written.rename(Path(scratch) / "b")
    except OSError as error:
        return Check(
            "Run folder",
            "failed",
            f"{folder}: {error.strerror or error}",
            "give yourself write access, or choose another with --root",
        )
    state = "can be written" if folder.exists() else "can be made"
    return Check("Run folder", "ok", f"{folder} {state}")


def check_metadata_store(folder: Path) -> Check:
    """Whether ML Metadata can keep and read back a record in a SQLite file there."""
    try:
        import ml_metadata
        from ml_metadata.proto import metadata_store_pb2 as protos

        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=nearest_existing(folder)) as path:
            config = protos.ConnectionConfig()
            config.sqlite.filename_uri = str(Path(path) / "metadata.sqlite")
            config.sqlite.connection_mode = 3  # READWRITE_OPENCREATE
            store = ml_metadata.MetadataStore(config)
            kind = store.put_context_type(protos.ContextType(name="doctor"))
            store.put_contexts([protos.Context(type_id=kind, name="visit")])
            found = store.get_context_by_type_and_name("doctor", "visit")
        if found is None:
            raise RuntimeError("a record that was written cannot be read")
    except Exception as error:  # noqa: BLE001 - whatever it is belongs into the table
        return Check(
            "Metadata store",
            "failed",
            f"{type(error).__name__}: {error}"[:200],
            "use a local disk for --root (SQLite needs file locks), then run make env",
        )
    return Check("Metadata store", "ok", f"ML Metadata {ml_metadata.__version__} on SQLite")


def all_checks(folder: Path) -> list[Callable[[], list[Check]]]:
    """The checks in the order of the table, none of them run yet.

    Args:
      folder: Where runs are written.
    """

    def disk() -> Check:
        return check_disk(folder, shutil.disk_usage(nearest_existing(folder)).free)

    def processor() -> Check:
        try:
            text = Path("/proc/cpuinfo").read_text()
        except OSError:
            text = ""
        return check_processor(text, len(os.sched_getaffinity(0)))

    return [
        lambda: [check_python(sys.version_info[:3], sys.executable)],
        lambda: [check_versions()],
        lambda: [processor()],
        check_tensorflow,
        lambda: [disk()],
        lambda: [check_memory(*memory_of_this_machine())],
        lambda: [check_run_folder(folder)],
        lambda: [check_metadata_store(folder)],
    ]
