using System.Globalization;

namespace Akka.Actor;

/// <summary>The references below <c>/temp</c>: asks that another system may answer. May be used from any thread.</summary>
/// <remarks>
/// Each has a number for as long as it is here, which is its name in hexadecimal digits. The number leads to its place in
/// a table without another look-up, and begins with a count, so that what comes too late for one does not meet the next.
/// </remarks>
internal sealed class TempActors(IInternalActorRef parent, ActorPath path) : MinimalActorRef
{
    // More asks than that do not fit into memory.
    private const int PlaceBits = 28;

    private const long MostCounted = (1L << (63 - PlaceBits)) - 1;
    private const int UsualSize = 16;
    private const int MostKeptEmpty = 1024;

    private readonly Lock _lock = new();
    private Place[] _places = new Place[UsualSize];
    private long _counted;
    private int _used;
    private int _taken;
    private int _firstFree = -1;

    public override ActorPath Path { get; } = path;

    public override IInternalActorRef Parent => parent;

    public ActorPath PathOf(long number) => Path / TempName.Of(number);

    /// <returns>Its number, never 0.</returns>
    public long Add(IInternalActorRef actor)
    {
        lock (_lock)
        {
            var at = _firstFree;
            if (at >= 0)
                _firstFree = _places[at].NextFree;
            else
                at = _used++;
            if (at == _places.Length)
                Array.Resize(ref _places, at * 2);
            _counted = (_counted % MostCounted) + 1;
            var number = (_counted << PlaceBits) | (uint)at;
            _places[at] = new Place { Actor = actor, Number = number };
            _taken++;
            return number;
        }
    }

    public void Remove(long number)
    {
        lock (_lock)
        {
            if (PlaceOf(number) is not (>= 0 and var at))
                return;
            _places[at] = new Place { NextFree = _firstFree };
            _firstFree = at;
            if (--_taken > 0 || _places.Length <= MostKeptEmpty)
                return;
            _places = new Place[UsualSize];
            (_used, _firstFree) = (0, -1);
        }
    }

    /// <returns>Null when it is not here any more.</returns>
    public IInternalActorRef? Find(long number)
    {
        lock (_lock)
            return PlaceOf(number) is >= 0 and var at ? _places[at].Actor : null;
    }

    public override IInternalActorRef GetChild(ReadOnlySpan<string> name)
    {
        if (name.IsEmpty)
            return this;
        if (name[0].Length == 0)
            return GetChild(name[1..]);
        return TempName.TryParse(name[0], out var number) && Find(number) is { } found
            ? found.GetChild(name[1..])
            : ActorRefs.Nobody;
    }

    private int PlaceOf(long number)
    {
        var at = (int)(number & ((1 << PlaceBits) - 1));
        return at < _used && _places[at].Number == number ? at : -1;
    }

    private struct Place
    {
        public IInternalActorRef? Actor;
        public long Number;
        public int NextFree;
    }
}

/// <summary>The names below <c>/temp</c>: a dollar sign and a number.</summary>
internal static class TempName
{
    /// <summary>In bytes, and in characters.</summary>
    public const int Longest = 17;

    public static string Of(long number) => string.Create(CultureInfo.InvariantCulture, $"${number:x}");

    /// <returns>How many bytes of <paramref name="destination"/> it takes.</returns>
    public static int Write(long number, Span<byte> destination)
    {
        destination[0] = (byte)'$';
        number.TryFormat(destination[1..], out var digits, "x", CultureInfo.InvariantCulture);
        return digits + 1;
    }

    /// <summary>Only what <see cref="Of"/> writes: a name that is spelt otherwise is another name.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out long number)
    {
        number = 0;
        if (name.Length is < 2 or > Longest || name[0] != '$')
            return false;
        if (!long.TryParse(name[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number))
            return false;
        Span<byte> canonical = stackalloc byte[Longest];
        return number > 0 && name.SequenceEqual(canonical[..Write(number, canonical)]);
    }

    public static bool TryParse(string name, out long number)
    {
        number = 0;
        Span<byte> bytes = stackalloc byte[Longest];
        return name.Length <= Longest
            && System.Text.Ascii.FromUtf16(name, bytes, out var written) == System.Buffers.OperationStatus.Done
            && TryParse(bytes[..written], out number);
    }
}
