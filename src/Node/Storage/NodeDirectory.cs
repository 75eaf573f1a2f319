using Failover.Core;

namespace Failover.Node.Storage;

internal enum DataDirectoryProblem
{
    /// <summary>Something that is no directory has its name, or that of one of its parents.</summary>
    NotADirectory,

    /// <summary>It, or its parent, may not be written to.</summary>
    NotWritable,

    /// <summary>Another running process uses it.</summary>
    InUse,

    /// <summary>It was made by a node with another name.</summary>
    BelongsToAnotherNode,
}

/// <summary><c>failover.data-dir</c> cannot be used, for a reason that the operator can act on.</summary>
internal sealed class DataDirectoryException(
    DataDirectoryProblem problem,
    string path,
    string reason,
    Exception? innerException = null
) : Exception($"failover.data-dir = {path}: {reason}", innerException)
{
    public DataDirectoryProblem Problem { get; } = problem;

    public string Path { get; } = path;
}

/// <summary>
/// A node's place on disk. Held by one process at a time; each opening is a new incarnation of the node.
/// </summary>
/// <remarks>The instance is immutable but for <see cref="Dispose"/>; any thread may read it.</remarks>
internal sealed class NodeDirectory : IDisposable
{
    private const string LockName = "lock";
    private const string IdentityName = "node";

    private readonly IDisk _disk;
    private readonly DirectoryLock _lock;

    private NodeDirectory(IDisk disk, string path, DirectoryLock held, Incarnation incarnation)
    {
        _disk = disk;
        _lock = held;
        Root = path;
        Incarnation = incarnation;
    }

    public string Root { get; }

    /// <summary>Larger than that of any earlier opening: on disk before this instance exists.</summary>
    public Incarnation Incarnation { get; }

    /// <summary>Creates the directory when it is missing, locks it, and counts one start more.</summary>
    /// <param name="path"><c>failover.data-dir</c>.</param>
    /// <param name="node">Whose directory it is: another name's is refused.</param>
    /// <param name="time">Tells a directory that was emptied from a new one: incarnations grow even across that.</param>
    /// <param name="disk">The disk; the machine's own by default.</param>
    /// <exception cref="DataDirectoryException">It cannot be used as it is.</exception>
    /// <exception cref="StorageException">The disk failed, or the identity in it is damaged.</exception>
    public static NodeDirectory Open(string path, NodeId node, TimeProvider time, IDisk? disk = null)
    {
        disk ??= Disks.Local;
        path = Path.GetFullPath(path);
        try
        {
            if (disk.CreateDirectory(path) && Path.GetDirectoryName(path) is { } parent)
                disk.SyncDirectory(parent);
            var held = DirectoryLock.Take(path, Path.Combine(path, LockName));
            try
            {
                return new NodeDirectory(disk, path, held, NextIncarnation(disk, path, node, time));
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (StorageException e) when (e.Errno is Libc.EACCES or Libc.EPERM or Libc.EROFS)
        {
            var reason = $"not writable by this user ({e.Operation}: {e.Reason})";
            throw new DataDirectoryException(DataDirectoryProblem.NotWritable, path, reason, e);
        }
        catch (StorageException e) when (e.Errno is Libc.ENOTDIR or Libc.EEXIST)
        {
            var reason = $"a file stands in the way ({e.Operation} of {e.Path}: {e.Reason})";
            throw new DataDirectoryException(DataDirectoryProblem.NotADirectory, path, reason, e);
        }
    }

    /// <summary>Where the replica of a partition keeps its data. Not created yet.</summary>
    public string Partition(PartitionId partition) => Path.Combine(Root, $"partition-{partition}");

    /// <summary>A small file of the node's own, such as its acceptor's promise.</summary>
    public DurableFile File(string name) => new(Path.Combine(Root, name), _disk);

    /// <summary>Lets another process have the directory.</summary>
    public void Dispose() => _lock.Dispose();

    private static Incarnation NextIncarnation(IDisk disk, string path, NodeId node, TimeProvider time)
    {
        var file = new DurableFile(Path.Combine(path, IdentityName), disk);
        var last = 0L;
        if (file.Load() is { } saved)
        {
            var reader = new ByteReader(saved);
            last = reader.ReadVarint();
            var owner = reader.ReadString();
            if (owner != node.Value)
            {
                var reason = $"it holds the data of node {owner}, but this node is {node}";
                throw new DataDirectoryException(DataDirectoryProblem.BelongsToAnotherNode, path, reason);
            }
        }

        // The clock only has to be roughly right: it keeps incarnations growing when the directory was emptied meanwhile.
        var next = Math.Max(last + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        var writer = new ByteWriter(64);
        writer.WriteVarint(next);
        writer.WriteString(node.Value);
        file.Save(writer.Written);
        return new Incarnation(next);
    }
}
