using Akka.Actor;

namespace Akka.Remote;

/// <summary>The associations by address. May be used from any thread.</summary>
/// <remarks>
/// Strangers can name any number of addresses. Until a system has answered at one of them, its association lives only as
/// long as somebody holds a reference to an actor there.
/// </remarks>
internal sealed class Associations(Remoting remoting)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Address, WeakReference<Association>> _all = [];
    private readonly Dictionary<Address, Association> _kept = [];
    private int _purgeAt = 64;

    public Association[] All
    {
        get
        {
            lock (_lock)
                return [.. _all.Values.Select(Target).OfType<Association>()];
        }
    }

    /// <summary>How many addresses are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _all.Count;
        }
    }

    public Association At(Address address)
    {
        lock (_lock)
        {
            if (_all.TryGetValue(address, out var weak) && Target(weak) is { } known)
                return known;
            if (_all.Count >= _purgeAt)
                Purge();
            var association = new Association(remoting, address);
            _all[address] = new WeakReference<Association>(association);
            return association;
        }
    }

    /// <summary>What is known of that system shall not be forgotten.</summary>
    public void Keep(Association association)
    {
        lock (_lock)
            _kept[association.Address] = association;
    }

    private void Purge()
    {
        foreach (var (address, weak) in _all)
        {
            if (Target(weak) is null)
                _all.Remove(address);
        }

        _purgeAt = Math.Max(64, _all.Count * 2);
    }

    private static Association? Target(WeakReference<Association> weak) =>
        weak.TryGetTarget(out var association) ? association : null;
}
