"""PostgreSQL, Redis (or Valkey) and nginx, on loopback, with everything they keep in one folder each."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from deploy.cluster.part import ROOT, CannotStart, Part, program

OWNER = "postgres"


def is_root() -> bool:
    """Whether we may start processes of other users."""
    return os.geteuid() == 0


class Postgres(Part):
    """PostgreSQL refuses to run as root: root starts it as the user that Debian's package makes."""

    name = "postgres"
    # For data that nobody will miss: tests. A power cut would cost all of them.
    fleeting = False
    stop_signal = signal.SIGINT  # "fast": ends open connections; the gentle one would wait for them for ever

    @property
    def url(self) -> str:
        """Its one database of ours, for BMU_DATABASE_URL."""
        return f"postgresql://bmu@127.0.0.1:{self.port}/bmu"

    @property
    def data(self) -> Path:
        """Where the databases are."""
        return self.folder / "data"

    def _as_owner(self, *command: str) -> subprocess.CompletedProcess[str]:
        asked = ["runuser", "-u", OWNER, "--", *command] if is_root() else [*command]
        return subprocess.run(asked, cwd="/", capture_output=True, text=True, check=False)

    def prepare(self) -> None:
        """Make the databases at the first start. Raises CannotStart when the owner cannot reach the folder."""
        if is_root():
            self._settle()
        if (self.data / "PG_VERSION").exists():
            return
        options = ("--username=bmu", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        made = self._as_owner(program("initdb"), f"--pgdata={self.data}", *options)
        if made.returncode:
            raise CannotStart(f"initdb: {made.stderr}")

    def _settle(self) -> None:
        """Give the folder to PostgreSQL's user; one below a private folder moves to where that user can reach it."""
        try:
            owner = pwd.getpwnam(OWNER)
        except KeyError:
            raise CannotStart(f"no user {OWNER!r}, which Debian's package postgresql makes") from None
        if self._as_owner("test", "-x", str(self.folder)).returncode:
            digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
            self.folder = Path("/var/lib/bmu-cluster") / digest
            self.folder.mkdir(parents=True, exist_ok=True)
        os.chown(self.folder, owner.pw_uid, owner.pw_gid)

    def command(self) -> list[str]:
        """Only on loopback and without a socket in a shared folder; anybody on this machine may come in."""
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        hasty = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"} if self.fleeting else {}
        options = [f"--{name}={value}" for name, value in {**settings, **hasty, "max_connections": 200}.items()]
        served = [program("postgres"), "-D", str(self.data), *options]
        return ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--init-groups", *served] if is_root() else served

    def ready(self) -> bool:
        """Whether it answers, with our database there."""
        to = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "bmu")
        if self._as_owner(program("pg_isready"), *to).returncode:
            return False
        made = self._as_owner(program("createdb"), *to, "bmu")
        return made.returncode == 0 or "already exists" in made.stderr


class Redis(Part):
    """Counts requests for the limiter. Nothing in it is worth keeping: no file is written."""

    name = "redis"

    @property
    def url(self) -> str:
        """For BMU_REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """In memory only, on loopback."""
        options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no")
        return [program("valkey-server", "redis-server"), *options, "--dir", str(self.folder)]


class Nginx(Part):
    """Everybody's one address. `apps` are the ports of the app processes; see nginx.conf for why it is as it is."""

    name = "nginx"

    def __init__(self, folder: Path, port: int, apps: list[int]) -> None:
        super().__init__(folder, port)
        self.apps = apps

    def prepare(self) -> None:
        """Write the whole configuration: the frame here, and deploy/nginx.conf, the one for production, inside it."""
        servers = "\n".join(f"    server 127.0.0.1:{port} max_fails=0;" for port in self.apps)
        site = (ROOT / "deploy/nginx.conf").read_text()
        begin, end = site.index("    # apps: begin"), site.index("    # apps: end")
        site = site[:begin] + servers + "\n" + site[end:]
        site = site.replace("listen 80 ", f"listen 127.0.0.1:{self.port} ")
        (self.folder / "site.conf").write_text(site)
        (self.folder / "nginx.conf").write_text(_FRAME.format(folder=self.folder, user="user root;" * is_root()))

    def command(self) -> list[str]:
        """In the foreground, with every file below our folder."""
        return [program("nginx"), "-p", str(self.folder), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;"]

    def reload(self) -> None:
        """Read the configuration anew without dropping a connection."""
        self.prepare()
        if self.process:
            self.process.send_signal(signal.SIGHUP)


_FRAME = """{user}
worker_processes 1;
pid nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path unused;
    uwsgi_temp_path unused;
    scgi_temp_path unused;
    include {folder}/site.conf;
}}
"""


def forget(folder: Path) -> None:
    """Delete a folder of the cluster, whoever owns what is in it."""
    shutil.rmtree(folder, ignore_errors=True)
