using System.Text;

namespace Failover.Core.Store;

/// <summary>Which partition a key belongs to: Redis Cluster's 16,384 slots, by CRC16 (XMODEM) of the key or of its <c>{tag}</c>.</summary>
public static class HashSlot
{
    public const int Count = 16_384;

    /// <summary>The key's slot. Keys that share a non-empty <c>{tag}</c> share a slot.</summary>
    public static int Of(string key)
    {
        var hashed = key.AsSpan();
        var open = hashed.IndexOf('{');
        if (open >= 0)
        {
            var length = hashed[(open + 1)..].IndexOf('}');
            if (length > 0)
                hashed = hashed.Slice(open + 1, length);
        }

        Span<byte> bytes = hashed.Length <= 256 ? stackalloc byte[hashed.Length * 3] : new byte[hashed.Length * 3];
        return Crc16(bytes[..Encoding.UTF8.GetBytes(hashed, bytes)]) % Count;
    }

    /// <summary>The partition that holds a slot's keys, when slots are dealt out in equal runs.</summary>
    public static PartitionId PartitionOf(string key, int partitions) =>
        new(partitions == 1 ? 0 : Of(key) * partitions / Count);

    private static int Crc16(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var value in bytes)
        {
            crc ^= value << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = ((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xFFFF;
        }

        return crc;
    }
}
