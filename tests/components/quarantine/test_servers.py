"""The quarantine on databases that several machines share, with processes racing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from components.quarantine import records
from tests.e2e.metadata_servers import KINDS, running_store


@pytest.fixture(scope="module", params=KINDS)
def opened(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Any]]:
    """Opens the store of a real server as often as asked."""
    with running_store(request.param, tmp_path_factory.mktemp(request.param)) as found:
        yield found


def test_refusals_and_decisions_at_once_leave_one_entry_with_all_of_them(
    opened: Callable[[], Any], make_entry: Any
) -> None:
    stores = [opened() for _ in range(3)]
    entry = make_entry(reason="C:\\trips\\a.csv: 'no' number")

    def refuse(i: int) -> Any:
        return records.quarantine(stores[i], make_entry(f"run-{i}", reason=entry.reason))

    def release(i: int) -> str:
        try:
            return records.change(stores[i], entry.id, "released", f"person-{i}", "").status
        except ValueError:
            return "too late"

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(refuse, range(3)))
        decided = list(pool.map(release, range(3)))

    [kept] = records.entries(stores[0])
    assert sorted(decided) == ["released", "too late", "too late"]
    assert kept.reason == entry.reason
    assert sorted(change.action for change in kept.history) == [*["refused"] * 3, "released"]
    assert records.blocking(stores[1], entry.data) is None
