"""The ceilings: a bare hello, and a page with one read of SQLite, under the same server."""

import sqlite3
import threading

from flask import Flask, g

app = Flask(__name__)
_local = threading.local()


@app.get("/hello")
def hello() -> str:
    """Nothing but the framework."""
    return "hello"


@app.get("/read")
def read() -> str:
    """One read of SQLite and a short page."""
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(":memory:")
        _local.connection.execute("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT)")
        _local.connection.execute("INSERT INTO word VALUES (1, 'xin chào')")
    g.word = _local.connection.execute("SELECT text FROM word WHERE id = 1").fetchone()[0]
    return f"<!doctype html><title>{g.word}</title><p>{g.word}</p>"
