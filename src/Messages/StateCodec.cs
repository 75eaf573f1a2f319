using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Views;
using Failover.Messages.Wire;
using Google.Protobuf;

namespace Failover.Messages;

/// <summary>The formation state, and what an acceptor keeps of it on its disk.</summary>
public static class StateCodec
{
    /// <summary>An acceptor's memory as bytes for its file.</summary>
    public static byte[] Encode(AcceptorState state)
    {
        var wire = new AcceptorStatePb
        {
            Promised = ToWire(state.Promised),
            AcceptedAt = ToWire(state.AcceptedAt),
            Forgetful = state.Forgetful,
        };
        if (state.State is { } formation)
            wire.State = ToWire(formation);
        return wire.ToByteArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not an acceptor's state.</exception>
    public static AcceptorState Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var wire = AcceptorStatePb.Parser.ParseFrom(bytes);
            return new(
                FromWire(wire.Promised),
                FromWire(wire.AcceptedAt),
                wire.State is null ? null : FromWire(wire.State)
            )
            {
                Forgetful = wire.Forgetful,
            };
        }
        catch (Exception malformed)
            when (malformed is InvalidProtocolBufferException or ArgumentException or NullReferenceException)
        {
            // Absent parts of a message that must be there surface as null.
            throw new InvalidDataException($"malformed acceptor state: {malformed.Message}", malformed);
        }
    }

    internal static BallotPb ToWire(Ballot ballot) =>
        new()
        {
            Round = ballot.Round,
            Proposer = ballot.Proposer.Value ?? "",
            Incarnation = ballot.Incarnation.Value,
        };

    internal static Ballot FromWire(BallotPb ballot) =>
        // The ballot below all others names nobody.
        ballot is { Round: 0, Proposer: "" }
            ? Ballot.None
            : new(ballot.Round, new(ballot.Proposer), new(ballot.Incarnation));

    internal static FormationStatePb ToWire(FormationState state) =>
        new()
        {
            Formation = CommandCodec.ToWire(state.Formation.Value),
            Version = state.Version,
            Voters = { state.Voters.Select(v => v.Value) },
            Views = { state.Views.Select(v => ToWire(v.Key, v.Value)) },
            Paused = state.Paused,
            Maintenance = { state.Maintenance.Select(n => n.Value) },
            History = { state.History.Select(ToWire) },
            Former = { state.Former.Select(v => v.Value) },
            VotersSince = state.VotersSince,
            LeasesNeed = state.LeasesNeed,
        };

    internal static FormationState FromWire(FormationStatePb state) =>
        new(
            new(CommandCodec.FromWire(state.Formation)),
            state.Version,
            [.. state.Voters.Select(v => new NodeId(v))],
            state.Views.ToImmutableSortedDictionary(v => new PartitionId(v.Partition), FromWire),
            state.Paused,
            [.. state.Maintenance.Select(n => new NodeId(n))],
            [.. state.History.Select(FromWire)]
        )
        {
            Former = [.. state.Former.Select(v => new NodeId(v))],
            VotersSince = state.VotersSince,
            LeasesNeed = state.LeasesNeed,
        };

    private static ViewPb ToWire(PartitionId partition, View view) =>
        new()
        {
            Partition = partition.Value,
            Epoch = view.Epoch.Value,
            Primary = CommandCodec.ToWire(view.Primary),
            InSync = { view.InSync.Select(CommandCodec.ToWire) },
        };

    private static View FromWire(ViewPb view) =>
        new(new(view.Epoch), CommandCodec.FromWire(view.Primary), [.. view.InSync.Select(CommandCodec.FromWire)]);

    private static HistoryEventPb ToWire(HistoryEvent entry)
    {
        var wire = new HistoryEventPb
        {
            Version = entry.Version,
            At = entry.At.UnixMilliseconds,
            By = entry.By.Value,
            Kind = (int)entry.Kind,
            Epoch = entry.Epoch.Value,
            Reason = entry.Reason,
            Evidence = { entry.Evidence },
        };
        if (entry.Partition is { } partition)
            wire.Partition = partition.Value;
        if (entry.From is { } from)
            wire.From = from.Value;
        if (entry.To is { } to)
            wire.To = to.Value;
        if (entry.Phases is { } phases)
            wire.Phases = ToWire(phases);
        return wire;
    }

    private static PhasesPb ToWire(PhaseTimes phases)
    {
        var wire = new PhasesPb
        {
            Detected = phases.Detected,
            Decided = phases.Decided,
            Promoted = phases.Promoted,
        };
        if (phases.Drained is { } drained)
            wire.Drained = drained;
        return wire;
    }

    private static PhaseTimes FromWire(PhasesPb wire) =>
        new(wire.Detected, wire.Decided, wire.Promoted) { Drained = wire.HasDrained ? wire.Drained : null };

    private static HistoryEvent FromWire(HistoryEventPb wire) =>
        new(
            wire.Version,
            new(wire.At),
            new(wire.By),
            (DecisionKind)wire.Kind,
            wire.HasPartition ? new PartitionId(wire.Partition) : null,
            new(wire.Epoch),
            wire.HasFrom ? new NodeId(wire.From) : null,
            wire.HasTo ? new NodeId(wire.To) : null,
            wire.Reason,
            [.. wire.Evidence],
            wire.Phases is { } phases ? FromWire(phases) : null
        );
}
