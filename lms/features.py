"""The one line that features stand in: each may import only those before it."""

ORDER = (
    "audit",
    "people",
    "content",
    "learning",
    "handouts",
    "assessment",
    "drills",
    "certificates",
    "reports",
    "interop",
    "home",
)
