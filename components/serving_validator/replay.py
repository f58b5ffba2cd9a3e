"""The process that serves the model alone: loads it, asks it, writes down what it did.

Started by path with ``python -I``, so nothing of this project is imported: what works here
works wherever the SavedModel and TensorFlow are. Arguments: the number of the pipe to
write to, the parent's process id, and the request file. It writes a line of JSON at the
beginning and the end of every step, so that the parent knows in which one it died.
"""

from __future__ import annotations

import base64
import ctypes
import gc
import importlib.util
import json
import os
import resource
import signal
import sys
import time
import types
from collections.abc import Iterator
from typing import Any

_PAGE = os.sysconf("SC_PAGE_SIZE")
# Thread stacks and allocator arenas take address space, not memory.
_ADDRESS_SLACK = 2 * 1024**3
_BATCH_ROWS = 1000
_BATCHES = 5
_GROWTH_BATCHES = 40
_MEASURING_SECONDS = 10.0


def main() -> None:
    """Runs the steps of the request in order."""
    pipe, parent, request_file = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    with open(request_file, encoding="utf-8") as file:
        request = json.load(file)

    def say(event: str, **facts: Any) -> None:
        line = json.dumps({"event": event, "rss": _resident(), **facts})
        with os.fdopen(os.dup(pipe), "w") as out:
            out.write(line + "\n")

    started = time.perf_counter()
    # Nearly all that imports make stays; looking for the rest takes longer than it saves.
    gc.disable()
    load = _import_loader()
    gc.freeze()
    gc.enable()
    say("imported", seconds=time.perf_counter() - started)
    _limit_address_space(request["memory_bytes"])
    server = Server(request, load)
    for step in request["steps"]:
        say("begin", step=step)
        began = time.perf_counter()
        try:
            facts: dict[str, Any] = {"result": server.run(step)}
        except Exception as error:  # noqa: BLE001 - what a server would give its client
            facts = {"error": type(error).__name__, "message": _gist(str(error))}
        say("end", step=step, seconds=time.perf_counter() - began, **facts)
        if step == "start" and "error" in facts:
            break
    say("done")
    sys.stdout.flush()
    # TensorFlow's threads may crash an orderly shutdown, which says nothing of the model.
    os._exit(0)


