"""Rights that nobody uses: noted, warned of at 335 days, ended at 365; nothing twice. The time is given."""
from datetime import UTC, datetime, timedelta

import pytest

from accounts.management.commands.run_due import run_due
from accounts.models import AuditEvent, OutboxMessage, PortalSession
from accounts.registries import due_jobs
from pilots.actions.lapse import lapse_unused, note_last_use, warn_of_unused
from pilots.choices import Role
from pilots.models import Membership
from pilots.registries import membership_end_guards
from tests.pilots.factories import make_membership

from .people_stage import mails, make_stage, person, verbs

START = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


@pytest.fixture
def stage(db):
    stage = make_stage()
    Membership.objects.update(started_at=day(10_000))
    Membership.objects.filter(pk=stage.officer.pk).update(started_at=START)
    return stage


def used(membership: Membership, at: datetime, key: str = "s") -> PortalSession:
    return PortalSession.objects.create(
        session_key=f"{key}{at.isoformat()}"[:40], user_id=membership.user_id, membership_id=membership.pk, seen_at=at, expire_date=at + timedelta(hours=10)
    )


def test_last_use_is_read_before_the_session_is_dropped(stage):
    used(stage.officer, day(100))

    run_due(day(200))

    stage.officer.refresh_from_db()
    assert stage.officer.last_used_at == day(100)
    assert not PortalSession.objects.exists()


def test_nothing_lapses_nor_is_dropped_when_the_use_could_not_be_noted(stage, monkeypatch, caplog):
    def note_last_use(now):
        raise RuntimeError("broken on purpose")

    Membership.objects.filter(pk=stage.officer.pk).update(warned_at=day(335))
    Membership.objects.filter(pk=stage.administrator.pk).update(started_at=day(60))
    used(stage.officer, day(364))
    with monkeypatch.context() as broken:
        broken.setitem(due_jobs._items, 20, note_last_use)
        done = run_due(day(400))

    assert (done["warn_of_unused"], done["lapse_unused"], done["drop_ended_sessions"], done["send_due_mail"]) == (None, None, None, 0)
    assert "lapse_unused is left out, for note_last_use has not been done" in caplog.text
    assert (PortalSession.objects.count(), verbs(), mails()) == (1, [], [])

    run_due(day(400))
    stage.officer.refresh_from_db()
    assert (stage.officer.last_used_at, stage.officer.ended_at, PortalSession.objects.count()) == (day(364), None, 0)


def test_last_use_takes_the_latest_and_never_goes_back(stage):
    used(stage.officer, day(100))
    used(stage.officer, day(90), "t")
    Membership.objects.filter(pk=stage.administrator.pk).update(last_used_at=day(150))
    used(stage.administrator, day(100), "u")

    assert note_last_use(day(200)) == 1
    assert note_last_use(day(200)) == 0

    stage.officer.refresh_from_db()
    stage.administrator.refresh_from_db()
    assert (stage.officer.last_used_at, stage.administrator.last_used_at) == (day(100), day(150))


def test_warning_comes_at_335_days_and_once(stage):
    assert warn_of_unused(day(335) - timedelta(seconds=1)) == 0
    assert warn_of_unused(day(335)) == 1
    assert warn_of_unused(day(335)) == 0
    assert warn_of_unused(day(336)) == 0

    assert mails() == [("membership_unused", stage.officer.user.email)]
    assert "31.12.2027" in OutboxMessage.objects.get().body or "1.1.2028" in OutboxMessage.objects.get().body
    assert verbs() == ["membership.warned"]
    assert AuditEvent.objects.get().actor_id is None


def test_rights_lapse_at_365_days_and_once(stage):
    warn_of_unused(day(335))

    assert lapse_unused(day(365) - timedelta(seconds=1)) == 0
    assert lapse_unused(day(365)) == 1
    assert lapse_unused(day(365)) == 0

    stage.officer.refresh_from_db()
    assert (stage.officer.ended_at, stage.officer.end_reason, stage.officer.ended_by) == (day(365), "lapsed", None)
    assert [kind for kind, _to in mails()] == ["membership_unused", "membership_lapsed"]
    assert verbs() == ["membership.warned", "membership.lapsed"]


