"""The process that loads: Locust alone, master, or worker; ``galh load`` starts and ends it.

Its job is one line of JSON on standard input; when that ends, so does the run. What it has
to say is lines of JSON on standard output: where a master listens, how far the run is, the
report, or why there is none. Locust is imported first, as it patches what others import.
"""

import locust  # isort: skip  # noqa: F401  # patches sockets and locks before anybody takes them

import json
import logging
import os
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from typing import Any, Final

import gevent
from gevent.event import Event
from gevent.socket import wait_read
from locust.env import Environment
from locust.html import get_html_report
from locust.rpc.protocol import Message
from locust.runners import STATE_STOPPED, LocalRunner, MasterRunner
from locust.stats import RequestStats, StatsEntry, stats_history

from hosttools.errors import HostError
from hosttools.load.plan import Plan
from hosttools.load.tally import Tally
from hosttools.load.users import TokenUser, station_of

PATIENCE_S: Final = 60.0
"""How long a master waits for its workers; our default."""

_TOLD_EVERY_S: Final = 1.0
_OFTEN_S: Final = 0.1
_LAST_ANSWERS_S: Final = 5.0
_LAST_WORDS_S: Final = 5.0
_PART: Final = "galh"  # what workers' reports have of ours
_LAST: Final = "galh-last"  # a worker's last report


class Holder(TokenUser):
    """The one kind of user."""

    abstract = False


def main() -> None:
    """Do the job."""
    logging.basicConfig(level=logging.WARNING, format="galh load: %(message)s")
    job = json.loads(sys.stdin.readline())
    Holder.plan = Plan.from_json(job["plan"])
    over = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, over.set)
    gevent.spawn(_watch_parent, over)
    environment = Environment(user_classes=[Holder], stop_timeout=_LAST_ANSWERS_S)
    # What Locust looks up there, so that it reads no configuration of its own.
    environment.parsed_options = Namespace(enable_rebalancing=False, web_base_path="")
    try:
        if job["role"] == "worker":
            _work(environment, job, over)
        else:
            _say(event="report", **_lead(environment, job, over))
    except HostError as e:
        _say(event="failed", error=str(e), exit_code=e.exit_code)
    finally:
        environment.events.quit.fire(exit_code=0)


def _lead(environment: Environment, job: dict[str, Any], over: Event) -> dict[str, Any]:
    """Be all there is, or the master: have users made, wait, and return the report."""
    runner: LocalRunner | MasterRunner
    last: set[str] = set()  # workers that have told all
    if job["workers"]:
        tally = Tally()
        runner = _master(environment, job, tally, last, over)
    else:
        tally = station_of(environment, Holder.plan).tally
        runner = environment.create_local_runner()
    gevent.spawn(stats_history, runner)
    begun_s = time.monotonic()
    runner.start(job["users"], spawn_rate=job["spawn_rate"])
    while not over.wait(_TOLD_EVERY_S) and time.monotonic() - begun_s < job["duration_s"]:
        requests = runner.stats.total.num_requests
        _say(
            event="progress",
            running_s=time.monotonic() - begun_s,
            users=runner.user_count,
            requests=requests,
            wrong=tally.wrong,
        )
        if job["requests"] and requests >= job["requests"]:
            break
        if runner.state == STATE_STOPPED:  # the last worker is lost
            break
    loaded_s = time.monotonic() - begun_s
    users = runner.user_count
    runner.stop()  # waits until no worker has users, or is known to be gone
    give_up_s = time.monotonic() + _LAST_WORDS_S
    while len(last) < job["workers"] and time.monotonic() < give_up_s:
        gevent.sleep(_OFTEN_S)
    report = {
        "users": users,
        "loaded_s": loaded_s,
        "rows": list(_rows(runner.stats, loaded_s)),
        **tally.take(),
        "lost_workers": job["workers"] - len(last),
        "html": get_html_report(environment, show_download_link=False) if job["html"] else None,
    }
    runner.quit()
    return report


def _master(
    environment: Environment, job: dict[str, Any], tally: Tally, last: set[str], over: Event
) -> MasterRunner:
    """Wait for the workers, and have entered what they will tell, and who told all."""
    runner = environment.create_master_runner(job["host"], job["port"])

    def add(data: dict[str, Any], **_: object) -> None:
        tally.merge(data[_PART])

    def add_last(msg: Message, **_: object) -> None:
        environment.events.worker_report.fire(client_id=msg.node_id, data=msg.data)
        last.add(msg.node_id)

    environment.events.worker_report.add_listener(add)
    runner.register_message(_LAST, add_last)
    _say(event="listening", port=runner.server.port)
    give_up_s = time.monotonic() + PATIENCE_S
    while (there := len(runner.clients.ready)) < job["workers"] and not over.wait(_OFTEN_S):
        if time.monotonic() > give_up_s:
            raise HostError(f"{there} of {job['workers']} workers came within {PATIENCE_S:g} s")
    return runner


def _work(environment: Environment, job: dict[str, Any], over: Event) -> None:
    """Be a worker until the master, or whoever started this process, has enough."""
    tally = station_of(environment, Holder.plan).tally

    def report(data: dict[str, Any], **_: object) -> None:
        data[_PART] = tally.take()

    def report_last(**_: object) -> None:
        # Locust's own last report may come too late for the master.
        data: dict[str, Any] = {}
        environment.events.report_to_master.fire(client_id=runner.client_id, data=data)
        runner.send_message(_LAST, data)

    environment.events.report_to_master.add_listener(report)
    environment.events.test_stop.add_listener(report_last)
    runner = environment.create_worker_runner(job["host"], job["port"])

    def wait_for_quit() -> None:
        runner.greenlet.join()
        over.set()

    gevent.spawn(wait_for_quit)
    over.wait()


def _rows(stats: RequestStats, loaded_s: float) -> Iterator[dict[str, Any]]:
    """Yield how often what was answered, and how fast."""
    for entry in sorted(stats.entries.values(), key=_place_of):
        yield {
            "what": entry.method,
            "said": entry.name,
            "count": entry.num_requests,
            "per_s": round(entry.num_requests / loaded_s, 2),
            **{
                f"p{percent}_ms": entry.get_response_time_percentile(percent / 100)
                for percent in (50, 90, 99)
            },
            "max_ms": round(entry.max_response_time, 1),
        }


def _place_of(entry: StatsEntry) -> tuple[str, str]:
    return entry.method, entry.name


def _watch_parent(over: Event) -> None:
    """Have the run end when the parent lets go of our standard input."""
    wait_read(0)
    if not os.read(0, 1):
        over.set()


def _say(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
