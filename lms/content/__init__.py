"""The store of courses: uploads, revisions, publishing, files and local values."""
