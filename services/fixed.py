"""What organisations have agreed on stays as it is: the database refuses its change, whatever the application does.

An agreement is written as a draft only, is sent only with shares that sum to 1, and comes into force only when every party has
decided; from then on it can but end. A settlement is locked only when it adds up and every party has accepted it, and is
never changed after. Demo rows may be removed, and are not changed either.

SQLite drops the triggers of a table that it rebuilds: a migration that changes one of these tables ends with `FIXED` again.
"""
from typing import NamedTuple

from django.db import migrations

AGREEMENT, PARTY, LINE = "services_agreement", "services_agreementparty", "services_agreementline"
SETTLEMENT, SETTLED, SHARE, ACCEPTANCE = "services_settlement", "services_settlementline", "services_settlementshare", "services_settlementacceptance"
WHOLE = 10_000


class Rule(NamedTuple):
    """Refused when `condition` holds of the row; `event` is INSERT, UPDATE or DELETE."""

    name: str
    table: str
    event: str
    condition: str


def _changed(*columns: str) -> str:
    return "(" + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns) + ")"


def _of_agreement(row: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM {AGREEMENT} a WHERE a.id = {row}.agreement_id AND {condition})"


def _of_settlement(row: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM {SETTLEMENT} s WHERE s.id = {row}.settlement_id AND s.state = 'accepted' AND {condition})"


def _of_line(row: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM {SETTLEMENT} s JOIN {SETTLED} l ON l.settlement_id = s.id WHERE l.id = {row}.line_id AND s.state = 'accepted' AND {condition})"


