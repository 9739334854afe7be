//! Compiles the hash map of C++ that tables are compared with.

fn main() {
    println!("cargo::rerun-if-changed=c/tables.cpp");
    // As in linktab-build.
    println!("cargo::rerun-if-env-changed=LINKTAB_ONLY_CHECKED");
    if std::env::var_os("LINKTAB_ONLY_CHECKED").is_some() {
        return;
    }
    cc::Build::new().cpp(true).std("c++17").opt_level(2).file("c/tables.cpp").compile("bench_tables");
}
