"""Records and verdicts in an SQLite file."""

import contextlib
import dataclasses
import sqlite3
import threading
import traceback
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.oath import Algorithm, Secret
from hosttools.errors import BusyError, HostError, RecordError, StateError, UsageError
from hosttools.refserver import AuditEntry, Kind, Policy, Record, Status, Store, Verdict
from hosttools.testing import BACKSTOP_S
from tests.hosttools.refserver.stores import Shop

Code = Callable[[int], str]


def test_keeps_records(shop: Shop, event: Record, timed: Record) -> None:
    """What is added is read back by another store, every field of it."""
    odd = dataclasses.replace(
        timed,
        serial="X1",
        algorithm=Algorithm.SHA512,
        digits=8,
        step_s=60,
        t0_s=-5,
        status=Status.LOCKED,
        next_factor=2**64,
        drift_steps=-7,
        failures=3,
        resync_failures=2,
        throttled_until_ns=123,
        form_mark="ab",
    )
    with shop.open() as store:
        for record in (event, timed, odd):
            store.add(record)

    with shop.open() as store:
        assert (event, timed, odd) == store.list()
        assert event == store.get("galh 0000-0042")


def test_refuses_a_serial_twice(shop: Shop, event: Record) -> None:
    """A token that is there is never replaced."""
    with shop.open() as store:
        store.add(event)
        with pytest.raises(RecordError, match="already"):
            store.add(dataclasses.replace(event, next_factor=0))

        assert event == store.get(event.serial)


def test_a_token_comes_to_its_holder(shop: Shop, event: Record) -> None:
    """Each act is kept with who did it, and where it led from and to."""
    with shop.open() as store:
        store.order(event, 1, "warehouse")
        store.ship(event.serial, 2)
        store.assign(event.serial, "alice", 3, "help desk")
        store.verify(event.serial, "0", 4)

    with shop.open() as store:
        told = [(e.at_ns, e.actor, e.before, e.status, e.said) for e in store.audit()]
        assert [
            (1, "warehouse", None, "ordered", "taken in, on order"),
            (2, "operator", "ordered", "shipped", "shipped"),
            (3, "help desk", "shipped", "assigned", "assigned to alice"),
            (4, "alice", "assigned", "assigned", "not added yet: nothing was evaluated"),
        ] == told


def test_a_token_is_taken_in_once(shop: Shop, event: Record) -> None:
    """One that is there is not taken in again, and the audit says nothing of it."""
    with shop.open() as store:
        store.enrol(event, 1)
        for again in (store.order, store.enrol):
            with pytest.raises(RecordError, match="already"):
                again(event, 2)

        assert [1] == [entry.at_ns for entry in store.audit()]


def test_replaces_by_a_token_that_is_known(shop: Shop, event: Record) -> None:
    """The new one is there and can be used; else the old one stays in use."""
    with shop.open() as store:
        store.enrol(event, 0)
        with pytest.raises(RecordError, match="no token GALH00000043"):
            store.replace(event.serial, "GALH00000043", 1)
        store.enrol(dataclasses.replace(event, serial="GALH00000043"), 2)
        store.enrol(dataclasses.replace(event, serial="GALH00000044"), 2)
        store.revoke("GALH00000044", 3)
        with pytest.raises(RecordError, match="GALH00000044 is revoked"):
            store.replace(event.serial, "GALH00000044", 4)
        store.replace(event.serial, "GALH00000043", 5)

        old = store.get(event.serial)
        assert (Status.REPLACED, "GALH00000043") == (old.status, old.replaced_by)


def test_a_token_expires_by_itself(shop: Shop, event: Record, code: Code) -> None:
    """The first act after its last moment finds it expired, whatever that act is."""
    with shop.open() as store:
        store.enrol(dataclasses.replace(event, expires_ns=10), 0)
        store.unlock(event.serial, 11)
        store.verify(event.serial, code(10), 5)

    with shop.open() as store:
        assert Status.EXPIRED is store.get(event.serial).status
        assert [("enrolled", None), ("expired", "active"), ("expired", "expired")] == [
            (entry.kind, entry.before) for entry in store.audit()
        ]


@pytest.mark.parametrize("actor", ["", "x" * 81, "two\nlines"])
def test_who_did_it_has_a_name(shop: Shop, event: Record, actor: str) -> None:
    """Without one, nothing is done."""
    with shop.open() as store:
        store.add(event)
        with pytest.raises(RecordError, match="an operator's name"):
            store.revoke(event.serial, 0, actor)

        assert (event, ()) == (store.get(event.serial), store.audit())


