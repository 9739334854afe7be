/* CPython's own `python`, with the same libpython as the others. */
#include <Python.h>

int main(int argc, char **argv) { return Py_BytesMain(argc, argv); }
