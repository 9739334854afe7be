//! Numbers in, the rows of the table that says what was promised, what was found, and whether it holds.

use crate::compile::{self, Compile, in_c::InC};
use crate::measure::{self, Fresh, Import, Miss, Start};
use crate::route;
use crate::row::{Row, reported, row};
use crate::verify;

/// Everything that was measured.
pub struct Results {
    /// For each count.
    pub starts: Vec<Start>,
    /// For each count.
    pub imports: Vec<Import>,
    /// Once.
    pub misses: Vec<Miss>,
    /// Instructions of a failing import, once: in a package of the table, and in another one.
    pub optional: [f64; 2],
    /// For each count.
    pub fresh: Vec<Fresh>,
    /// Table, count, hit, miss: warm, in nanoseconds.
    pub warm: Vec<(&'static str, usize, f64, f64)>,
    /// Per import: static, `.so`.
    pub file_calls: Option<[f64; 2]>,
    /// What each record adds to the file, in bytes: name of the way, bytes.
    pub file_bytes: Vec<(&'static str, f64)>,
    /// The largest count.
    pub top: usize,
    /// What annotated modules in Rust cost the compiler.
    pub compile: Option<Compile>,
    /// What records in C cost compiler and linker.
    pub compile_c: Vec<InC>,
    /// What the benchmark of `linktab check` printed.
    pub verify: String,
}

impl Results {
    fn start(&self, route: &str) -> &Start {
        let is = |start: &&Start| start.route == route && start.count == self.top;
        self.starts.iter().find(is).expect("every way was started")
    }

    /// The import on one way.
    pub fn import(&self, route: route::Route, count: usize) -> Option<&Import> {
        self.imports.iter().find(|import| import.route == route.name && import.count == count)
    }

    fn fresh(&self, table: &str) -> &Fresh {
        let is = |fresh: &&Fresh| fresh.table == table && fresh.count == self.top;
        self.fresh.iter().find(is).expect("every table was built")
    }

    /// The table of promises.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = self.table_rows();
        rows.extend(self.start_rows());
        rows.extend(self.import_rows());
        rows.extend(self.miss_rows());
        rows.push(self.optional_row());
        rows.extend(verify::rows(&self.verify));
        rows.extend(self.compile.iter().flat_map(compile_rows));
        rows.extend(compile_c_rows(&self.compile_c));
        rows
    }

    fn table_rows(&self) -> Vec<Row> {
        let (ours, map, open) =
            (self.fresh("linktab"), self.fresh("unordered_map"), self.fresh("open addressing"));
        let (build, ratio) = (ours.build.median(), map.build.times(&ours.build));
        let cold = ours.cold.times(&open.cold);
        let share = build / self.start("nothing registered").cpu.median;
        let slower: Vec<String> = self
            .warm
            .iter()
            .filter(|(table, ..)| *table == "linktab")
            .filter_map(|(_, count, hit, miss)| {
                let other =
                    self.warm.iter().find(|(table, n, ..)| *table == "unordered_map" && n == count)?;
                (*hit > other.2 || *miss > other.3).then(|| format!("slower at {count}"))
            })
            .collect();
        let nearest = |table: &str| {
            self.warm
                .iter()
                .find(|(name, n, ..)| *name == table && *n == self.top)
                .map_or((0.0, 0.0), |w| (w.2, w.3))
        };
        let (our, their) = (nearest("linktab"), nearest("unordered_map"));
        vec![
            row(
                format!("index build, fresh process, {} names", self.top),
                "at least 5 x faster than a reserved unordered_map",
                format!("{:.0} us against {:.0} us: {ratio:.1} x", build / 1e3, map.build.median() / 1e3),
                ratio.median >= 5.0,
            ),
            row(
                "the same, of interpreter start-up",
                "at most 0.7 %",
                format!("{:.2} %", share * 100.0),
                share <= 0.007,
            ),
            row(
                "look-up, warm, hit and miss",
                "faster than unordered_map at every count",
                format!(
                    "at {}: hit {:.1} against {:.1} ns, miss {:.1} against {:.1} ns{}",
                    self.top,
                    our.0,
                    their.0,
                    our.1,
                    their.1,
                    if slower.is_empty() { String::new() } else { format!("; {}", slower.join(", ")) }
                ),
                slower.is_empty(),
            ),
            row(
                "look-up, cold",
                "within 1.2 x of open addressing",
                format!("{:.0} against {:.0} ns: {cold:.2} x", ours.cold.median(), open.cold.median()),
                cold.median <= 1.2,
            ),
        ]
    }

    fn start_rows(&self) -> Vec<Row> {
        let million = |route: &str| format!("{:.2} M", self.start(route).instructions / 1e6);
        let ours = self.start("linktab");
        let others = format!(
            "unordered_map {}, ExtendInittab {}, AppendInittab {}",
            million(route::MAP.name),
            million(route::EXTEND.name),
            million(route::APPEND.name)
        );
        let memory = ["linktab", route::MAP.name, route::STATIC.name, route::EXTEND.name];
        let memory = memory.map(|route| format!("{route} {:.0} KiB", self.start(route).private_dirty_kib));
        let bytes = self.file_bytes.iter().map(|(name, bytes)| format!("{name} {bytes:.0}"));
        vec![
            row(
                format!("start-up to finder ready, {} modules", self.top),
                "at most 1.2 M instructions",
                format!("{} ({others})", million("linktab")),
                ours.instructions <= 1.2e6,
            ),
            reported("private dirty memory of registration", memory.join(", ")),
            reported("bytes in the file per module", bytes.collect::<Vec<_>>().join(", ")),
        ]
    }

    fn import_rows(&self) -> Vec<Row> {
        let at = |route| self.import(route, self.top).expect("every way was used");
        let ours = at(route::LINKTAB);
        let (floor, preload) = (at(route::FLOOR), at(route::PRELOAD));
        let inittab = at(route::EXTEND).instructions / ours.instructions;
        let ratio = preload.instructions / floor.instructions;
        let in_front = at(route::BEHIND).instructions / floor.instructions;
        let (behind, least) = (at(route::BEHIND), at(route::LEAST));
        let more = ours.instructions / (least.instructions + floor.instructions) - 1.0;
        let mut rows = vec![
            row(
                format!("one import through the finder, {} modules", self.top),
                "at most 55,000 instructions on 3.11; where importlib's least is more, which no finder can be below, at \
                 most that and the module itself",
                format!(
                    "{:.0}; importlib's least {:.0}, the module {:.0} (unordered_map and a Python finder: {:.0})",
                    ours.instructions,
                    least.instructions,
                    floor.instructions,
                    at(route::MAP).instructions
                ),
                ours.instructions <= 55_000.0_f64.max(least.instructions + floor.instructions),
            ),
            row(
                "the same over importlib's least and the module itself",
                "at most 3 % more",
                format!(
                    "{:.0} against {:.0} and {:.0}: {:+.1} %",
                    ours.instructions,
                    least.instructions,
                    floor.instructions,
                    more * 100.0
                ),
                more <= 0.03,
            ),
            row(
                "the same against the inittab",
                "at least 15 x fewer instructions",
                format!("{inittab:.1} x"),
                inittab >= 15.0,
            ),
            row(
                "linktab.preload",
                "within 1.6 x of the floor",
                format!(
                    "{:.0} against {:.0} instructions: {ratio:.2} x",
                    preload.instructions, floor.instructions
                ),
                ratio <= 1.6,
            ),
            row(
                "the same behind another finder",
                "within 2 x of the floor, of which that finder takes a part",
                format!("{:.0} instructions: {in_front:.2} x", behind.instructions),
                in_front <= 2.0,
            ),
        ];
        let shared = self.imports.iter().rfind(|import| import.route == route::SHARED.name);
        if let Some((shared, ours)) =
            shared.and_then(|shared| Some((shared, self.import(route::LINKTAB, shared.count)?)))
        {
            let (ours, theirs) = (ours.cpu.over(1e3), shared.cpu.over(1e3));
            let ratio = theirs.median / ours.median;
            rows.push(row(
                format!("the same against .so files, warm local disk, {} modules", shared.count),
                "at least 8 x faster",
                format!("{:.1} against {:.1} us of CPU: {ratio:.1} x", ours.median, theirs.median),
                ratio >= 8.0,
            ));
        }
        if let Some([fixed, shared]) = self.file_calls {
            rows.push(row(
                "file-system calls per static import (strace)",
                "0",
                format!("{fixed} (.so: {shared:.1})"),
                fixed == 0.0,
            ));
        }
        rows
    }

    fn miss_rows(&self) -> Vec<Row> {
        let of =
            |route: &str| self.misses.iter().find(|miss| miss.route == route).expect("every finder missed");
        let (ours, python, alone) = (of("linktab"), of(route::MAP.name), of("importlib's loop alone"));
        let ratio = ours.cpu.times(&alone.cpu);
        let [our, pythons, alones] = [ours, python, alone].map(|miss| miss.cpu.median());
        vec![row(
            "a miss: importlib's search with that finder alone",
            "below the Python finder, and 350 ns where importlib's own loop takes 260: at most 1.35 x of it",
            format!(
                "{ratio:.2} x; {:.0} ns, {:.0} instructions (Python finder {:.0} ns, {:.0}; importlib alone {:.0} ns, {:.0})",
                our, ours.instructions, pythons, python.instructions, alones, alone.instructions
            ),
            ratio.median <= 1.35 && ours.cpu.times(&python.cpu).median < 1.0,
        )]
    }

    fn optional_row(&self) -> Row {
        let [ours, others] = self.optional;
        row(
            format!("a failing import in a package of the table, {} modules", self.top),
            "at most 1.1 x of one elsewhere",
            format!("{ours:.0} against {others:.0} instructions: {:.2} x", ours / others),
            ours <= others * measure::OPTIONAL,
        )
    }
}

/// What annotated modules cost the compiler and the linker.
pub fn compile_rows(compile: &Compile) -> [Row; 2] {
    let expansion = row(
        format!("compile time of {} annotated modules in Rust", compile::COUNT),
        "macro expansion at most 150 us a module",
        format!(
            "{:.0} us a module; `cargo build` {:.1} s of CPU, of the same functions without the attribute {:.1} s",
            compile.expansion, compile.seconds, compile.without
        ),
        compile.expansion <= 150.0,
    );
    let [with, without] = compile.link;
    let found = format!("{with:.2} against {without:.2} s of CPU without records");
    [expansion, reported(&format!("link of {} annotated modules in Rust", compile::LINKED), found)]
}

/// What records in C cost the compiler and the linker.
pub fn compile_c_rows(measured: &[InC]) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(one) = measured.first() {
        let [with, without] = one.compile;
        let each = (with - without) * 1e3 / one.count as f64;
        rows.push(row(
            format!("compile time of {} C files with `LINKTAB_MODULE`", one.count),
            "at most 1 ms a module over the same without it",
            format!("{each:.2} ms a module; {with:.1} against {without:.1} s of CPU"),
            each <= 1.0,
        ));
    }
    rows.extend(measured.iter().map(|one| {
        let [with, without] = one.link;
        let found = format!("{with:.2} against {without:.2} s of CPU without records");
        reported(&format!("link of {} records in C", one.count), found)
    }));
    rows
}
