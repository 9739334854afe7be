//! The file system itself: requests of the kernel in, answers from a folder out, each after the wished
//! delay and counted by its kind.
//!
//! Read-only. A request waits in a queue until its time has come; the next one need not wait for that: so
//! does a server behind a network that is slow but not busy.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, InitFlags,
    KernelConfig, LockOwner, OpenFlags, ReplyAttr, ReplyData, ReplyDirectory, ReplyEntry, ReplyOpen, Request,
};

/// What was asked, by kind; and how many `bytes` were.
pub type Counts = Arc<Mutex<BTreeMap<&'static str, u64>>>;

/// A folder, as the kernel sees it.
pub struct Server {
    shared: Arc<Shared>,
    counts: Counts,
    latency: Duration,
    queue: Sender<(Instant, Answer)>,
}

type Answer = Box<dyn FnOnce(&Shared) + Send>;

/// What answers need.
struct Shared {
    /// How long the kernel may believe names and attributes.
    cache: Duration,
    nodes: Mutex<Nodes>,
}

/// Each path that was ever looked up has a number, which is its position plus one.
#[derive(Default)]
struct Nodes {
    paths: Vec<PathBuf>,
    numbers: HashMap<PathBuf, u64>,
    open: HashMap<u64, Arc<File>>,
}

impl Server {
    /// Serves `root`.
    pub fn new(root: &Path, latency: Duration, cache: Duration) -> Server {
        let mut nodes = Nodes::default();
        nodes.number(root.to_owned());
        let shared = Arc::new(Shared { cache, nodes: Mutex::new(nodes) });
        let (queue, waiting) = mpsc::channel::<(Instant, Answer)>();
        let served = shared.clone();
        // All wait equally long: the first that came is the first that is due.
        thread::spawn(move || {
            for (due, answer) in waiting {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                answer(&served);
            }
        });
        Server { shared, counts: Counts::default(), latency, queue }
    }

    /// The counts, which go on being counted.
    pub fn counts(&self) -> Counts {
        self.counts.clone()
    }

    fn answer(&self, kind: &'static str, answer: impl FnOnce(&Shared) + Send + 'static) {
        *lock(&self.counts).entry(kind).or_default() += 1;
        if self.latency.is_zero() {
            return answer(&self.shared);
        }
        // The receiver ends after the sender.
        let _ = self.queue.send((Instant::now() + self.latency, Box::new(answer)));
    }
}

impl Nodes {
    fn number(&mut self, path: PathBuf) -> u64 {
        if let Some(number) = self.numbers.get(&path) {
            return *number;
        }
        self.paths.push(path.clone());
        let number = self.paths.len() as u64;
        self.numbers.insert(path, number);
        number
    }
}

impl Shared {
    fn path(&self, node: INodeNo) -> Result<PathBuf, Errno> {
        let index = usize::try_from(node.0).ok().and_then(|number| number.checked_sub(1));
        let nodes = lock(&self.nodes);
        index.and_then(|index| nodes.paths.get(index)).cloned().ok_or(Errno::ENOENT)
    }

    fn attributes(&self, path: PathBuf) -> Result<FileAttr, Errno> {
        let metadata = fs::symlink_metadata(&path).map_err(errno)?;
        let number = lock(&self.nodes).number(path);
        Ok(attributes(INodeNo(number), &metadata))
    }

    fn file(&self, node: INodeNo) -> Result<Arc<File>, Errno> {
        if let Some(file) = lock(&self.nodes).open.get(&node.0) {
            return Ok(file.clone());
        }
        let file = Arc::new(File::open(self.path(node)?).map_err(errno)?);
        lock(&self.nodes).open.insert(node.0, file.clone());
        Ok(file)
    }

    fn read(&self, node: INodeNo, offset: u64, size: u32) -> Result<Vec<u8>, Errno> {
        let file = self.file(node)?;
        let mut data = vec![0; size as usize];
        let mut filled = 0;
        // A short answer would end the file for the kernel.
        while filled < data.len() {
            match file.read_at(&mut data[filled..], offset + filled as u64).map_err(errno)? {
                0 => break,
                read => filled += read,
            }
        }
        data.truncate(filled);
        Ok(data)
    }

