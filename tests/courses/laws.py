"""The law as it stood on 23/11/2026: what is in force, from which day where that is known, and what was replaced."""

from datetime import date

IN_FORCE: dict[str, date | None] = {
    "72/2025": None, "202/2025": None, "1659/2025": None, "19/2025": None, "150/2025": None,
    "80/2025": date(2025, 7, 1), "361/2025": None, "171/2025": date(2025, 7, 1), "03/2023": None,
    "179/2025": date(2025, 8, 15), "23/2025": date(2025, 10, 20),
    "148/2025": date(2026, 7, 1), "224/2026": date(2026, 7, 1),
    "116/2025": date(2026, 7, 1), "331/2026": date(2026, 8, 19), "333/2026": date(2026, 8, 19), "330/2026": date(2026, 8, 19),
    "329/2026": None, "332/2026": None, "327/2026": None, "328/2026": None, "14423:2026": None,
    "117/2025": date(2026, 3, 1), "63/2026": date(2026, 3, 1),
    "91/2025": date(2026, 1, 1), "356/2025": date(2026, 1, 1), "22/2026": None,
    "60/2024": date(2025, 7, 1), "165/2025": None, "278/2025": date(2025, 10, 22), "194/2025": None, "47/2020": None,
    "363/2026": date(2026, 11, 11),
    "134/2025": date(2026, 3, 1), "142/2026": None, "05/2026": None,
    "20/2023": None, "68/2024": date(2024, 8, 15), "20/2026": date(2027, 3, 1),
    "30/2020": None, "33/2024": date(2025, 7, 1), "113/2025": None,
    "51/2010": None, "22/2023": date(2024, 4, 5), "118/2025": None, "623/TTg": None, "104/2016": None,
}  # fmt: skip
"""By number and year; None where the day is not known for sure. Luật Tiếp cận thông tin 104/2016 stands beside Luật NKT."""

REPLACED = frozenset({
    "86/2015", "24/2018", "85/2016", "53/2022", "12/2022", "11930:2017", "05/2017", "20/2017", "29/2018", "13/2023",
    "67/2006", "64/2007", "42/2022", "73/2019", "45/2026", "61/2018", "107/2021", "130/2018", "41/2017", "32/2017", "01/2011",
    "101/2017", "89/2021", "01/2018", "62/2020",
})  # fmt: skip
"""What the same table calls replaced, or not to be cited as current."""

UNSURE = frozenset({"60/CT-BTTTT"})
"""Named by the same source, and not known to hold still: a text that names it says so."""
