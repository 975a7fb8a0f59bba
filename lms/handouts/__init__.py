"""What of a course is printed: the handout of all its lessons, and the job aid of one page."""
