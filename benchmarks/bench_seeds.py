"""A factory's batch as seed files: python benchmarks/bench_seeds.py [TOKENS].

Written and read as OATH CSV beside a plain csv.writer and csv.reader, and as PSKC (in
the clear, and under a key) beside a plain ElementTree with the same elements. The plain
ones check nothing: they are what the checks, the errors with lines, and python-pskc are
measured by. Each runs once, as a factory run does.
"""

import base64
import csv
import io
import sys
import time
from collections.abc import Callable
from typing import Final
from xml.etree import ElementTree as ET

from firmware_model import GALH
from hosttools.seedfiles import (
    new_seeds,
    read_seed_bytes,
    write_oath_csv,
    write_pskc,
)
from hosttools.seedfiles.xml_guard import NAMESPACE

TOKENS: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
RECORDS: Final = new_seeds(GALH, TOKENS, first=0, test_seed="bench")
KEY: Final = bytes(16)


def plain_csv() -> bytes:
    """Write the same fields without a look at them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows((r.serial, r.secret.reveal().hex(), "hotp", 6, 0, "sha1") for r in RECORDS)
    return out.getvalue().encode()


def plain_csv_read(data: bytes) -> list[tuple[str, bytes]]:
    """Read the fields that matter, taking them for good."""
    return [(row[0], bytes.fromhex(row[1])) for row in csv.reader(io.StringIO(data.decode()))]


def plain_xml() -> bytes:
    """Write the same elements with ElementTree alone."""
    root = ET.Element("KeyContainer", Version="1.0", xmlns=NAMESPACE)
    for record in RECORDS:
        package = ET.SubElement(root, "KeyPackage")
        ET.SubElement(ET.SubElement(package, "DeviceInfo"), "SerialNo").text = record.serial
        key = ET.SubElement(package, "Key", Id=record.serial, Algorithm=f"{NAMESPACE}:hotp")
        parameters = ET.SubElement(key, "AlgorithmParameters")
        ET.SubElement(parameters, "Suite").text = "HMAC-SHA1"
        ET.SubElement(parameters, "ResponseFormat", Length="6", Encoding="DECIMAL")
        data = ET.SubElement(key, "Data")
        value = ET.SubElement(ET.SubElement(data, "Secret"), "PlainValue")
        value.text = base64.b64encode(record.secret.reveal()).decode()
        ET.SubElement(ET.SubElement(data, "Counter"), "PlainValue").text = "0"
    out = io.BytesIO()
    ET.ElementTree(root).write(out, encoding="utf-8")
    return out.getvalue()


def plain_xml_read(data: bytes) -> list[tuple[str, bytes]]:
    """Read the elements that matter, taking them for good."""
    prefix = f"{{{NAMESPACE}}}"
    found = []
    for package in ET.fromstring(data).iter(f"{prefix}KeyPackage"):  # noqa: S314  # our own
        serial = package.findtext(f"{prefix}DeviceInfo/{prefix}SerialNo", "")
        secret = package.findtext(f"{prefix}Key/{prefix}Data/{prefix}Secret/{prefix}PlainValue", "")
        found.append((serial, base64.b64decode(secret)))
    return found


def timed(run: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def main() -> None:
    """Check that what is written is read, then print seconds and ratios to the plain ones."""
    as_csv, as_pskc = write_oath_csv(RECORDS).encode(), write_pskc(RECORDS)
    bare = plain_csv()
    locked = write_pskc(RECORDS, key=KEY)
    rows: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        ("write OATH CSV", lambda: write_oath_csv(RECORDS), plain_csv),
        ("read OATH CSV", lambda: read_seed_bytes(as_csv, "x"), lambda: plain_csv_read(bare)),
        ("write PSKC", lambda: write_pskc(RECORDS), plain_xml),
        ("write PSKC, key", lambda: write_pskc(RECORDS, key=KEY), plain_xml),
        ("read PSKC", lambda: read_seed_bytes(as_pskc, "x"), lambda: plain_xml_read(as_pskc)),
        (
            "read PSKC, key",
            lambda: read_seed_bytes(locked, "x", key=KEY),
            lambda: plain_xml_read(as_pskc),
        ),
    ]
    pairs = [(record.serial, record.secret.reveal()) for record in RECORDS]
    assert pairs == plain_csv_read(bare)
    assert pairs == plain_xml_read(as_pskc)
    assert read_seed_bytes(locked, "x", key=KEY) == RECORDS

    print(f"{TOKENS} tokens, seconds; {len(as_csv)} bytes as CSV, {len(as_pskc)} as PSKC")
    for name, ours, plain in rows:
        seconds, peer = timed(ours), timed(plain)
        print(f"  {name:<17}{seconds:8.2f} s   plain {peer:6.2f} s   {seconds / peer:5.1f}x")


if __name__ == "__main__":
    main()
