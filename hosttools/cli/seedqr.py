"""``galh seeds qr``: one token as the QR code that an authenticator app scans."""

from pathlib import Path

import click

from firmware_model.identifier import normalise
from hosttools.cli.files import write_new
from hosttools.cli.options import load_seeds, lock_options, path_option, speaks_unicode
from hosttools.cli.seedkeys import lock_of
from hosttools.errors import UsageError
from hosttools.manufacture import completed
from hosttools.seedfiles.otpauth import otpauth_uri
from hosttools.seedfiles.qr import qr_png, qr_svg, qr_terminal


@click.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("serial")
@path_option("--out", "FILE", "Write a picture, .png or .svg, in place of the terminal.")
@click.option(
    "--export-secret",
    is_flag=True,
    help="Needed: whoever sees the code can copy the token.",
)
@lock_options("", "FILE")
def qr(
    source: Path,
    serial: str,
    out: Path | None,
    export_secret: bool,  # noqa: FBT001  # click's signature
    password_file: Path | None,
    key_file: Path | None,
) -> None:
    """Draw the QR code (otpauth) of token SERIAL in FILE, its secret in it."""
    if not export_secret:
        raise UsageError(
            "a QR code holds the secret: whoever sees it can copy the token;"
            " give --export-secret if that is meant"
        )
    wanted = normalise(serial)
    records = load_seeds(source, lock_of(password_file, key_file))
    record = next((r for r in records if r.serial == wanted), None)
    if record is None:
        raise UsageError(f"no token {wanted} in {source}; galh seeds show lists them")
    uri = otpauth_uri(completed(record))
    if out is None:
        if not speaks_unicode():
            raise UsageError("this terminal can't show half blocks; give --out FILE.png")
        click.echo(qr_terminal(uri), nl=False)
    elif out.suffix.lower() == ".png":
        write_new(out, qr_png(uri), mode=0o600)
    elif out.suffix.lower() == ".svg":
        write_new(out, qr_svg(uri).encode(), mode=0o600)
    else:
        raise UsageError(f"--out {out}; the name ends with .png or .svg")
