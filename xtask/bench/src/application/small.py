"""A command with two packages, one of them with an extension."""

import sys

import jinja2
import markupsafe


def main():
    print(jinja2.Template("{{ name }}").render(name=markupsafe.escape("<harbour>")))
    if "--wait" in sys.argv:
        print("waiting", flush=True)
        sys.stdin.read()
