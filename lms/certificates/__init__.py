"""Certificates: the facts frozen at completion, the PDF made of them once, and how anyone checks one."""
