using Failover.Node.Storage;

namespace Failover.Node.Tests.Storage;

/// <summary>The machine died in the middle of a disk operation.</summary>
internal sealed class PowerFailureException : Exception;

/// <summary>
/// A disk in memory that knows what was synced and what was not. After a power failure any part of what was not synced
/// may have reached it, sector by sector and in any order, and so may creations, renames and deletions.
/// </summary>
internal sealed class SimulatedDisk : IDisk
{
    private const int SectorBytes = 512;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _directories = ["/"];
    private readonly Dictionary<string, Content> _files = [];
    private readonly Dictionary<string, Content> _durableFiles = [];
    private readonly List<NameChange> _changes = [];

    /// <summary>After how many more operations the power fails.</summary>
    public int? PowerFailsAfter { get; set; }

    /// <summary>Called before each operation with its name and path; what it throws, the operation throws.</summary>
    public Action<string, string>? Before { get; set; }

    /// <summary>How many bytes one write takes at most.</summary>
    public int LargestWrite { get; set; } = int.MaxValue;

    public IEnumerable<string> Files => _files.Keys;

    public byte[] this[string path]
    {
        get => [.. _files[path].Current];
        set => _files[path].Replace(value);
    }

    /// <summary>What the disk holds when the machine is switched on again.</summary>
    public SimulatedDisk AfterPowerFailure(Random random)
    {
        var after = new SimulatedDisk();
        after._directories.UnionWith(_directories);
        var names = new Dictionary<string, Content>(_durableFiles);
        var share = random.Next(4) switch
        {
            0 => 0.0,
            1 => 1.0,
            _ => random.NextDouble(),
        };
        foreach (var change in _changes.Where(_ => random.NextDouble() < share))
            change.Apply(names);
        foreach (var (name, content) in names)
            after._files[name] = after._durableFiles[name] = content.AfterPowerFailure(random);
        return after;
    }

    public IDiskFile Open(string path, DiskFileMode mode)
    {
        Enter("open", path);
        lock (_lock)
        {
            if (mode == DiskFileMode.Create)
            {
                if (!_directories.Contains(Path.GetDirectoryName(path)!))
                    throw StorageException.FromErrno("open", path, Libc.ENOENT);
                Change(new NameChange(path, null, _files[path] = new Content()));
            }
            return _files.TryGetValue(path, out var content)
                ? new OpenFile(this, path, content)
                : throw StorageException.FromErrno("open", path, Libc.ENOENT);
        }
    }

    public bool CreateDirectory(string path)
    {
        Enter("mkdir", path);
        lock (_lock)
            return _directories.Add(path);
    }

    public IReadOnlyList<string> List(string directory)
    {
        lock (_lock)
        {
            return
            [
                .. _files
                    .Keys.Concat(_directories)
                    .Where(p => p != directory && Path.GetDirectoryName(p) == directory)
                    .Order(StringComparer.Ordinal),
            ];
        }
    }

    public bool FileExists(string path)
    {
        lock (_lock)
            return _files.ContainsKey(path);
    }

    public bool DirectoryExists(string path)
    {
        lock (_lock)
            return _directories.Contains(path);
    }

    public void Rename(string from, string to)
    {
        Enter("rename", from);
        lock (_lock)
        {
            if (!_files.Remove(from, out var content))
                throw StorageException.FromErrno("rename", from, Libc.ENOENT);
            _files[to] = content;
            Change(new NameChange(to, from, content));
        }
    }

    public void Delete(string path)
    {
        Enter("unlink", path);
        lock (_lock)
        {
            if (!_files.Remove(path))
                throw StorageException.FromErrno("unlink", path, Libc.ENOENT);
            Change(new NameChange(path, null, null));
        }
    }

    public void SyncDirectory(string path)
    {
        Enter("fsync", path);
        lock (_lock)
        {
            foreach (var change in _changes.Where(c => Path.GetDirectoryName(c.Path) == path))
                change.Apply(_durableFiles);
            _changes.RemoveAll(c => Path.GetDirectoryName(c.Path) == path);
        }
    }

