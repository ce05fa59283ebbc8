"""Workbooks that LibreOffice has written: Debian's package libreoffice-calc, run without a screen."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FILTERS = {
    "xlsx": "xlsx",
    "ods": "ods",
    "xls": "xls",
    "xltx": "xltx",
    "xlsm": "xlsm:Calc MS Excel 2007 VBA XML",
}
"""Ending -> what LibreOffice calls it."""


def converted(source: Path, ending: str, folder: Path) -> Path:
    """Return a workbook of another kind, as LibreOffice saves it.

    The test is skipped where LibreOffice is not installed, and fails there in CI.
    """
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("soffice is missing: install Debian's package libreoffice-calc")
        pytest.skip("soffice is missing: install Debian's package libreoffice-calc to run this test")
    folder.mkdir(exist_ok=True)
    subprocess.run(  # noqa: S603 - our own arguments
        [
            program,
            f"-env:UserInstallation=file://{folder}/settings",
            "--headless",
            "--convert-to",
            FILTERS[ending],
            "--outdir",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return folder / f"{source.stem}.{ending}"
