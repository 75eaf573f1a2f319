using System.Buffers.Binary;

namespace Failover.Node.Storage;

/// <summary>
/// A small file that always holds one whole <see cref="Save"/>: it is written aside, synced, and renamed over the old
/// one. For what must be on disk before an answer leaves (an acceptor's promise) and changes seldom.
/// </summary>
/// <remarks>
/// One thread at a time. When <see cref="Save"/> throws, either content may be found at the next start: the owner
/// must answer nothing that depends on the new one, and give up.
/// </remarks>
internal sealed class DurableFile(string path, IDisk? disk = null)
{
    /// <summary>Contents are small; what claims to be larger is damaged.</summary>
    public const int MaximumBytes = 64 << 20;

    private const uint Magic = 0x31465644; // "DVF1"
    private const int HeaderBytes = 12;

    private readonly IDisk _disk = disk ?? Disks.Local;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <returns>What was saved last; null when nothing ever was.</returns>
    /// <exception cref="CorruptFileException">The content is not what was saved.</exception>
    /// <exception cref="StorageException">The disk cannot be read.</exception>
    public byte[]? Load()
    {
        if (!_disk.FileExists(Path))
            return null;
        var bytes = _disk.ReadFile(Path);
        if (bytes.Length < HeaderBytes)
            throw new CorruptFileException(Path, bytes.Length, $"ends within its {HeaderBytes}-byte header");
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            throw new CorruptFileException(Path, 0, "does not begin as such a file does");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4));
        if (length != bytes.Length - HeaderBytes)
            throw new CorruptFileException(Path, 4, $"{length} bytes announced, {bytes.Length - HeaderBytes} present");
        var content = bytes.AsSpan(HeaderBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)) != Checksum.Of(content))
            throw new CorruptFileException(Path, HeaderBytes, "checksum mismatch");
        return content.ToArray();
    }

    /// <exception cref="StorageException">The disk refused.</exception>
    public void Save(ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaximumBytes);
        var bytes = new byte[HeaderBytes + content.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Checksum.Of(content));
        content.CopyTo(bytes.AsSpan(HeaderBytes));

        var aside = Path + ".tmp";
        using (var file = _disk.Open(aside, DiskFileMode.Create))
        {
            file.WriteAll(bytes, 0);
            file.SyncData();
        }
        _disk.Rename(aside, Path);
        _disk.SyncDirectory(System.IO.Path.GetDirectoryName(Path)!);
    }
}
