using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;

namespace Akka.Cluster.Seeding;

internal sealed record SeedOptions
{
    public required Address Self { get; init; }

    /// <summary>Whom to ask; the first may start a cluster when nobody else has one.</summary>
    public required ImmutableList<Address> Seeds { get; init; }

    /// <summary>How long the first seed waits for seeds that say nothing at all before it starts a cluster.</summary>
    public TimeSpan SeedNodeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer to one question is waited for before it is asked again.</summary>
    public TimeSpan AskEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a seed that said yes may take to welcome this node before another one is asked; null: for ever.</summary>
    public TimeSpan? RetryUnsuccessfulJoinAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When to stop trying; null: never.</summary>
    public TimeSpan? GiveUpAfter { get; init; }
}

internal abstract record SeedInput
{
    private SeedInput() { }

    public sealed record Started : SeedInput;

    /// <summary>A seed is in a cluster and would take this node in.</summary>
    public sealed record Acked(Address From) : SeedInput;

    /// <summary>A seed lives but is in no cluster itself.</summary>
    public sealed record Nacked(Address From) : SeedInput;

    /// <summary>Nobody listens at a seed's address.</summary>
    public sealed record Refused(Address Seed) : SeedInput;

    public sealed record DeadlineReached : SeedInput;
}

internal abstract record SeedEffect
{
    private SeedEffect() { }

    public sealed record Ask(Address Seed) : SeedEffect;

    public sealed record Join(Address Seed) : SeedEffect;

    public sealed record Form : SeedEffect;

    public sealed record GiveUp : SeedEffect;
}

/// <summary>Finds the way into the cluster: through any seed that is in it, or, for the first seed, by starting it.</summary>
/// <remarks>
/// <para>
/// A first seed that comes back must not start a second cluster while the first one lives. So it starts one only after
/// every other seed has said that it is in none, or refuses connections, or has been silent for the whole timeout. The
/// others never start one, they ask on.
/// </para>
/// <para>Reads no clock and sends nothing itself; exactly one owner drives an instance, and drops it once it is a member.</para>
/// </remarks>
internal sealed class SeedJoin(SeedOptions options)
{
    private readonly ImmutableList<Address> _others = options.Seeds.Remove(options.Self);
    private readonly HashSet<Address> _without = [];
    private TimeSpan _startedAt;
    private TimeSpan _round;
    private Address? _joining;
    private TimeSpan _joiningSince;
    private bool _isOver;

    public TimeSpan? NextDeadline { get; private set; }

    private bool IsFirst => options.Seeds[0].Equals(options.Self);

    public void Step(SeedInput input, TimeSpan now, ICollection<SeedEffect> effects)
    {
        if (_isOver)
            return;

        switch (input)
        {
            case SeedInput.Started:
                _startedAt = now;
                _round = now;
                AskOthers(effects);
                break;
            case SeedInput.Acked acked:
                OnAcked(acked.From, now, effects);
                break;
            case SeedInput.Nacked nacked:
                OnWithout(nacked.From, now, effects);
                break;
            case SeedInput.Refused refused:
                OnWithout(refused.Seed, now, effects);
                break;
            case SeedInput.DeadlineReached:
                OnDeadline(now, effects);
                break;
            default:
                throw new UnreachableException($"Unhandled input: {input}");
        }

        if (_joining is null && IsFirst && MayForm(now))
        {
            _isOver = true;
            effects.Add(new SeedEffect.Form());
        }

        NextDeadline = _isOver ? null : now + options.AskEvery;
    }

    private bool MayForm(TimeSpan now) => _others.All(_without.Contains) || now - _round >= options.SeedNodeTimeout;

    private void OnAcked(Address from, TimeSpan now, ICollection<SeedEffect> effects)
    {
        if (_joining is not null)
            return;

        _joining = from;
        _joiningSince = now;
        effects.Add(new SeedEffect.Join(from));
    }

    private void OnWithout(Address seed, TimeSpan now, ICollection<SeedEffect> effects)
    {
        // The seed that had said yes has died or left meanwhile. What the others said may be outdated too.
        if (seed.Equals(_joining))
        {
            _joining = null;
            _round = now;
            _without.Clear();
            AskOthers(effects);
        }

        if (_others.Contains(seed))
            _without.Add(seed);
    }

    private void OnDeadline(TimeSpan now, ICollection<SeedEffect> effects)
    {
        if (options.GiveUpAfter is { } giveUpAfter && now - _startedAt >= giveUpAfter)
        {
            _isOver = true;
            effects.Add(new SeedEffect.GiveUp());
            return;
        }

        if (_joining is { } seed)
        {
            if (now - _joiningSince >= options.RetryUnsuccessfulJoinAfter)
            {
                _joining = null;
                _round = now;
                _without.Clear();
            }
            else
            {
                effects.Add(new SeedEffect.Join(seed));
                return;
            }
        }

        AskOthers(effects);
    }

    private void AskOthers(ICollection<SeedEffect> effects)
    {
        foreach (var seed in _others)
            effects.Add(new SeedEffect.Ask(seed));
    }
}
