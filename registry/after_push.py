"""What follows a push: the model gets its version, old ones leave the serving folder."""

from __future__ import annotations

import logging

import ml_metadata

from core.errors import MillraceError
from metadata.store import STORE_ERRORS
from registry.registration import read_models
from registry.retention import prune


def after_push(store: ml_metadata.MetadataStore, pipeline: str) -> None:
    """Registers what was pushed and prunes the serving folder.

    The model serves already, so nothing here fails the run: a version that could not be
    given is given when somebody next looks, and what could not be removed goes after the
    next push.

    Args:
      store: The store, open for writing.
      pipeline: The pipeline's name.
    """
    try:
        models = read_models(store).get(pipeline)
        keep = models.champion.facts.keep if models and models.champion else None
        if models is not None and keep is not None:
            for number in prune(models, keep):
                logging.info("Version %d left the serving folder.", number)
    except (MillraceError, OSError, *STORE_ERRORS):
        logging.exception("The registry was not brought up to date.")