def test_nobody_loses_rights_without_thirty_days_of_warning(stage):
    """The jobs stood still for two years: the warning comes first all the same."""
    run_due(day(700))
    stage.officer.refresh_from_db()
    assert (stage.officer.warned_at, stage.officer.ended_at) == (day(700), None)

    run_due(day(729))
    stage.officer.refresh_from_db()
    assert stage.officer.ended_at is None

    run_due(day(730))
    stage.officer.refresh_from_db()
    assert stage.officer.end_reason == "lapsed"


def test_use_after_the_warning_keeps_the_rights_and_warns_anew_a_year_later(stage):
    run_due(day(335))
    used(stage.officer, day(340))
    run_due(day(341))

    assert lapse_unused(day(400)) == 0
    assert warn_of_unused(day(340 + 334)) == 0
    assert warn_of_unused(day(340 + 335)) == 1
    assert [kind for kind, _to in mails()] == ["membership_unused", "membership_unused"]


def test_one_membership_lapses_while_the_other_is_used(stage):
    other = make_membership(stage.officer.user, Role.COUNSELLOR, organisation=stage.own, started_at=START)
    used(other, day(330))

    run_due(day(335))
    run_due(day(365))

    stage.officer.refresh_from_db()
    other.refresh_from_db()
    assert (stage.officer.end_reason, other.end_reason) == ("lapsed", "")


def test_last_administrator_does_not_lapse_and_the_portal_is_told_once(stage):
    Membership.objects.filter(pk=stage.officer.pk).update(started_at=day(10_000))
    Membership.objects.filter(pk=stage.administrator.pk).update(started_at=START)
    run_due(day(335))

    for number in (365, 365, 366, 380):
        run_due(day(number))

    stage.administrator.refresh_from_db()
    assert stage.administrator.ended_at is None
    assert mails() == [("membership_unused", stage.administrator.user.email), ("last_administrator_unused", stage.portal.user.email)]
    assert verbs() == ["membership.warned", "membership.lapse_refused"]


def test_who_comes_back_while_the_job_runs_keeps_the_rights(stage):
    other = make_membership(person("Toinen"), Role.COUNSELLOR, organisation=stage.own, started_at=START)
    warn_of_unused(day(335))

    def comes_back(_ending: Membership) -> None:
        Membership.objects.filter(pk=other.pk).update(last_used_at=day(365), warned_at=None)

    membership_end_guards.add(99, comes_back)
    try:
        lapsed = lapse_unused(day(365))
    finally:
        membership_end_guards._items.pop(99)

    stage.officer.refresh_from_db()
    other.refresh_from_db()
    assert lapsed == 1
    assert (stage.officer.end_reason, other.end_reason) == ("lapsed", "")


def test_administrator_lapses_when_another_is_there(stage):
    Membership.objects.filter(pk=stage.administrator.pk).update(started_at=START)
    make_membership(person("Toinen"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.own, started_at=day(10_000))

    run_due(day(335))
    run_due(day(365))

    stage.administrator.refresh_from_db()
    assert stage.administrator.end_reason == "lapsed"


def test_two_administrators_who_are_both_unused_leave_one(stage):
    second = make_membership(person("Toinen"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.own, started_at=START)
    Membership.objects.filter(pk=stage.administrator.pk).update(started_at=START)

    run_due(day(335))
    run_due(day(365))
    run_due(day(366))

    ended = Membership.objects.filter(pk__in=[stage.administrator.pk, second.pk], ended_at__isnull=False)
    assert ended.count() == 1


def test_run_sends_its_own_mail_at_once_and_nothing_twice(stage, mailoutbox):
    run_due(day(335))
    run_due(day(335))

    assert [message.to for message in mailoutbox] == [[stage.officer.user.email]]
