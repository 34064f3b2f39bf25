"""How tests are shared out when pytest runs in several processes (`-n 2`, as `make test` does)."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

ONE_AFTER_ANOTHER = ("tests/faults/", "tests/cluster/")


class Sharing(LoadScopeScheduling):
    """Gives a process whole files, so that what a module starts is started once; and all files in which servers are
    broken or restarted to one process, so that no two of them load the machine together."""

    def _split_scope(self, nodeid: str) -> str:
        """The share to which a test belongs. Shares of many tests are handed out first."""
        return "servers" if nodeid.startswith(ONE_AFTER_ANOTHER) else nodeid.partition("::")[0]
