# Shared objects of the archive as files, where the system has none in memory (no memfd_create(2), no `/proc`) or
# the user wants them: in a folder of this user's alone, named for what is in it. Behind pack_shared.py, which asks.
#
# A file that is there already is compared with the archive before anything loads it.
import os
import stat

VARIABLE = "LINKTAB_EXTRACT"  # A folder, `1` for the usual ones, `0` for none.
HAS_MEMORY = None  # Not known yet.


def put(file):
    """Loads a file and all that it needs, where the user wants it or the system can; returns their names."""
    choice = os.environ.get(VARIABLE)
    if choice != "0" and (choice or EXTRACT or HAS_MEMORY is False):
        return on_disk(file)
    try:
        return in_memory(file)
    except (AttributeError, OSError, ImportError):
        if choice == "0" or has_memory():
            raise
        return on_disk(file)


def has_memory():
    global HAS_MEMORY
    if HAS_MEMORY is None:
        try:
            descriptor = posix.memfd_create("linktab", posix.MFD_CLOEXEC)
        except (AttributeError, OSError):  # Of another libc, or forbidden.
            HAS_MEMORY = False
        else:
            HAS_MEMORY = os.path.exists(f"/proc/self/fd/{descriptor}")
            posix.close(descriptor)
    return HAS_MEMORY


def on_disk(file):
    """Puts a file and all that it needs below one folder, as the wheels had them: the dynamic linker finds its way."""
    folder = os.path.join(base(), CONTENT)
    private(folder)
    files = [needed for needed in closure(file) if loaded(needed) is None]
    names = {needed: place(folder, needed, read(needed)) for needed in files}
    # Each by itself: to some leads no search path, but that somebody has loaded them already.
    for needed, name in names.items():
        try:
            dlopen(os.fsencode(name), sys.getdlopenflags())
        except ImportError as error:
            taken = error.msg.partition("undefined symbol: ")[2].partition(",")[0].encode()
            others = (other for other in names if other != needed)
            if not taken or not any(b"\0%b\0" % taken in read(other) for other in others):
                raise
            # Taken from one that needs this one, and comes behind it: bound when it is called, as libraries that need
            # each other are not wherever there is one to begin with (dlopen(3), RTLD_LAZY).
            dlopen(os.fsencode(name), os.RTLD_LAZY)
    return names


def base(what="shared objects"):
    """A folder that is private, or the reasons why there is none."""
    choice, reasons = os.environ.get(VARIABLE, ""), []
    for folder in [choice] if os.path.isabs(choice) else usual():
        try:
            private(folder)
            return folder
        except OSError as error:
            reasons.append(f"{folder}: {error.strerror}")
    reasons = "; ".join(reasons)
    raise ImportError(
        f"no private folder for the {what} of this file ({reasons}): set {VARIABLE} to a path that can be made"
    )


def usual():
    for variable, below in ("XDG_CACHE_HOME", "linktab"), ("HOME", ".cache/linktab"):
        folder = os.environ.get(variable, "")
        if os.path.isabs(folder):
            yield os.path.join(folder, below)
    yield f"{os.environ.get('TMPDIR') or '/tmp'}/linktab-{os.geteuid()}"


def private(folder):
    os.makedirs(folder, 0o700, exist_ok=True)
    found = os.lstat(folder)  # Whoever may rename it may put another in its place: no link is followed.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(1, "expected a folder of this user's that nobody else may enter (0700)")


def place(folder, file, data, mode=0o500, date=None):
    path = os.path.join(folder, file)
    if date is not None or not holds(path, data):
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        # Others that start at this moment write the same: the last one's name stays.
        part = f"{path}.{os.urandom(8).hex()}.part"
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as out:
                out.write(data)
                os.fchmod(out.fileno(), mode)  # Whatever the user's mask takes away.
            if date is not None:
                os.utime(part, (date, date))
            os.replace(part, path)
        except OSError as error:
            if os.path.lexists(part):
                os.unlink(part)
            raise ImportError(f"{path} cannot be written: {error.strerror}; set {VARIABLE} to another folder") from None
    return path


def holds(path, data):
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
            return os.fstat(file.fileno()).st_uid == os.geteuid() and file.read() == data
    except OSError:
        return False
