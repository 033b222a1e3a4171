"""Titles as they are read."""

import re


def read(figure):
    """The title and what is said below it, in one line, without its tags."""
    text = figure.layout.title.text.replace("<b>", "").replace("</b>", "")
    return re.sub("</?span[^>]*>", "", text).replace("<br>", " ")
