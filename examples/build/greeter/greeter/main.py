"""Serves on 127.0.0.1, on the port that it is told or on any, and says on which."""

import importlib.resources
import socket
import sys

import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

PAGE = jinja2.Environment(autoescape=True).from_string(
    importlib.resources.files("greeter").joinpath("page.html").read_text()
)


async def greet(request):
    return HTMLResponse(PAGE.render(name=request.path_params["name"]))


async def add(request):
    return JSONResponse({"sum": sum(await request.json())})


def main():
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    routes = [Route("/greet/{name}", greet), Route("/add", add, methods=["POST"])]
    config = uvicorn.Config(Starlette(routes=routes), http="httptools", ws="none", log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])
