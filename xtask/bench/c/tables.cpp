// std::unordered_map from names to addresses, for Rust to call.
#include <cstddef>
#include <string_view>
#include <unordered_map>

struct Name {
    const char *text;
    size_t len;
};

using Map = std::unordered_map<std::string_view, const void *>;

extern "C" {

void *bench_map_new(const Name *names, size_t count) {
    Map *map = new Map;
    map->reserve(count);
    for (size_t i = 0; i < count; i++) map->emplace(std::string_view(names[i].text, names[i].len), &names[i]);
    return map;
}

const void *bench_map_get(const void *map, Name name) {
    const Map &all = *static_cast<const Map *>(map);
    auto found = all.find(std::string_view(name.text, name.len));
    return found == all.end() ? nullptr : found->second;
}

void bench_map_delete(void *map) { delete static_cast<Map *>(map); }

}
