"""Extensions that are shared objects in the archive behind the executable, loaded from memory.

`dlopen` wants a file: each gets one that only this process has (memfd_create(2)). Written by `linktab pack`.
"""

import _imp
import posix
import sys
from _frozen_importlib import ModuleSpec, _call_with_frames_removed
from _frozen_importlib_external import ExtensionFileLoader, spec_from_file_location


class SharedExtensionLoader(ExtensionFileLoader):
    def create_module(self, spec):
        data = __loader__.get_data(self.path)
        # Stays open: the dynamic linker knows libraries by name, and the number may not be used twice.
        file = posix.memfd_create(spec.name, posix.MFD_CLOEXEC)
        while data:
            data = data[posix.write(file, data) :]
        memory = ModuleSpec(spec.name, self, origin=f"/proc/self/fd/{file}")
        return _call_with_frames_removed(_imp.create_dynamic, memory)


class SharedExtensionFinder:
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        name = EXTENSIONS.get(fullname)
        if name is None:
            return None
        path = f"{__loader__.archive}/{name}"
        return spec_from_file_location(fullname, path, loader=SharedExtensionLoader(fullname, path))


sys.meta_path.append(SharedExtensionFinder)
