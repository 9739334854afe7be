// acme.graph: pybind11, and a submodule that lives inside it, acme.graph.sub.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <linktab.h>

#include <map>
#include <queue>
#include <vector>

namespace py = pybind11;

namespace {

struct Graph {
    std::map<int, std::vector<int>> edges;

    void connect(int a, int b)
    {
        edges[a].push_back(b);
        edges[b].push_back(a);
    }
};

// Edges on the shortest path, or -1 (breadth-first search).
int distance(const Graph &graph, int from, int to)
{
    std::map<int, int> seen{{from, 0}};
    std::queue<int> next({from});
    while (!next.empty()) {
        int node = next.front();
        next.pop();
        if (node == to)
            return seen[node];
        auto found = graph.edges.find(node);
        if (found == graph.edges.end())
            continue;
        for (int neighbour : found->second)
            if (seen.emplace(neighbour, seen[node] + 1).second)
                next.push(neighbour);
    }
    return -1;
}

} // namespace

PYBIND11_MODULE(graph, module)
{
    module.doc() = "Graphs.";
    py::class_<Graph>(module, "Graph")
        .def(py::init<>())
        .def("connect", &Graph::connect)
        .def(py::pickle([](const Graph &graph) { return py::make_tuple(graph.edges); },
                        [](const py::tuple &state) {
                            return Graph{state[0].cast<std::map<int, std::vector<int>>>()};
                        }));
    py::module_ sub = module.def_submodule("sub", "Searches.");
    sub.def("distance", &distance, "Edges on the shortest path, or -1.");
}

LINKTAB_MODULE("acme.graph", PyInit_graph, LINKTAB_MULTI)
