"""django-otp in a process of its own, for ``hosttools.servers.django_otp``.

A process has one set of Django settings. In here they are ours, whatever the project that
runs the tests has.
"""

import json
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from hosttools.servers.worker import RefusedError, serve

THREADS: Final = 32
"""How many questions are answered at a time; each thread has a connection to the database."""

_SECOND_NS: Final = 1_000_000_000
_APPS: Final = ("auth", "contenttypes", "otp_hotp", "otp_totp")


class _Clock:
    """Server time, seconds since 1970, UTC: the host's until it is put somewhere."""

    def __init__(self) -> None:
        self._now_ns: int | None = None

    def put(self, now_ns: int) -> None:
        self._now_ns = now_ns

    def time(self) -> float:
        return time.time() if self._now_ns is None else self._now_ns / _SECOND_NS

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)


def _set_up(folder: Path, settings: Mapping[str, Any]) -> _Clock:
    import django  # noqa: PLC0415  # the order is Django's: settings, set-up, models
    from django.conf import settings as django_settings  # noqa: PLC0415  # likewise
    from django.core.management import call_command  # noqa: PLC0415  # likewise
    from django.utils import timezone  # noqa: PLC0415  # likewise

    clock = _Clock()
    timezone.now = clock.now
    django_settings.configure(
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django_otp",
            "django_otp.plugins.otp_hotp",
            "django_otp.plugins.otp_totp",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "django.sqlite"),
                "OPTIONS": {
                    # SQLite has no SELECT FOR UPDATE, by which django-otp keeps racing logins
                    # apart; a transaction that locks from its beginning is what it has.
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 30,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF",
                },
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        MIGRATION_MODULES=dict.fromkeys(_APPS),  # tables as they are now, at once
        USE_TZ=True,
        OTP_HOTP_THROTTLE_FACTOR=settings["throttle"],
        OTP_TOTP_THROTTLE_FACTOR=settings["throttle"],
        OTP_TOTP_SYNC=settings["sync"],
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)

    from django_otp.plugins.otp_totp import models  # noqa: PLC0415  # likewise

    models.time = SimpleNamespace(time=clock.time)  # a TOTPDevice asks its module's for the time
    return clock


def main() -> None:
    """Serve until nobody asks any more."""
    settings = json.loads(sys.argv[1])
    clock = _set_up(Path(settings["folder"]), settings)

    from django.contrib.auth.models import User  # noqa: PLC0415  # after the set-up
    from django.core.exceptions import ValidationError  # noqa: PLC0415  # likewise
    from django.db import transaction  # noqa: PLC0415  # likewise
    from django_otp import verify_token  # noqa: PLC0415  # likewise
    from django_otp.models import Device  # noqa: PLC0415  # likewise
    from django_otp.plugins.otp_hotp.models import HOTPDevice  # noqa: PLC0415  # likewise
    from django_otp.plugins.otp_totp.models import TOTPDevice  # noqa: PLC0415  # likewise

    known: dict[str, str] = {}

    def device_of(serial: str, *, for_verify: bool = False) -> Any:  # noqa: ANN401  # a model of Django's
        found = Device.from_persistent_id(known.get(serial, "/"), for_verify)
        if found is None:
            raise RefusedError(f"django-otp knows no token {serial}; enrol it first")
        return found

    def enrol(
        serial: str, user: str, key: str, digits: int, step_s: int | None, counter: int
    ) -> None:
        with transaction.atomic():
            if serial in known:
                raise RefusedError(f"{serial} is enrolled already; remove it first")
            owner, _ = User.objects.get_or_create(username=user)
            common = {"user": owner, "name": serial, "key": key, "digits": digits}
            if step_s is None:
                tolerance = settings["hotp_tolerance"]
                device = HOTPDevice(**common, counter=counter, tolerance=tolerance)
            else:
                tolerance = settings["totp_tolerance"]
                device = TOTPDevice(**common, step=step_s, tolerance=tolerance)
            try:
                device.full_clean()  # what its own forms check
            except ValidationError as e:
                raise RefusedError(f"django-otp refuses the {', '.join(e.message_dict)}") from None
            device.save()
            known[serial] = device.persistent_id

    def verify(serial: str, code: str) -> tuple[bool, str]:
        with transaction.atomic():
            device = device_of(serial, for_verify=True)
            allowed, why = device.verify_is_allowed()
            if not allowed:
                return False, f"{why['reason']}: {why['failure_count']} failures"
            return verify_token(device.user, device.persistent_id, code) is not None, ""

    def unlock(serial: str) -> None:
        with transaction.atomic():
            device_of(serial, for_verify=True).throttle_reset()

    def remove(serial: str) -> None:
        with transaction.atomic():
            device_of(serial, for_verify=True).delete()
            del known[serial]

    def view(serial: str) -> dict[str, int | bool | None]:
        device = device_of(serial)
        timed = isinstance(device, TOTPDevice)
        return {
            "next_counter": None if timed else device.counter,
            "step_offset": device.drift if timed else None,
            "look_ahead": device.tolerance,
            "locked": not device.verify_is_allowed()[0],
        }

    serve(
        {
            "enrol": enrol,
            "verify": verify,
            "unlock": unlock,
            "remove": remove,
            "view": view,
            "set_clock": clock.put,
        },
        threads=THREADS,
    )


if __name__ == "__main__":
    main()