    private void Change(NameChange change) => _changes.Add(change);

    private void Enter(string operation, string path)
    {
        Before?.Invoke(operation, path);
        Count();
    }

    private void Count()
    {
        lock (_lock)
        {
            if (PowerFailsAfter is { } left)
                PowerFailsAfter = left > 0 ? left - 1 : throw new PowerFailureException();
        }
    }

    private sealed class OpenFile(SimulatedDisk disk, string path, Content content) : IDiskFile
    {
        public string Path => path;

        public long Length
        {
            get
            {
                lock (disk._lock)
                    return content.Current.Length;
            }
        }

        public int Read(Span<byte> into, long offset)
        {
            lock (disk._lock)
            {
                if (offset >= content.Current.Length)
                    return 0;
                var source = content.Current.AsSpan((int)offset);
                var count = Math.Min(source.Length, into.Length);
                source[..count].CopyTo(into);
                return count;
            }
        }

        public int Write(ReadOnlySpan<byte> bytes, long offset)
        {
            // The power fails after the write was handed to the kernel: it is among what may or may not arrive.
            var taken = bytes[..Math.Min(bytes.Length, disk.LargestWrite)].ToArray();
            disk.Before?.Invoke("pwrite", path);
            lock (disk._lock)
                content.Write((int)offset, taken);
            disk.Count();
            return taken.Length;
        }

        public void Allocate(long length)
        {
            disk.Enter("posix_fallocate", path);
            lock (disk._lock)
            {
                if (length > content.Current.Length)
                    content.SetLength((int)length);
            }
        }

        public void SetLength(long length)
        {
            disk.Enter("ftruncate", path);
            lock (disk._lock)
                content.SetLength((int)length);
        }

        public void SyncData()
        {
            disk.Enter("fdatasync", path);
            lock (disk._lock)
                content.Sync();
        }

        public void Dispose() { }
    }

    /// <summary>A name now means this content, or none; with <paramref name="From"/>, the old name means nothing.</summary>
    private sealed record NameChange(string Path, string? From, Content? Content)
    {
        public void Apply(Dictionary<string, Content> names)
        {
            if (From is not null)
                names.Remove(From);
            if (Content is null)
                names.Remove(Path);
            else
                names[Path] = Content;
        }
    }

    private sealed class Content
    {
        private readonly List<(int Offset, byte[]? Bytes)> _unsynced = [];
        private byte[] _durable = [];

        public byte[] Current { get; private set; } = [];

        public void Replace(byte[] bytes)
        {
            Current = bytes;
            Sync();
        }

        public void Write(int offset, byte[] bytes)
        {
            Current = Written(Current, offset, bytes);
            _unsynced.Add((offset, bytes));
        }

        public void SetLength(int length)
        {
            Current = Resized(Current, length);
            _unsynced.Add((length, null));
        }

        public void Sync()
        {
            _durable = [.. Current];
            _unsynced.Clear();
        }

        public Content AfterPowerFailure(Random random)
        {
            var bytes = _durable.ToArray();
            var share = random.Next(3) == 0 ? 1.0 : random.NextDouble();
            foreach (var (offset, written) in _unsynced)
            {
                if (written is null)
                {
                    if (random.NextDouble() < share)
                        bytes = Resized(bytes, offset);
                    continue;
                }
                for (var at = 0; at < written.Length; )
                {
                    var count = Math.Min(SectorBytes - ((offset + at) % SectorBytes), written.Length - at);
                    if (random.NextDouble() < share)
                        bytes = Written(bytes, offset + at, written.AsSpan(at, count));
                    at += count;
                }
            }
            var after = new Content();
            after.Replace(bytes);
            return after;
        }

        private static byte[] Written(byte[] bytes, int offset, ReadOnlySpan<byte> written)
        {
            if (bytes.Length < offset + written.Length)
                bytes = Resized(bytes, offset + written.Length);
            written.CopyTo(bytes.AsSpan(offset));
            return bytes;
        }

        private static byte[] Resized(byte[] bytes, int length)
        {
            Array.Resize(ref bytes, length);
            return bytes;
        }
    }
}
