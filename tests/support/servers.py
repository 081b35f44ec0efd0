"""Servers for tests, as the people who run a course would start them: PostgreSQL, and a Dask cluster."""

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import ROOT


@contextmanager
def postgresql() -> Iterator[str]:
    """Address of a PostgreSQL server on this machine, with a fresh database in it."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or not (programs[-1] / "initdb").exists():
        pytest.fail("PostgreSQL is missing; install the system package postgresql to run these tests.", pytrace=False)
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    become: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        user = pwd.getpwnam("nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)
        become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def call(*words: str) -> None:
        log = folder.with_suffix(".log")
        with log.open("a") as file:
            done = subprocess.run([*become, *words], cwd=folder, stdout=file, stderr=file)
        assert done.returncode == 0, log.read_text()

    data = str(folder / "data")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    call(str(programs[-1] / "initdb"), "-D", data, "-A", "trust", "-U", "course", "-E", "UTF8", "--no-sync")
    control = [str(programs[-1] / "pg_ctl"), "-D", data, "-w"]
    call(*control, "-o", options, "-l", str(folder / "server.log"), "start")
    try:
        yield f"postgresql+psycopg://course@127.0.0.1:{port}/postgres"
    finally:
        call(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)
        folder.with_suffix(".log").unlink()


@contextmanager
def dask_cluster(folder: Path, workers: int = 2, threads: int = 1) -> Iterator[str]:
    """Address of a Dask scheduler on this machine with so many workers, each a process of its own."""
    dask = [sys.executable, "-m", "dask"]
    here = str(ROOT)  # so that functions of tests can be run by the workers
    environment = {**os.environ, "PYTHONPATH": here, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    about, log = folder / "scheduler.json", folder / "log"
    serve = ["scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard", f"--scheduler-file={about}"]
    work = ["worker", f"--scheduler-file={about}", f"--nworkers={workers}", f"--nthreads={threads}", "--no-dashboard"]
    work += ["--host=127.0.0.1", f"--local-directory={folder}"]
    with log.open("w") as file:
        processes = [
            subprocess.Popen([*dask, *words], cwd=folder, env=environment, stdout=file, stderr=file)
            for words in (serve, work)
        ]
    try:
        end = time.monotonic() + 120
        while log.read_text().count("Registered to") < workers:
            assert time.monotonic() < end, log.read_text()
            assert all(each.poll() is None for each in processes), log.read_text()
            time.sleep(0.2)
        yield json.loads(about.read_text())["address"]
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(60)
