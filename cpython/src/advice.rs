//! What to install when no CPython can be linked: one sentence and one command per package manager.

/// The commands.
pub const INSTALL: &str = "\
install a CPython with its library and headers, then run this again:
  apt    sudo apt-get install python3-dev
  dnf    sudo dnf install python3-devel      (a shared libpython; for a static one, see below)
  brew   brew install python@3.14
any of them built from source also does: ./configure --enable-shared && make install puts an
archive of position-independent code beside the shared library; then pass --python PREFIX/bin/python3";
