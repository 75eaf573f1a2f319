namespace Failover.Simulation;

/// <summary>Randomness that is the same on every machine and runtime (Steele et al. 2014, SplitMix64).</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => probability > 0 && Unit() < probability;

    public double Between(double low, double high) => low + (Unit() * (high - low));

    public TimeSpan Between(TimeSpan low, TimeSpan high) => low + ((high - low) * Unit());

    public T Pick<T>(IReadOnlyList<T> among) => among[Below(among.Count)];

    public Guid Guid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Next());
        BitConverter.TryWriteBytes(bytes[8..], Next());
        return new Guid(bytes);
    }

    /// <summary>A stream of its own: what is drawn from it moves nothing here.</summary>
    public SeededRandom Fork() => new(Next());
}