    /// The entries from position `offset` on.
    fn list(&self, node: INodeNo, offset: u64, reply: &mut ReplyDirectory) -> Result<(), Errno> {
        let folder = self.path(node)?;
        let mut entries =
            fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(errno)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for (at, entry) in entries.iter().enumerate().skip(usize::try_from(offset).unwrap_or(usize::MAX)) {
            let number = lock(&self.nodes).number(entry.path());
            let kind = entry.file_type().map_err(errno)?;
            let kind = FileType::from_std(kind).unwrap_or(FileType::RegularFile);
            if reply.add(INodeNo(number), at as u64 + 1, kind, entry.file_name()) {
                break;
            }
        }
        Ok(())
    }
}

impl Filesystem for Server {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        // As every network file system does. An old kernel lacks it, and asks one after another.
        let _ = config.add_capabilities(InitFlags::FUSE_PARALLEL_DIROPS);
        Ok(())
    }

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let name = name.to_owned();
        self.answer("lookup", move |shared| {
            match shared.path(parent).and_then(|parent| shared.attributes(parent.join(name))) {
                Ok(attributes) => reply.entry(&shared.cache, &attributes, Generation(0)),
                Err(error) => reply.error(error),
            }
        });
    }

    fn getattr(&self, _: &Request, node: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        self.answer("getattr", move |shared| {
            match shared.path(node).and_then(|path| shared.attributes(path)) {
                Ok(attributes) => reply.attr(&shared.cache, &attributes),
                Err(error) => reply.error(error),
            }
        });
    }

    fn readlink(&self, _: &Request, node: INodeNo, reply: ReplyData) {
        self.answer("readlink", move |shared| {
            match shared.path(node).and_then(|path| fs::read_link(path).map_err(errno)) {
                Ok(target) => reply.data(target.as_os_str().as_bytes()),
                Err(error) => reply.error(error),
            }
        });
    }

    fn open(&self, _: &Request, node: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        self.answer("open", move |shared| match shared.file(node) {
            // The kernel may keep what it has read: nobody writes here.
            Ok(_) => reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE),
            Err(error) => reply.error(error),
        });
    }

    fn read(
        &self,
        _: &Request,
        node: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        *lock(&self.counts).entry("bytes").or_default() += u64::from(size);
        self.answer("read", move |shared| match shared.read(node, offset, size) {
            Ok(data) => reply.data(&data),
            Err(error) => reply.error(error),
        });
    }

    fn opendir(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        let flags = FopenFlags::FOPEN_KEEP_CACHE | FopenFlags::FOPEN_CACHE_DIR;
        self.answer("opendir", move |_| reply.opened(FileHandle(0), flags));
    }

    fn readdir(&self, _: &Request, node: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        self.answer("readdir", move |shared| match shared.list(node, offset, &mut reply) {
            Ok(()) => reply.ok(),
            Err(error) => reply.error(error),
        });
    }
}

fn attributes(ino: INodeNo, metadata: &Metadata) -> FileAttr {
    let time = |seconds: i64, nanoseconds: i64| -> SystemTime {
        UNIX_EPOCH
            + Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanoseconds).unwrap_or(0))
    };
    FileAttr {
        ino,
        size: metadata.size(),
        blocks: metadata.blocks(),
        atime: time(metadata.atime(), metadata.atime_nsec()),
        mtime: time(metadata.mtime(), metadata.mtime_nsec()),
        ctime: time(metadata.ctime(), metadata.ctime_nsec()),
        crtime: UNIX_EPOCH,
        kind: FileType::from_std(metadata.file_type()).unwrap_or(FileType::RegularFile),
        perm: (metadata.mode() & 0o7777) as u16,
        nlink: u32::try_from(metadata.nlink()).unwrap_or(u32::MAX),
        uid: metadata.uid(),
        gid: metadata.gid(),
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

fn errno(error: io::Error) -> Errno {
    Errno::from(error)
}

/// The counts as they are; a thread that died while it counted has counted.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
