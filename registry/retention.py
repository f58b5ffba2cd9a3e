"""Old versions leave the serving folder; their stored models stay."""

from __future__ import annotations

from components.pusher import pushing
from registry.models import Models


def surplus(models: Models, keep: int) -> list[int]:
    """The numbers in the serving folder that are not needed there any more.

    Args:
      models: The models.
      keep: How many old numbers stay beside those of the champion and its predecessor.

    Returns:
      Numbers, lowest first; only of the folder that the champion is in.
    """
    champion, previous = models.champion, models.previous
    if champion is None:
        return []
    folder = _folder(champion.pushes[-1].destination)
    kept = {champion.number, *([previous.number] if previous else [])}
    # Whatever was withdrawn, the folder's last but one is what servers may still be loading.
    numbers = [p.number for p, _ in models.pushes if _folder(p.destination) == folder]
    kept |= set(numbers[-2:])
    old = [number for number in numbers if number not in kept]
    return old[: max(0, len(old) - keep)]


def prune(models: Models, keep: int) -> list[int]:
    """Removes the surplus from the serving folder.

    Args:
      models: The models.
      keep: As for `surplus`.

    Returns:
      The numbers that were there and were removed.

    Raises:
      OSError: If the disk refuses.
    """
    numbers = surplus(models, keep)
    if not numbers:
        return []
    champion = models.champion
    assert champion is not None
    folder = _folder(champion.pushes[-1].destination)
    present = set(pushing.versions(folder))
    removed = [number for number in numbers if number in present]
    for number in removed:
        pushing.remove(folder, number)
    return removed


def _folder(destination: str) -> str:
    return destination.rstrip("/").rpartition("/")[0]
