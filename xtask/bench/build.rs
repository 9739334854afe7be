//! Compiles the hash map of C++ that tables are compared with.

fn main() {
    println!("cargo::rerun-if-changed=c/tables.cpp");
    cc::Build::new().cpp(true).std("c++17").opt_level(2).file("c/tables.cpp").compile("bench_tables");
}
