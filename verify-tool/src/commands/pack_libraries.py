# Libraries of the system that the shared objects of an archive need (`--include-libs`): each object in, files that go
# into the archive with it out. They are those that the dynamic linker of this executable would take here, and it is
# asked: it loads, and runs nothing (ld.so(8), `--list`).
#
# The C library and its parts stay the machine's: they fit its loader and its kernel, and no other. So does what the
# executable itself is linked with, which is loaded before anybody could look into an archive.
import re
import subprocess

LIBRARIES = "_linktab_libs"  # verify-tool/src/needs/inside.rs
OF_LIBC = re.compile(
    r"(ld|ld64|ld-linux.*|ld-musl.*|libc|libc\.musl.*|libm|libmvec|libdl|libpthread|librt|libutil|libresolv|libanl"
    r"|libthread_db|libnss_\w+|libBrokenLocale|linux-vdso\d*|linux-gate)\.so(\.\d+)*|libnsl\.so\.1"
)


def include(archive, warn):
    """Adds to an archive what its shared objects need, and what that needs."""
    with open(sys.executable, "rb") as file:
        program = SharedObject(file.read())
    linker = program.loader
    if linker is None:
        raise Refusal("--include-libs: this executable is loaded by nobody who could tell where libraries are")
    stays = set(listed(linker, sys.executable))
    paths, open_files = archive.paths, sorted(archive.links.objects)
    while open_files:
        file = open_files.pop(0)
        missing = [name for name in archive.links.objects[file].needed if name not in archive.links.found(file)]
        missing = [name for name in missing if name not in stays and not OF_LIBC.fullmatch(name)]
        if not missing or file not in paths:
            continue
        inherited = "" if archive.links.objects[file].has_own else program.inherited
        places = listed(linker, paths[file], inherited)
        for name in missing:
            path, packed = places.get(name), posixpath.join(LIBRARIES, posixpath.basename(name))
            if path is None:
                warn(f"{shown(name)}, which {shown(file)} needs, is not here: it stays to be had by the machine")
            elif packed not in archive.names:
                with open(path, "rb") as library:
                    data = library.read()
                archive.add(packed, stripped(data) if archive.strips else data)
                paths[packed] = path
                open_files.append(packed)


def listed(linker, path, inherited=""):
    """Libraries by the names under which they are asked for, as the dynamic linker finds them for a file that is loaded
    by an executable with this path."""
    words = [linker, "--list", os.path.abspath(path)]
    if inherited:
        folder = os.path.dirname(os.path.abspath(sys.executable))
        inherited = inherited.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", folder)
        words[1:1] = ["--library-path", ":".join(filter(None, [inherited, os.environ.get("LD_LIBRARY_PATH")]))]
    said = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    found = {}
    for line in said.stdout.decode(errors="surrogateescape").splitlines():
        name, arrow, rest = line.strip().partition(" => ")
        if arrow and rest.startswith("/"):
            found[name] = rest.rpartition(" (0x")[0] or rest
    return found
