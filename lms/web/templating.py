"""Templates, compiled once for each language: constant messages are translated then and not at every request."""

from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.visitor import NodeTransformer

from lms.core import i18n


class Translated(NodeTransformer):
    """Puts the words in place of `_("a constant")`; a message with values is left for the request."""

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: N802 - Jinja's name
        """The call, or the text it would give."""
        is_message = isinstance(node.node, nodes.Name) and node.node.name == "_"
        if is_message and not node.kwargs and len(node.args) == 1 and isinstance(node.args[0], nodes.Const):
            return nodes.Const(i18n.gettext_now(node.args[0].value), lineno=node.lineno)
        return self.generic_visit(node, *args, **kwargs)


class Templates(Environment):
    """Jinja's environment: one set of compiled templates for each language, over the same filters and globals."""

    language: str | None = None
    languages: dict[str, "Templates"]

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **options)
        self.languages = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: Any = None,
    ) -> Template:
        """The template in the reader's language; its parents and parts come from the same set."""
        if self.language is not None:
            return super().get_template(name, parent, globals)
        language = i18n.locale()
        if language not in self.languages:
            made = self.overlay()
            made.language = language
            self.languages[language] = made
        return self.languages[language].get_template(name, parent, globals)

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        if self.language is not None:  # it compiles for a reader of this language
            source = Translated().visit(source)
        return super()._generate(source, *args, **kwargs)