def test_together_is_all_or_nothing(shop: Shop, event: Record) -> None:
    """What was done in a block that failed was not done, and the next one is kept."""
    other = dataclasses.replace(event, serial="GALH00000043")
    with shop.open() as store:
        store.enrol(other, 0)
        with contextlib.suppress(RecordError), store.together():
            store.enrol(event, 1)
            store.enrol(other, 1)
        with store.together():
            store.revoke(other.serial, 2)
            store.enrol(event, 2)

        assert (event, Status.REVOKED) == (store.get(event.serial), store.get(other.serial).status)
        assert [0, 2, 2] == [entry.at_ns for entry in store.audit()]


def test_forgets_a_token(shop: Shop, event: Record) -> None:
    """What is removed is unknown, and can be added again; what happened is still told."""
    with shop.open() as store:
        store.add(event)
        store.verify(event.serial, "0", 1)
        store.remove("galh 0000-0042")
        with pytest.raises(RecordError, match="no token"):
            store.get(event.serial)
        with pytest.raises(RecordError, match="no token"):
            store.remove(event.serial)
        store.add(event)

        assert [1] == [entry.at_ns for entry in store.audit(event.serial)]


@pytest.mark.parametrize("serial", ["GALH99999999", "", "ß"])
def test_unknown_serial(shop: Shop, serial: str) -> None:
    """A token that is not there is a usage error."""
    with shop.open() as store, pytest.raises(RecordError) as caught:
        store.verify(serial, "000000", 0)

    assert caught.value.exit_code == 2


def test_runs_the_story(shop: Shop, event: Record, code: Code) -> None:
    """Add, log in, fall out of sync, resync, log in: each verdict is kept."""
    with shop.open(Policy(look_ahead=3)) as store:
        store.add(dataclasses.replace(event, status=Status.ASSIGNED, next_factor=0))
        store.sync("GALH00000042", code(0), code(1), 1)
        store.verify("GALH00000042", code(2), 2)
        store.verify("GALH00000042", code(12), 3)
        store.resync("GALH00000042", code(13), code(14), 4)
        store.verify("GALH00000042", code(15), 5)

    with shop.open() as store:
        assert store.get("GALH00000042").next_factor == 16
        assert [(e.at_ns, e.act, e.kind, e.distance) for e in store.audit()] == [
            (1, "sync", "active", 0),
            (2, "verify", "accepted", 0),
            (3, "verify", "out_of_sync", 9),
            (4, "resync", "resynced", 10),
            (5, "verify", "accepted", 0),
        ]


def test_operator_acts(shop: Shop, event: Record, code: Code) -> None:
    """An operator unlocks and revokes, and both are kept."""
    with shop.open(Policy(lock_after=1)) as store:
        store.add(event)
        store.verify(event.serial, "000000", 1)
        kinds = [
            store.verify(event.serial, code(10), 2).kind,
            store.unlock(event.serial, 3).kind,
            store.revoke(event.serial, 4).kind,
            store.resync(event.serial, code(10), code(11), 5).kind,
        ]

        assert kinds == [Kind.LOCKED, Kind.UNLOCKED, Kind.REVOKED, Kind.REVOKED]
        assert store.get(event.serial).status == Status.REVOKED
        assert len(store.audit(event.serial)) == 5


def test_audit_of_one_token(shop: Shop, event: Record, timed: Record) -> None:
    """The audit is asked for by token and by number, the last ones in order."""
    with shop.open() as store:
        for record in (event, timed):
            store.add(record)
        for now in range(4):
            store.verify(event.serial, "0", now)
            store.verify(timed.serial, "0", now)

        assert [e.at_ns for e in store.audit("galh-0000-0042", limit=2)] == [2, 3]
        assert len(store.audit()) == 8


def test_keeps_no_code(file_shop: Shop, path: Path, event: Record, code: Code) -> None:
    """Neither an accepted nor a refused code lies in the file."""
    codes = (code(10), code(40), code(41), code(42), code(300), "123454321"[:6])
    with file_shop.open() as store:
        store.add(event)
        store.verify(event.serial, codes[0], 0)
        store.resync(event.serial, codes[1], codes[2], 0)
        store.resync(event.serial, codes[3], codes[5], 0)
        store.verify(event.serial, codes[4], 0)
    data = b"".join(p.read_bytes() for p in path.parent.iterdir())

    assert event.serial.encode() in data
    assert [c for c in codes if c.encode() in data] == []


def test_audit_fields_are_known() -> None:
    """A verdict is kept without digits or secrets: these fields and no others."""
    fields = {f.name for f in dataclasses.fields(AuditEntry)}

    told = {"at_ns", "serial", "act", "kind", "status", "expected", "factor", "counted"}
    assert told | {"before", "actor", "said"} == fields


