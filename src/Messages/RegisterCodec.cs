using Failover.Core.Views;
using Failover.Messages.Wire;

namespace Failover.Messages;

internal static class RegisterCodec
{
    public static RegisterEnvelopePb ToWire(RegisterEnvelope envelope)
    {
        var wire = envelope.Message switch
        {
            RegisterMessage.Prepare m => Of(RegisterKindPb.RegisterPrepare, m.Ballot),
            RegisterMessage.Promise m => Of(RegisterKindPb.RegisterPromise, m.Ballot, m.AcceptedAt, m.State),
            RegisterMessage.Accept m => Of(RegisterKindPb.RegisterAccept, m.Ballot, state: m.State),
            RegisterMessage.Accepted m => Of(RegisterKindPb.RegisterAccepted, m.Ballot),
            RegisterMessage.Conflict m => Of(RegisterKindPb.RegisterConflict, m.Ballot, m.Promised),
            RegisterMessage.Leased m => Of(RegisterKindPb.RegisterLeased, m.Ballot),
            _ => throw new ArgumentException($"Unhandled message: {envelope.Message}", nameof(envelope)),
        };
        wire.From = envelope.From.Value;
        if (envelope.Message is RegisterMessage.Promise promise)
        {
            wire.Leases.AddRange(promise.Leases.Select(ToWire));
            wire.Forgetful = promise.Forgetful;
        }

        if (envelope.Message is RegisterMessage.Leased leased)
            (wire.RetryAfterTicks, wire.Holder) = (leased.RetryAfter.Ticks, leased.Holder.Value ?? "");
        return wire;
    }

    public static RegisterEnvelope FromWire(RegisterEnvelopePb wire)
    {
        var ballot = StateCodec.FromWire(wire.Ballot);
        var state = wire.State is null ? null : StateCodec.FromWire(wire.State);
        RegisterMessage message = wire.Kind switch
        {
            RegisterKindPb.RegisterPrepare => new RegisterMessage.Prepare(ballot),
            RegisterKindPb.RegisterPromise => new RegisterMessage.Promise(
                ballot,
                StateCodec.FromWire(wire.Other),
                state,
                [.. wire.Leases.Select(FromWire)]
            )
            {
                Forgetful = wire.Forgetful,
            },
            RegisterKindPb.RegisterAccept => new RegisterMessage.Accept(ballot, state),
            RegisterKindPb.RegisterAccepted => new RegisterMessage.Accepted(ballot),
            RegisterKindPb.RegisterConflict => new RegisterMessage.Conflict(ballot, StateCodec.FromWire(wire.Other)),
            RegisterKindPb.RegisterLeased => new RegisterMessage.Leased(
                ballot,
                new(wire.RetryAfterTicks),
                new(wire.Holder)
            ),
            _ => throw new ArgumentException("a register message of an unknown kind", nameof(wire)),
        };
        return new RegisterEnvelope(new(wire.From), message);
    }

    private static RegisterEnvelopePb Of(
        RegisterKindPb kind,
        Ballot ballot,
        Ballot? other = null,
        FormationState? state = null
    )
    {
        var wire = new RegisterEnvelopePb { Kind = kind, Ballot = StateCodec.ToWire(ballot) };
        if (other is { } known)
            wire.Other = StateCodec.ToWire(known);
        if (state is not null)
            wire.State = StateCodec.ToWire(state);
        return wire;
    }

    private static HeldLeasePb ToWire(HeldLease lease) =>
        new()
        {
            Partition = lease.Partition.Value,
            Epoch = lease.Epoch.Value,
            Holder = lease.Holder.Value ?? "", // A voter that has just started may not know whose lease binds it.
            RemainingTicks = lease.Remaining.Ticks,
        };

    private static HeldLease FromWire(HeldLeasePb lease) =>
        new(new(lease.Partition), new(lease.Epoch), new(lease.Holder), new(lease.RemainingTicks));
}
