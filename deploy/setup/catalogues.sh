# The translations: messages out of the code, into lms/translations/*/LC_MESSAGES/messages.po.

# extract FILE: every message of the code and the templates.
extract() {
  .venv/bin/pybabel --quiet extract --mapping pyproject.toml --no-default-keywords \
    --keyword _ --keyword _l --keyword N_ --keyword gettext --keyword ngettext:1,2 \
    --add-location file --sort-by-file --add-comments i18n: --project "Tam Kỳ" --output-file "$1" .
}

# update_catalogues POT [--check]: put what is new in, take what is gone out; never guess a translation.
update_catalogues() {
  .venv/bin/pybabel --quiet update --input-file "$1" --output-dir lms/translations \
    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 120 "${@:2}"
}

compile_catalogues() { .venv/bin/pybabel --quiet compile --directory lms/translations; }
