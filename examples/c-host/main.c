/* A host in C: runs the code of its argument, with the extensions that are linked in. */
#include <Python.h>
#include <linktab_embed.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "expected one argument, code\n");
        return 2;
    }
    if (linktab_prepare() != 0) {
        fprintf(stderr, "%s\n", linktab_error());
        return 1;
    }
    Py_Initialize();
    if (linktab_install() != 0) {
        fprintf(stderr, "%s\n", linktab_error());
        return 1;
    }
    int failed = PyRun_SimpleString(argv[1]) != 0;
    return Py_FinalizeEx() != 0 || failed;
}
