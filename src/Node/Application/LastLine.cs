using System.Text;

namespace Failover.Node.Application;

/// <summary>The last line of some output that is not blank, cut to a length that fits into a heartbeat.</summary>
internal sealed class LastLine
{
    /// <summary>It travels in every heartbeat while it is the reason.</summary>
    public const int MaxBytes = 200;

    private readonly byte[] _current = new byte[MaxBytes];
    private int _length;
    private string _last = "";

    /// <summary>Empty if nothing was printed.</summary>
    public string Text => Current is { Length: > 0 } current ? current : _last;

    private string Current => Encoding.UTF8.GetString(_current, 0, _length).Trim();

    public void Add(ReadOnlySpan<byte> output)
    {
        foreach (var printed in output)
        {
            if (printed is (byte)'\n' or (byte)'\r')
                EndLine();
            else if (_length < MaxBytes)
                _current[_length++] = printed < 0x20 ? (byte)' ' : printed;
        }
    }

    private void EndLine()
    {
        if (Current is { Length: > 0 } line)
            _last = line;
        _length = 0;
    }
}
