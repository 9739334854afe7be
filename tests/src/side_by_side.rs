//! Pieces of work in, all of them done, on as many threads as this machine has processors.
//!
//! For tests that wait for compilers, linkers and emulators. Knows nothing of what is done.

use std::sync::Mutex;
use std::thread;

/// Does `work` with each piece, and returns what came out, in the order of the pieces.
///
/// # Panics
///
/// When `work` does, with what it said.
pub fn side_by_side<P: Send, R: Send>(
    pieces: impl IntoIterator<Item = P>,
    work: impl Fn(P) -> R + Sync,
) -> Vec<R> {
    let queue = Mutex::new(pieces.into_iter().collect::<Vec<_>>().into_iter().enumerate());
    let worker = || {
        let mut done = Vec::new();
        loop {
            // The lock is given back before the work begins.
            let next = queue.lock().expect("no thread panics with it").next();
            let Some((number, piece)) = next else { return done };
            done.push((number, work(piece)));
        }
    };
    let mut done = thread::scope(|scope| {
        let workers: Vec<_> = (0..thread::available_parallelism().map_or(1, usize::from))
            .map(|_| scope.spawn(worker))
            .collect();
        let join = |worker: thread::ScopedJoinHandle<'_, Vec<(usize, R)>>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().flat_map(join).collect::<Vec<_>>()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
