"""The ceilings: a bare hello, and a bare page with one read of SQLite; served as the product is."""

import os
import sqlite3
import threading

from flask import Flask

app = Flask(__name__, static_folder=None)
_own = threading.local()

FILE = "CEILING_DATABASE"
"""The variable that names the database file."""
WORD = "SELECT text FROM word WHERE id = ?"


def prepare(file: str) -> None:
    """Make the file that the second page reads."""
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
        connection.execute("INSERT INTO word VALUES (1, 'xin chào')")
    connection.close()


@app.get("/hello")
def hello() -> str:
    """Nothing but the framework."""
    return "hello"


@app.get("/read")
def read() -> str:
    """One statement and a page of one line."""
    if not hasattr(_own, "connection"):
        _own.connection = sqlite3.connect(os.environ[FILE])
    word = _own.connection.execute(WORD, (1,)).fetchone()[0]
    return f"<!doctype html><title>{word}</title><p>{word}</p>"