def test_file_mode_is_0600(file_shop: Shop, path: Path, event: Record) -> None:
    """Database and WAL can be read by their owner only, whatever the umask."""
    with file_shop.open() as store:
        store.add(event)
        modes = {p.name: p.stat().st_mode & 0o777 for p in path.parent.iterdir()}

    assert modes == {"server.db": 0o600, "server.db-wal": 0o600, "server.db-shm": 0o600}


def test_is_durable_by_settings(file_shop: Shop) -> None:
    """The journal is a WAL, and every commit is synced (FULL = 2)."""
    with file_shop.open() as store, store._db.read():
        settings = [
            row[0]
            for name in ("journal_mode", "synchronous")
            for row in store._db.execute(f"PRAGMA {name}", {})
        ]

    assert ["wal", 2] == settings


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE other (x)")


def _newer(path: Path) -> None:
    Store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 3")


def _folder(path: Path) -> None:
    path.mkdir()


def _text(path: Path) -> None:
    path.write_text("serial,secret\n" * 1000)


def _empty(path: Path) -> None:
    path.touch()


@pytest.mark.parametrize("make", [_foreign, _newer, _folder, _text, _empty])
def test_refuses_what_is_not_ours(path: Path, make: Callable[[Path], None]) -> None:
    """A foreign, newer or damaged file is refused with exit code 74, and stays as it was."""
    make(path)
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(StateError) as caught:
        Store(path)

    assert (caught.value.exit_code, str(path) in str(caught.value)) == (74, True)
    assert before == (path.read_bytes() if path.is_file() else None)


def test_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A database can't be made where there is no folder."""
    with pytest.raises(StateError, match="can't be created"):
        Store(tmp_path / "none" / "server.db")


@settings(max_examples=30, deadline=None)
@given(spots=st.lists(st.tuples(st.integers(0, 12_287), st.integers(0, 255)), min_size=1))
def test_damage_is_never_more_than_our_error(
    tmp_path_factory: pytest.TempPathFactory, event: Record, spots: list[tuple[int, int]]
) -> None:
    """Whatever bytes of the file change, what is raised is one of our own errors."""
    path = tmp_path_factory.mktemp("db") / "server.db"
    with Store(path) as store:
        store.add(event)
    data = bytearray(path.read_bytes())
    for offset, value in spots:
        data[offset % len(data)] = value
    path.write_bytes(data)

    try:
        with Store(path) as store:
            store.verify(event.serial, "000000", 0)
            store.list()
            store.audit()
    except HostError as error:
        assert event.secret.reveal().decode() not in str(error)  # noqa: PT017 - raising is allowed, not demanded


def _refused_unseen(shop: Shop, record: Record, damage: str) -> None:
    with shop.open() as store:
        store.add(record)
    shop.damage(f"UPDATE token SET {damage}")  # noqa: S608 - made up below

    with shop.open() as store, pytest.raises(StateError, match="damaged") as caught:
        store.get(record.serial)

    shown = "".join(traceback.format_exception(caught.value))
    assert "topsecret" not in shown


@pytest.mark.parametrize(
    "damage",
    [
        "digits = 77, secret = 'topsecret'",
        "next_factor = 'topsecret'",
        "status = 'topsecret'",
    ],
)
def test_damaged_record_shows_no_value(shop: Shop, event: Record, damage: str) -> None:
    """A record that can't be is refused without its values, which may be secrets."""
    _refused_unseen(shop, event, damage)


def test_damaged_text_shows_no_value(file_shop: Shop, event: Record) -> None:
    """Nor if it is a text that can't be decoded, as only SQLite lets it be."""
    _refused_unseen(file_shop, event, "secret = CAST(x'746f70736563726574ff' AS TEXT)")


def test_busy_after_the_wait(shop: Shop, event: Record) -> None:
    """A file that somebody else keeps locked is busy, exit code 75, and nothing changes."""
    with shop.open(busy_s=0) as store:
        store.add(event)
        with shop.held(), pytest.raises(BusyError) as caught:
            store.verify(event.serial, "000000", 0)

        assert (75, event) == (caught.value.exit_code, store.get(event.serial))


def test_closed_store_says_so(shop: Shop) -> None:
    """A closed store is a usage error."""
    store = shop.open()
    store.close()
    store.close()

    with pytest.raises(UsageError, match="closed"):
        store.list()


def test_refuses_times_without_room(shop: Shop, event: Record) -> None:
    """A server time past 2116 is refused before anything is evaluated."""
    with shop.open() as store:
        store.add(event)
        with pytest.raises(UsageError, match="2116"):
            store.verify(event.serial, "000000", 2**63)


