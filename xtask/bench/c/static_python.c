/* linktab's `python`, from the static library of linktab-bench-host. */
int linktab_bench_python(void);

int main(void) { return linktab_bench_python(); }
