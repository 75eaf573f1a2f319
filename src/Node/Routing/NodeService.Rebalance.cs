using Failover.Core;
using Failover.Core.Policy;

namespace Failover.Node.Routing;

/// <summary>Spreads the primaries evenly.</summary>
internal sealed partial class NodeService
{
    private async Task<ServiceAnswer<OperationDone>> Rebalance(TimeSpan timeout, CancellationToken cancellation)
    {
        if (parts.Knowledge.State is not { } state)
            return new Refusal(RefusalReason.NoPrimary, "the formation's state is not known yet");
        var plan = Rebalancing.Plan(state, IsFit);
        if (plan.Moves.IsEmpty)
            return new Refusal(
                RefusalReason.Conflict,
                $"the primaries are spread as evenly as the in-sync sets allow: {plan.Spread}"
            );

        var until = parts.Clock.Now + timeout;
        List<OperationDone> done = [];
        foreach (var move in plan.Moves)
        {
            var left = until - parts.Clock.Now;
            var answer =
                left <= TimeSpan.Zero
                    ? new Refusal(RefusalReason.NoPrimary, $"{timeout.TotalSeconds:0.#} s are over")
                    : await Carry(move, left, cancellation).ConfigureAwait(false);
            if (answer.Refusal is { } refusal)
                return refusal with
                {
                    Detail = $"{done.Count} of {plan.Moves.Length} primaries were moved: {refusal.Detail}",
                };
            done.Add(answer.Value!);
        }

        return done[^1] with
        {
            Message = string.Join("; ", done.Select(d => d.Message)),
        };
    }

    /// <summary>One after the other, so that at most one partition's requests wait; and not on a view that has moved on meanwhile.</summary>
    private async Task<ServiceAnswer<OperationDone>> Carry(
        PrimaryMove move,
        TimeSpan timeout,
        CancellationToken cancellation
    ) =>
        parts.Knowledge.State?.ViewOf(move.Partition)?.Epoch == move.Epoch
            ? await SwitchOver(move.Partition, move.To, "an operator asked for a rebalance", timeout, cancellation)
                .ConfigureAwait(false)
            : new Refusal(
                RefusalReason.Conflict,
                $"partition {move.Partition} changed its primary meanwhile; ask again"
            );
}
