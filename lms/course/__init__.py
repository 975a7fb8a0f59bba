"""What a course is: pure functions from text to document, from answer to mark; no web, no database, no clock."""