class Server:
    """The loaded model and the ways to ask it."""

    def __init__(self, request: dict[str, Any], load: Any) -> None:
        self._request = request
        self._load = load
        self._rows = [base64.b64decode(row) for row in request["rows"]]
        self._cases = {case["name"]: case for case in request["cases"]}
        self._model: Any = None
        self._signatures: dict[str, Any] = {}

    def run(self, step: str) -> dict[str, Any]:
        """Runs one step and gives what JSON can hold of its result."""
        if step.startswith("case:"):
            return self._case(self._cases[step.removeprefix("case:")])
        result: dict[str, Any] = getattr(self, f"_{step}")()
        return result

    def _start(self) -> dict[str, Any]:
        self._model = self._load(self._request["model"], tags=["serve"])
        self._signatures = dict(self._model.signatures)
        gc.freeze()
        return {"signatures": {k: _described(v) for k, v in self._signatures.items()}}

    def _first(self) -> dict[str, Any]:
        return _summary(self._ask(self._rows[:1]))

    def _replay(self) -> dict[str, Any]:
        return _summary(self._ask(self._rows), keep=True)

    def _afterwards(self) -> dict[str, Any]:
        return _summary(self._ask(self._rows), keep=True)

    def _raw(self) -> dict[str, Any]:
        signature = self._signatures[self._request["raw_signature"]]
        tensors = self._tensors(self._rows, signature.structured_input_signature[1])
        return _summary(self._ask_raw(tensors), keep=True)

    def _singles(self) -> dict[str, Any]:
        import numpy as np

        times, answers = [], []
        for row in _for_a_while(self._rows[: self._request["singles"]]):
            began = time.perf_counter()
            answers.append(self._ask([row]))
            times.append(time.perf_counter() - began)
        joined = {
            name: np.concatenate([answer[name].reshape(-1) for answer in answers])
            for name in answers[0]
        }
        return {"times": times, "answers": len(answers), "outputs": _summary(joined, keep=True)}

    def _batches(self) -> dict[str, Any]:
        rows = self._repeated(_BATCH_ROWS)
        self._ask(rows)
        count, began = 0, time.perf_counter()
        for _ in _for_a_while(range(_BATCHES)):
            self._ask(rows)
            count += len(rows)
        return {"rows": count, "seconds": time.perf_counter() - began}

    def _growth(self) -> dict[str, Any]:
        for _ in _for_a_while(range(_GROWTH_BATCHES // 4)):
            self._ask(self._rows)
        gc.collect()
        before, batches = _resident(), 0
        for _ in _for_a_while(range(_GROWTH_BATCHES)):
            self._ask(self._rows)
            batches += 1
        gc.collect()
        return {"batches": batches, "bytes": _resident() - before}

    def _case(self, case: dict[str, Any]) -> dict[str, Any]:
        if case["signature"] == "raw":
            tensors = {name: _tensor(given) for name, given in case["tensors"].items()}
            return _summary(self._ask_raw(tensors))
        rows = [base64.b64decode(row) for row in case["examples"]]
        if case["repeat"]:
            rows = self._repeated(case["repeat"])
        return _summary(self._ask(rows))

    def _repeated(self, count: int) -> list[bytes]:
        return (self._rows * (count // len(self._rows) + 1))[:count]

    def _ask(self, rows: list[bytes]) -> dict[str, Any]:
        from tensorflow.python.framework import constant_op, dtypes

        signature = self._signatures[self._request["signature"]]
        inputs = signature.structured_input_signature[1]
        if [spec.dtype for spec in inputs.values()] != [dtypes.string]:
            # A model of the project's own that takes columns only.
            return _arrays(signature(**self._tensors(rows, inputs)))
        serialized = constant_op.constant(rows, dtype=dtypes.string, shape=[len(rows)])
        return _arrays(signature(**{next(iter(inputs)): serialized}))

    def _ask_raw(self, tensors: dict[str, Any]) -> dict[str, Any]:
        return _arrays(self._signatures[self._request["raw_signature"]](**tensors))

    def _tensors(self, rows: list[bytes], inputs: dict[str, Any]) -> dict[str, Any]:
        """The first value of every feature, or the documented sign of a missing one."""
        from tensorflow.python.ops import array_ops, parsing_ops, sparse_ops

        columns = {name: self._request["columns"].get(name, name) for name in inputs}
        features = {
            columns[name]: parsing_ops.VarLenFeature(spec.dtype) for name, spec in inputs.items()
        }
        parsed = parsing_ops.parse_example_v2(rows, features)
        tensors = {}
        for name, spec in inputs.items():
            missing = self._request["missing"][spec.dtype.name]
            dense = sparse_ops.sparse_tensor_to_dense(parsed[columns[name]], default_value=missing)
            padded = array_ops.pad_v2(dense, [[0, 0], [0, 1]], constant_values=missing)
            tensors[name] = padded[:, 0]
        return tensors


def _import_loader() -> Any:
    """TensorFlow's loader of SavedModels, without the rest of TensorFlow where that works."""
    spec = importlib.util.find_spec("tensorflow")
    if spec is not None and spec.submodule_search_locations:
        # The package's own file imports Keras, data sets and the whole public interface,
        # three seconds that no server needs.
        package = types.ModuleType("tensorflow")
        package.__path__ = list(spec.submodule_search_locations)
        package.__spec__ = spec
        sys.modules["tensorflow"] = package
        try:
            from tensorflow.python.compat import v2_compat
            from tensorflow.python.ops import lookup_ops, parsing_ops  # noqa: F401
            from tensorflow.python.saved_model import load

            v2_compat.enable_v2_behavior()
            return load.load
        except (ImportError, AttributeError):
            for name in [name for name in sys.modules if name.partition(".")[0] == "tensorflow"]:
                del sys.modules[name]
    import tensorflow

    return tensorflow.saved_model.load


def _gist(text: str) -> str:
    """The line of a message that says what is wrong; TensorFlow's begin with where."""
    where = ("Graph execution error", "Detected at node", "Stack trace", "File ", "[[", "2 root")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith(where)]
    return (told or lines or [""])[0][:200]


def _for_a_while(items: Any) -> Iterator[Any]:
    """Items until the measuring time is over; the first one always."""
    until = time.perf_counter() + _MEASURING_SECONDS
    for item in items:
        yield item
        if time.perf_counter() > until:
            return


def _described(signature: Any) -> dict[str, Any]:
    def one(spec: Any) -> dict[str, Any]:
        rank = spec.shape.rank
        return {"dtype": spec.dtype.name, "shape": spec.shape.as_list() if rank else []}

    return {
        "inputs": {k: one(v) for k, v in signature.structured_input_signature[1].items()},
        "outputs": {k: one(v) for k, v in signature.structured_outputs.items()},
    }


def _arrays(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value.numpy() for name, value in outputs.items()}


def _tensor(given: dict[str, Any]) -> Any:
    from tensorflow.python.framework import constant_op, dtypes

    values = given["values"]
    if given["dtype"] == "string":
        values = [base64.b64decode(value) for value in values]
    return constant_op.constant(values, dtypes.as_dtype(given["dtype"]), shape=given["shape"])


def _summary(outputs: dict[str, Any], *, keep: bool = False) -> dict[str, Any]:
    """Shapes, types and what is not finite; the numbers too where they are compared."""
    import numpy as np

    found: dict[str, Any] = {}
    for name, array in outputs.items():
        array = np.asarray(array)
        numeric = array.dtype.kind in "fiub"
        rows = len(array) if array.ndim else 1
        flat = array.reshape(rows, array.size // rows if rows else 0)
        wrong = ~np.isfinite(flat).all(axis=1) if numeric else np.zeros(len(flat), bool)
        found[name] = {
            "shape": list(array.shape),
            "numeric": numeric,
            "rows_not_finite": int(wrong.sum()),
            "first_not_finite": int(wrong.argmax()) if wrong.any() else None,
        }
        if keep and numeric:
            found[name]["values"] = array.reshape(-1).tolist()
    return found


def _resident() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * _PAGE
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _limit_address_space(memory_bytes: int) -> None:
    """Refuses allocations that would end the machine before the parent can look."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * _PAGE
    except OSError:
        return
    most = used + memory_bytes + _ADDRESS_SLACK
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


if __name__ == "__main__":
    main()
