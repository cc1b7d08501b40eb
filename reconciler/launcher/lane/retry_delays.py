"""How long a bind waits until it is tried again."""

from __future__ import annotations

from reconciler.launcher.lane.carrier_session import CarrierSession

LONGEST = 900.0  # seconds between two attempts that the carrier refuses beside live binds
FIRST_FOR_SEAT = 1.0  # seconds while the carrier still counts a bind that we ended for this one
FOR_BACKUP = 1.0  # seconds until a lost bind is made again, where there are backups


def after_loss(session: CarrierSession, *, ousted: int) -> float:
    """Seconds after a bind was lost. `ousted`: how often in a row the carrier ended a bind when
    another came, this time too; 0 if that is not why."""
    if ousted:
        return min(session.settings.refusal_delay * 2 ** min(ousted - 1, 10), LONGEST)
    delay = session.settings.loss_delay
    return min(delay, FOR_BACKUP) if session.settings.backups else delay


def after_failure(
    session: CarrierSession, *, had_link: bool, has_made_room: bool, are_others_up: bool
) -> float:
    """Seconds after a bind could not be made, or was lost early, at all hosts.

    `has_made_room`: another bind has ended for it. `are_others_up`: a delay loses nothing, and each
    further attempt with a refused password may lock the account.
    """
    settings = session.settings
    if session.is_refused:
        factor = 2 ** min(session.refusals - 1, 10)
        if has_made_room and session.lacks_seat:
            return min(FIRST_FOR_SEAT * factor, settings.loss_delay)
        if are_others_up:
            return min(settings.refusal_delay * factor, LONGEST)
    return settings.loss_delay if had_link else settings.fail_delay