CONTENT = ("organisation_id", "title", "form", "first_day", "last_day", "terms", "qualification", "extract_seen_on", "edition", "replaces_id", "is_demo")
SENT, AGREED = "a.state <> 'draft'", "a.state IN ('in_force', 'ended')"
UNDECIDED = f"EXISTS (SELECT 1 FROM {PARTY} p WHERE p.agreement_id = NEW.id AND p.accepted_at IS NULL)"
SHARES = f"(SELECT COALESCE(SUM(p.share), 0) FROM {PARTY} p WHERE p.agreement_id = NEW.id)"
PARTIES = f"(SELECT COUNT(*) FROM {PARTY} p WHERE p.agreement_id = NEW.id)"
UNEVEN = f"EXISTS (SELECT 1 FROM {SETTLED} l WHERE l.settlement_id = NEW.id AND l.total <> (SELECT COALESCE(SUM(c.cents), 0) FROM {SHARE} c WHERE c.line_id = l.id))"
UNACCEPTED = f"EXISTS (SELECT 1 FROM {PARTY} p WHERE p.agreement_id = NEW.agreement_id AND NOT EXISTS (SELECT 1 FROM {ACCEPTANCE} a WHERE a.settlement_id = NEW.id AND a.organisation_id = p.organisation_id))"
RULES = (
    Rule("agreement_begins_as_draft", AGREEMENT, "INSERT", "NEW.state <> 'draft'"),
    Rule("agreement_shares_sum_to_1", AGREEMENT, "UPDATE", f"NEW.state <> 'draft' AND ({SHARES} <> {WHOLE} OR {PARTIES} < 2)"),
    Rule("agreement_in_force_when_decided", AGREEMENT, "UPDATE", f"NEW.state IN ('in_force', 'ended') AND (OLD.state NOT IN ('sent', 'in_force', 'ended') OR {UNDECIDED})"),
    Rule(
        "agreement_fixed", AGREEMENT, "UPDATE",
        f"OLD.state <> 'draft' AND {_changed(*CONTENT)} OR OLD.state IN ('in_force', 'ended') AND NEW.state NOT IN (OLD.state, 'ended') OR OLD.state = 'ended' AND {_changed('ended_on')}",
    ),
    Rule("agreement_kept", AGREEMENT, "DELETE", "OLD.state <> 'draft' AND NOT OLD.is_demo"),
    Rule("agreement_party_added", PARTY, "INSERT", _of_agreement("NEW", SENT)),
    Rule("agreement_party_fixed", PARTY, "UPDATE", f"{_changed('agreement_id', 'organisation_id', 'share')} AND {_of_agreement('OLD', SENT)} OR {_of_agreement('OLD', AGREED)}"),
    Rule("agreement_party_kept", PARTY, "DELETE", _of_agreement("OLD", f"{SENT} AND NOT a.is_demo")),
    Rule("agreement_line_added", LINE, "INSERT", _of_agreement("NEW", SENT)),
    Rule("agreement_line_fixed", LINE, "UPDATE", f"{_of_agreement('OLD', SENT)} OR {_of_agreement('NEW', SENT)}"),
    Rule("agreement_line_kept", LINE, "DELETE", _of_agreement("OLD", f"{SENT} AND NOT a.is_demo")),
    Rule("settlement_begins_as_draft", SETTLEMENT, "INSERT", "NEW.state <> 'draft'"),
    Rule("settlement_adds_up", SETTLEMENT, "UPDATE", f"NEW.state = 'accepted' AND OLD.state = 'draft' AND ({UNEVEN} OR {UNACCEPTED})"),
    Rule("settlement_locked", SETTLEMENT, "UPDATE", "OLD.state = 'accepted'"),
    Rule("settlement_kept", SETTLEMENT, "DELETE", "OLD.state = 'accepted' AND NOT OLD.is_demo"),
    Rule("settlement_line_added", SETTLED, "INSERT", _of_settlement("NEW", "1 = 1")),
    Rule("settlement_line_locked", SETTLED, "UPDATE", f"{_of_settlement('OLD', '1 = 1')} OR {_of_settlement('NEW', '1 = 1')}"),
    Rule("settlement_line_kept", SETTLED, "DELETE", _of_settlement("OLD", "NOT s.is_demo")),
    Rule("settlement_share_added", SHARE, "INSERT", _of_line("NEW", "1 = 1")),
    Rule("settlement_share_locked", SHARE, "UPDATE", f"{_of_line('OLD', '1 = 1')} OR {_of_line('NEW', '1 = 1')}"),
    Rule("settlement_share_kept", SHARE, "DELETE", _of_line("OLD", "NOT s.is_demo")),
    Rule("settlement_acceptance_added", ACCEPTANCE, "INSERT", _of_settlement("NEW", "1 = 1")),
    Rule("settlement_acceptance_locked", ACCEPTANCE, "UPDATE", _of_settlement("OLD", "1 = 1")),
    Rule("settlement_acceptance_kept", ACCEPTANCE, "DELETE", _of_settlement("OLD", "NOT s.is_demo")),
)
TRIGGERS = frozenset(rule.name for rule in RULES)


def install(schema_editor) -> None:
    for rule in RULES:
        if schema_editor.connection.vendor == "postgresql":
            row = "OLD" if rule.event == "DELETE" else "NEW"
            refuse = f"RAISE EXCEPTION '{rule.name}' USING ERRCODE = 'integrity_constraint_violation'"
            schema_editor.execute(f"CREATE OR REPLACE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {rule.condition} THEN {refuse}; END IF; RETURN {row}; END $$", params=None)
            schema_editor.execute(f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} FOR EACH ROW EXECUTE FUNCTION {rule.name}()", params=None)
        else:
            schema_editor.execute(f"CREATE TRIGGER {rule.name} BEFORE {rule.event} ON {rule.table} WHEN {rule.condition} BEGIN SELECT RAISE(ABORT, '{rule.name}'); END", params=None)


def remove(schema_editor) -> None:
    for rule in RULES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {rule.name} ON {rule.table}", params=None)
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {rule.name}()", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {rule.name}", params=None)


FIXED = migrations.RunPython(lambda apps, schema_editor: install(schema_editor), lambda apps, schema_editor: remove(schema_editor))
