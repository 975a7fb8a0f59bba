"""The server that the other tests rely on."""

import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.servers import RUN, folder_of, postgres_url, process_of

OWNER = """
import time
from tests.servers import RUN, postgres_url
postgres_url("left_behind")
print(RUN, flush=True)
time.sleep(60)
"""


def _ask(url: str, statement: str) -> object:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        answer = result.scalar() if result.returns_rows else None
    engine.dispose()
    return answer


def test_each_name_is_a_database_of_its_own_and_asking_again_empties_it():
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    one, two = postgres_url(f"one_{worker}"), postgres_url(f"two_{worker}")
    _ask(one, "CREATE TABLE t (n int)")
    assert _ask(one, "SELECT to_regclass('t') IS NOT NULL") is True
    assert _ask(two, "SELECT to_regclass('t') IS NOT NULL") is False
    assert postgres_url(f"one_{worker}") == one
    assert _ask(one, "SELECT to_regclass('t') IS NOT NULL") is False


def test_names_are_sorted_as_in_a_vietnamese_office_unless_a_query_says_otherwise():
    url = postgres_url(f"sorted_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    assert _ask(url, "SELECT 'Đ' < 'E'") is True
    assert _ask(url, """SELECT 'Đ' COLLATE "C" < 'E' COLLATE "C" """) is False


def test_whoever_measures_gets_a_server_that_waits_for_the_disk():
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    assert _ask(postgres_url(f"measured_{worker}", durable=True), "SHOW fsync") == "on"
    assert _ask(postgres_url(f"tried_{worker}"), "SHOW fsync") == "off"


def test_the_server_ends_with_a_run_that_was_killed():
    env = {name: value for name, value in os.environ.items() if name != "LMS_TEST_RUN"}
    with subprocess.Popen([sys.executable, "-c", OWNER], env=env, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        run = owner.stdout.readline().strip()
        assert run != RUN
        server = process_of(run)
        owner.kill()
    until = time.monotonic() + 20
    while (folder_of(run).exists() or _is_running(server)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not folder_of(run).exists()
    assert not _is_running(server)


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # ended, and not yet noticed by its parent
