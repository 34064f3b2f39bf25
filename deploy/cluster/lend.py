"""`python -m deploy.cluster.lend COMMAND …`: run COMMAND with an empty PostgreSQL server that is gone afterwards.

The command finds it in BMU_TEST_POSTGRES (tests/databases.py), and may create databases on it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.cluster.part import CannotStart
from deploy.cluster.services import Postgres


@contextmanager
def postgres(fleeting: bool = True) -> Iterator[Postgres]:
    """A PostgreSQL server for the block; a `fleeting` one does not wait for its disk. Raises CannotStart."""
    with tempfile.TemporaryDirectory(prefix="bmu-postgres-") as folder:
        os.chmod(folder, 0o755)  # its user, if we are root, has to pass through
        server = Postgres(Path(folder) / "server")
        server.fleeting = fleeting
        try:
            server.start()
            yield server
        finally:
            server.stop()


def main() -> int:
    """The command's exit code; 2 when there is no server for it."""
    try:
        with postgres() as server:
            return subprocess.run(
                sys.argv[1:], env={**os.environ, "BMU_TEST_POSTGRES": server.url}, check=False
            ).returncode
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