def test_short_secret_warns_once(shop: Shop, event: Record) -> None:
    """The seed's reader was warned of a short secret: the store doesn't do it again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        short = dataclasses.replace(event, secret=Secret(b"0123456789"))
    with shop.open() as store:
        store.add(short)

        assert store.verify(short.serial, "", 0).kind == Kind.MALFORMED


def test_threads_share_a_store(shop: Shop, event: Record, code: Code) -> None:
    """Eight threads submit one code through one store: one is accepted."""
    start, kinds = threading.Barrier(8), list[Kind]()
    with shop.open() as store:
        store.add(event)

        def submit() -> None:
            start.wait()
            kinds.append(store.verify(event.serial, code(10), 0).kind)

        threads = [threading.Thread(target=submit) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert (kinds.count(Kind.ACCEPTED), kinds.count(Kind.REPLAYED)) == (1, 7)


def test_a_damaged_audit_row_is_a_state_error(shop: Shop, event: Record) -> None:
    """It is named as damage, and what it holds is not shown."""
    with shop.open() as store:
        store.add(event)
        store.unlock(event.serial, 0)
    shop.damage("UPDATE audit SET expected = 'precious'")
    with shop.open() as store, pytest.raises(StateError, match="audit table") as caught:
        store.audit()
    assert "precious" not in str(caught.value)


def test_a_link_that_leads_nowhere_makes_no_file(tmp_path: Path) -> None:
    """A dangling link in the database's place is refused, and its end stays empty."""
    (tmp_path / "server.db").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError):
        Store(tmp_path / "server.db")
    assert not (tmp_path / "elsewhere").exists()


def test_a_path_with_odd_characters(tmp_path: Path, event: Record) -> None:
    """A path is a path, whatever it would mean in a URL."""
    odd = tmp_path / "a b?mode=memory#%20"
    with Store(odd) as store:
        store.add(event)
    assert odd.is_file()


def test_closing_waits_for_other_threads(shop: Shop, event: Record) -> None:
    """A store closed while a thread verifies ends that thread with an error of ours."""
    for _ in range(5):
        with shop.open() as store:
            with contextlib.suppress(RecordError):
                store.add(event)
            ended: list[str] = []

            def work(store: Store = store, ended: list[str] = ended) -> None:
                try:
                    while True:
                        store.get(event.serial)
                except UsageError as e:
                    ended.append(str(e))

            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads:
                thread.start()
            store.close()
            for thread in threads:
                thread.join(BACKSTOP_S)
            assert 3 == len(ended)


class Ear:
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[Kind, int, int]] = []
        self.changes = 0

    def judged(self, verdict: Verdict, record: Record, now_ns: int) -> None:
        """Hear of a verdict."""
        self.heard.append((verdict.kind, record.next_factor, now_ns))

    def rules_changed(self) -> None:
        """Hear of another policy."""
        self.changes += 1


def test_tells_of_verdicts(shop: Shop, event: Record, code: Code) -> None:
    """Who asked for it hears of each verdict, with what is kept since, and of another policy."""
    ear = Ear()
    with shop.open() as store:
        store.tell(ear)
        store.enrol(event, 1)
        store.verify(event.serial, code(12), 2)
        store.verify(event.serial, code(12), 3)
        store.policy = Policy(look_ahead=3)

    assert [(Kind.ENROLLED, 10, 1), (Kind.ACCEPTED, 13, 2), (Kind.REPLAYED, 13, 3)] == ear.heard
    assert 1 == ear.changes


def test_tells_of_what_is_kept_only(shop: Shop, event: Record, code: Code) -> None:
    """What is done together is told once all of it is kept; what is not kept is never told."""
    ear = Ear()
    with shop.open() as store:
        store.add(event)
        store.tell(ear)
        with store.together():
            store.verify(event.serial, code(10), 1)
            store.verify(event.serial, code(11), 2)
            before = [*ear.heard]
        with contextlib.suppress(KeyError), store.together():
            store.verify(event.serial, code(12), 3)
            raise KeyError
        store.verify(event.serial, code(12), 4)

    assert [] == before
    assert [1, 2, 4] == [now_ns for _, _, now_ns in ear.heard]


def test_hearer_may_ask(shop: Shop, event: Record, code: Code) -> None:
    """Who is told may ask the store at once: the database is free again."""
    seen: list[int] = []

    class Asking(Ear):
        def judged(self, verdict: Verdict, record: Record, now_ns: int) -> None:  # noqa: ARG002  # as told
            other = threading.Thread(
                target=lambda: seen.append(store.get(record.serial).next_factor)
            )
            other.start()
            other.join()

    with shop.open() as store:
        store.add(event)
        store.tell(Asking())
        store.verify(event.serial, code(10), 1)

    assert [11] == seen
