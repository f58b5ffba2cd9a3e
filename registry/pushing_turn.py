"""A Pusher's turn: comparison with the champion of now, push and registration in one."""

from __future__ import annotations

from collections.abc import Callable

import ml_metadata

from components.pusher import refusal
from core.login import login_name
from metadata.run_file import utc_now
from registry.after_push import after_push
from registry.moves_record import Move
from registry.overtaken import note_refusal, overtaken
from registry.turns import PATIENCE_SECONDS, NotNowError, still_busy, turn


def push_in_turn(
    store: ml_metadata.MetadataStore, pipeline: str, run_id: str, launch: Callable[[], None]
) -> None:
    """Launches a Pusher while no other one, no promotion and no rollback can come between.

    Args:
      store: The store, open for writing.
      pipeline: The pipeline's name.
      run_id: The run.
      launch: Launches the node.

    Raises:
      ModelError: If the model is blessed, but was not compared with the champion of now.
      InfrastructureError: If others do not end.
    """
    move = Move("push", run_id, "", utc_now(), login_name())
    try:
        with turn(store, pipeline, move, patience_seconds=PATIENCE_SECONDS):
            found = overtaken(store, pipeline, run_id)
            try:
                with refusal.of_blessed(found[1] if found else None):
                    launch()
            except refusal.RefusedError as error:
                assert found is not None
                note_refusal(store, run_id, found[0])
                raise found[1] from error
            after_push(store, pipeline)
    except NotNowError as error:
        raise still_busy(error) from None
