"""What each rank runs: imports what an application would, and says how long it took since its process started."""

import argparse
import ast
import base64
import collections.abc
import concurrent.futures
import configparser
import contextlib
import copy
import csv
import dataclasses
import difflib
import email.message
import enum
import fnmatch
import fractions
import functools
import gettext
import glob
import html.parser
import importlib.metadata
import importlib.resources
import inspect
import json
import logging.config
import logging.handlers
import os
import pathlib
import pickle
import platform
import pprint
import queue
import random
import shlex
import shutil
import socketserver
import statistics
import string
import subprocess
import sys
import tarfile
import tempfile
import textwrap
import threading
import time
import timeit
import tokenize
import traceback
import typing
import unittest.mock
import urllib.parse
import uuid
import xml.dom.minidom
import zipfile
from importlib import import_module

import rank_packages

for package in rank_packages.NAMES:
    import_module(package)

with open("/proc/self/stat") as stat:
    # Field 22, in ticks after the machine's start (proc(5)); the name in field 2 may hold blanks.
    ticks = int(stat.read().rpartition(")")[2].split()[19])
since_start = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
used = os.times()
native = [name for name, module in sys.modules.items() if name.split(".")[-1] in rank_packages.LEAVES]
rank = os.environ.get("OMPI_COMM_WORLD_RANK", "0")
# One write: the ranks share a pipe.
os.write(1, f"rank {rank} {since_start:.4f} {used.user + used.system:.4f} {len(native)} {len(sys.modules)}\n".encode())
