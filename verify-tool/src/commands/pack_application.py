# What a file runs that is an application and no `python`: a function, or a module as `python -m` would. The
# arguments are the application's from the first one on. Behind pack_shared.py; called by the finder.


def run():
    module, function = APPLICATION
    if function is None:
        import runpy

        runpy._run_module_as_main(module, alter_argv=False)
        return
    target = __import__(module, fromlist=["*"])
    for part in function.split("."):
        target = getattr(target, part)
    sys.exit(target())
