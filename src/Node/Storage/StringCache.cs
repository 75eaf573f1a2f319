using System.Text;

namespace Failover.Node.Storage;

/// <summary>
/// Gives equal bytes the same string while it remembers them. A million recovered entries name few clients; a string
/// for each would be most of the memory that the recovery takes.
/// </summary>
internal sealed class StringCache
{
    private const int Slots = 1024;
    private readonly string?[] _slots = new string?[Slots];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        ref var slot = ref _slots[Checksum.Of(utf8) % Slots];
        if (slot is { } known && known.Length == utf8.Length && Ascii.Equals(utf8, known))
            return known;
        return slot = Encoding.UTF8.GetString(utf8);
    }
}
