//! Python code that makes a subinterpreter, for tests to run in front of their own.

/// Brings the module that makes subinterpreters, under its names from 3.9 to 3.15, one of them, and a function that
/// runs code in it.
pub const INTERPRETERS: &str = "
import os, sys
for name in '_interpreters', '_xxsubinterpreters':
    try:
        interpreters = __import__(name)
        break
    except ImportError:
        pass
interpreter = interpreters.create()
def run(code):
    failure = interpreters.run_string(interpreter, code)
    assert failure is None, failure
";
