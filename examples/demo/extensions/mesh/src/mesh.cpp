// acme.mesh: nanobind.
#include <nanobind/nanobind.h>

#include <linktab.h>

namespace nb = nanobind;

namespace {

// V - E + F
long euler_characteristic(long vertices, long edges, long faces)
{
    return vertices - edges + faces;
}

} // namespace

NB_MODULE(mesh, module)
{
    module.doc() = "Meshes.";
    module.def("euler_characteristic", &euler_characteristic, "vertices - edges + faces");
}

LINKTAB_MODULE("acme.mesh", PyInit_mesh, LINKTAB_MULTI)
