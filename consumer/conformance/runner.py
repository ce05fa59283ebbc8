"""Runs cases against a producer: each by itself, so that what one finds keeps no other from looking."""

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib.metadata import version

from consumer.conformance.case import ANY, Blocked, NotApplicable, RuleCase, Untold
from consumer.conformance.data import NONE, CaseData
from consumer.conformance.probe import Probe
from consumer.conformance.results import CaseResult, RunReport, Verdict
from consumer.conformance.session import Session
from contracts.catalogue import CARELISTING, RESIDENTPARTICIPATION, by_name
from contracts.clock import swedish_now

MOST_SILENCES = 5
"""Calls in a row that are waited for in vain; after that nothing more is asked."""

_SILENCE_SECONDS = 1.0
_STOPPED = "the run was stopped"
_SILENT = f"the producer has left {MOST_SILENCES} calls in a row without an answer"

Progress = Callable[[CaseResult], None]
"""Told of each case as it is done."""


def run(
    session: Session,
    cases: Sequence[RuleCase],
    address: str,
    *,
    progress: Progress = lambda result: None,
    now: datetime | None = None,
) -> RunReport:
    """Run cases and return what came of them.

    Args:
        session: The producer, and what it is asked about.
        cases: The cases, those that look at the whole run last.
        address: The producer's address, for the report.
        progress: Told of each case as it is done.
        now: The present; a rule that is not in force yet is not tested.
    """
    began = now or swedish_now()
    started = time.monotonic()
    results: list[CaseResult] = []
    for place, case in enumerate(cases):
        try:
            result = _run_one(session, case, began.date())
        except KeyboardInterrupt:  # what has been found is worth a report
            results += [CaseResult(one, Verdict.NOT_TESTED, reason=_STOPPED) for one in cases[place:]]
            break
        results.append(result)
        progress(result)
    return RunReport(
        address,
        session.data.producer.name,
        began,
        time.monotonic() - started,
        version("fastkontakt"),
        session.write,
        tuple(sorted(results, key=lambda one: one.case.id)),
        tuple(session.seen),
    )


def _run_one(session: Session, case: RuleCase, today: date) -> CaseResult:
    verdict, reason = _whether(session, case, today)
    if verdict is not None:
        return CaseResult(case, verdict, reason=reason)
    missing = tuple(key for key in (*_addressed(case), *case.needs) if not session.data.value(key))
    if missing:
        reason = f"the data file has no {', '.join(missing)}"
        return CaseResult(case, Verdict.NOT_TESTED, reason=reason, missing=missing)
    if _silent(session) and not (case.last and any(seen.answered for seen in session.seen)):
        return CaseResult(case, Verdict.BLOCKED, reason=_SILENT)
    probe = Probe(session, writes=case.writes)
    verdict, reason = Verdict.HELD, ""
    try:
        case.check(probe)
    except Blocked as error:
        verdict, reason = Verdict.BLOCKED, str(error)
    except Untold as error:
        reason = f"the data file has no {error}"
        return CaseResult(case, Verdict.NOT_TESTED, (), reason, tuple(probe.steps), (str(error),))
    except NotApplicable as error:
        verdict, reason = Verdict.NOT_APPLICABLE, str(error)
    except Exception as error:  # a producer may send anything; one case that trips must not stop the others
        verdict, reason = Verdict.FAILED, f"the case itself went wrong: {type(error).__name__}: {error}"
    if probe.findings:
        verdict, reason = Verdict.BROKEN, ""
    return CaseResult(case, verdict, tuple(probe.findings), reason, tuple(probe.steps))


def _whether(session: Session, case: RuleCase, today: date) -> tuple[Verdict | None, str]:
    """Tell why a case is not run; None when it is."""
    data = session.data
    for name, reason in data.not_applicable.items():
        if f"{case.id}/".startswith(f"{name.rstrip('/')}/"):
            return Verdict.NOT_APPLICABLE, f"the data file says: {reason}"
    if case.in_force > today:
        return Verdict.NOT_APPLICABLE, f"in force from {case.in_force}"
    if case.contract != ANY and not data.offers(case.contract):
        return Verdict.NOT_APPLICABLE, f"the producer does not offer {case.contract}"
    if NONE in _values(data, case):
        return (
            Verdict.NOT_APPLICABLE,
            "the data file says that the producer has nobody or nothing of the kind",
        )
    if case.writes and not session.write:
        return Verdict.NOT_TESTED, "it may change the producer's data; allow that with --write"
    return None, ""


def _silent(session: Session) -> bool:
    """Tell whether the producer has stopped answering; one that breaks the connection at once has not."""
    latest = [seen.exchange for seen in session.seen[-MOST_SILENCES:]]
    waited = [one for one in latest if one.status is None and one.seconds >= _SILENCE_SECONDS]
    return len(waited) == MOST_SILENCES


def _addressed(case: RuleCase) -> tuple[str, ...]:
    """Return the key of the LogicalAddress without which a case's contract cannot be asked."""
    if case.contract == ANY:
        return ()
    keys = {CARELISTING: ("carelisting.county",), RESIDENTPARTICIPATION: ("care_managers.address",)}
    return keys.get(by_name(case.contract).domain, ())


def _values(data: CaseData, case: RuleCase) -> list[object]:
    return [data.value(key) for key in case.needs]
