//! Signals as the process was given them: what Rust's runtime changed before `main`, put back for Python.
//!
//! Rust handles SIGSEGV and SIGBUS, so that an overflow of the stack ends with a sentence and SIGABRT (std,
//! `stack_overflow`), and ignores SIGPIPE. Under its handler `os.kill(pid, SIGSEGV)` does nothing the first
//! time, deep recursion in C ends with another signal than in `python`, and `faulthandler` and C code find a
//! handler and a stack for handlers where there should be none.
//!
//! Knows what Rust's handler looks like; handlers of others, before `main` or in it, stay.

use core::mem::MaybeUninit;
use core::ptr;
#[cfg(target_os = "linux")]
use core::sync::atomic::{AtomicBool, Ordering};

/// What Rust's runtime handles, where nobody else does.
const FAULTS: [libc::c_int; 2] = [libc::SIGSEGV, libc::SIGBUS];

/// What crash reporters handle besides, and Rust's runtime does not.
const OTHER_FAULTS: [libc::c_int; 4] = [libc::SIGABRT, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP];

/// Whether nobody had touched SIGSEGV, SIGBUS, SIGPIPE and the main thread's stack for handlers before `main`.
#[cfg(target_os = "linux")]
static UNTOUCHED: [AtomicBool; 4] = [const { AtomicBool::new(false) }; 4];

#[cfg(target_os = "linux")]
before_main!(note);

#[cfg(target_os = "linux")]
extern "C" fn note() {
    let [segv, bus] = FAULTS.map(|signal| is_default(&action(signal)));
    let untouched = [segv, bus, is_default(&action(libc::SIGPIPE)), !has_stack()];
    UNTOUCHED.iter().zip(untouched).for_each(|(place, untouched)| place.store(untouched, Ordering::Relaxed));
}

#[cfg(target_os = "linux")]
fn noted() -> [bool; 4] {
    UNTOUCHED.each_ref().map(|untouched| untouched.load(Ordering::Relaxed))
}

/// Elsewhere it is taken to be so, as in a program that a shell starts.
#[cfg(not(target_os = "linux"))]
fn noted() -> [bool; 4] {
    [true; 4]
}

/// Puts back what Rust's runtime changed.
pub fn restore() {
    let [segv, bus, pipe, no_stack] = noted();
    if pipe && action(libc::SIGPIPE).sa_sigaction == libc::SIG_IGN {
        set_default(libc::SIGPIPE);
    }
    let actions = FAULTS.map(action);
    // Where it handles both, it is one handler.
    let alike = actions[0].sa_sigaction == actions[1].sa_sigaction || !segv || !bus;
    let handled = FAULTS.into_iter().zip(actions).zip([segv, bus]);
    let rusts: Vec<_> = handled
        .filter(|((_, action), untouched)| *untouched && alike && looks_like_rusts(action))
        .map(|((signal, _), _)| signal)
        .collect();
    rusts.iter().for_each(|signal| set_default(*signal));
    if no_stack && !rusts.is_empty() {
        remove_stack();
    }
}

/// Whether a handler has the form of Rust's: no signal is held up meanwhile, it has a stack of its own, and
/// nothing else that crash reporters listen to leads to it.
fn looks_like_rusts(action: &libc::sigaction) -> bool {
    // What the C library adds for itself (sigreturn(2)) and does not always take out.
    const RESTORER: libc::c_int = if cfg!(target_os = "linux") { 0x0400_0000 } else { 0 };
    action.sa_sigaction != libc::SIG_DFL
        && action.sa_sigaction != libc::SIG_IGN
        && action.sa_flags & !RESTORER == libc::SA_SIGINFO | libc::SA_ONSTACK
        && holds_nothing_up(action)
        && OTHER_FAULTS.iter().all(|other| self::action(*other).sa_sigaction != action.sa_sigaction)
}

#[cfg(target_os = "linux")]
fn is_default(action: &libc::sigaction) -> bool {
    action.sa_sigaction == libc::SIG_DFL
}

fn holds_nothing_up(action: &libc::sigaction) -> bool {
    // SAFETY: reads a set that the C library has filled.
    FAULTS
        .iter()
        .chain(&OTHER_FAULTS)
        .all(|signal| unsafe { libc::sigismember(&action.sa_mask, *signal) } == 0)
}

/// What a signal does now.
fn action(signal: libc::c_int) -> libc::sigaction {
    let mut action = MaybeUninit::zeroed();
    // SAFETY: asks only, and fills the structure.
    unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) };
    // SAFETY: filled, or all zeros, which is the default action.
    unsafe { action.assume_init() }
}

fn set_default(signal: libc::c_int) {
    // SAFETY: the default action is nobody's code.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

/// Whether this thread has a stack for signal handlers.
#[cfg(target_os = "linux")]
fn has_stack() -> bool {
    let mut stack = MaybeUninit::<libc::stack_t>::zeroed();
    // SAFETY: asks only, and fills the structure.
    unsafe { libc::sigaltstack(ptr::null(), stack.as_mut_ptr()) };
    // SAFETY: filled, or all zeros.
    unsafe { stack.assume_init() }.ss_flags & libc::SS_DISABLE == 0
}

/// Takes the stack for signal handlers away. Rust's runtime, whose it is, frees it at the end.
fn remove_stack() {
    let none =
        libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: libc::MINSIGSTKSZ };
    // SAFETY: no handler runs on it: this is no handler.
    unsafe { libc::sigaltstack(&none, ptr::null_mut()) };
}
