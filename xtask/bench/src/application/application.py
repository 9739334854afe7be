"""A command with thirty packages: a configuration in YAML is checked, and shown as a table."""

import sys

import attrs
import cffi
import certifi
import charset_normalizer
import click
import frozenlist
import greenlet
import idna
import jinja2
import jsonschema
import kiwisolver
import markupsafe
import msgpack
import multidict
import orjson
import packaging.version
import propcache
import psutil
import pygments.lexers
import referencing
import regex
import requests
import rich.console
import rich.table
import rpds
import simplejson
import ujson
import urllib3
import wrapt
import yaml
import yarl

CONFIGURATION = """
service: harbour
address: https://harbour.example/berths?day=1
limits: [3, 5, 8]
"""
SCHEMA = {"type": "object", "required": ["service", "limits"], "properties": {"limits": {"type": "array"}}}


@attrs.frozen
class Berth:
    name: str
    length: int


@click.command()
@click.option("--wait", is_flag=True, help="stay until the input ends")
def main(wait):
    configuration = yaml.safe_load(CONFIGURATION)
    jsonschema.validate(configuration, SCHEMA)
    url = yarl.URL(configuration["address"])
    packed = msgpack.unpackb(msgpack.packb(orjson.loads(ujson.dumps(configuration["limits"]))))
    berths = [Berth(f"berth {n}", n) for n in packed]
    template = jinja2.Template("{{ host|upper }}, day {{ day }}")
    table = rich.table.Table(title=template.render(host=url.host, day=url.query["day"]))
    table.add_column("name")
    table.add_column("length")
    for berth in berths:
        table.add_row(regex.sub(r"\p{L}+ ", "B", berth.name), simplejson.dumps(berth.length))
    rich.console.Console(width=40).print(table)
    if wait:
        print("waiting", flush=True)
        sys.stdin.read()
