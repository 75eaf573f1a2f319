using Failover.Core.Replication;
using Failover.Core.Store;
using FsCheck;
using FsCheck.Fluent;
using static Failover.Core.Tests.Cast;

namespace Failover.Core.Tests.Replication;

/// <summary>The log against the simplest thing that could be right: a list of everything ever held.</summary>
public sealed class ReplicatedLogProperties
{
    [Fact]
    public void Any_mix_of_appending_cutting_and_dropping_leaves_what_a_plain_list_would_hold() =>
        Prop.ForAll<(byte What, byte How)[]>(Behaves).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_logs_share_exactly_their_common_beginning() =>
        Prop.ForAll<byte, bool[], bool[]>(SharesItsBeginning).QuickCheckThrowOnFailure();

    private static bool Behaves((byte What, byte How)[] steps)
    {
        var log = new ReplicatedLog(Position.Zero, []);
        List<LogEntry> model = [];
        var start = 0;
        var epoch = 1L;
        foreach (var (what, how) in steps)
        {
            switch (what % 6)
            {
                case 0 when model.Count > start:
                    start += how % (model.Count - start + 1);
                    log.DropThrough(start);
                    break;
                case 1:
                    var keep = start + (how % (model.Count - start + 1));
                    model.RemoveRange(keep, model.Count - keep);
                    log.TruncateAfter(keep);
                    // Whoever cuts a tail writes on in a later epoch: an epoch has one writer.
                    epoch++;
                    break;
                default:
                    epoch += what % 2;
                    model.Add(new LogEntry(Pos(epoch, model.Count + 1), new Command.Put($"{how}", "")));
                    log.Append(model[^1]);
                    break;
            }

            if (!HoldsWhat(model, start, log))
                return false;
        }

        return true;
    }

    private static bool HoldsWhat(List<LogEntry> model, int start, ReplicatedLog log) =>
        log.Last == (model.Count == 0 ? Position.Zero : model[^1].Position)
        && log.Start == (start == 0 ? Position.Zero : model[start - 1].Position)
        && log.Bytes == model.Skip(start).Sum(e => e.Size)
        && model.All(e => log.Agrees(e.Position) && log.Holds(e.Sequence) == e.Sequence > start)
        && (model.Count == start || log.Slice(start + 1, int.MaxValue, int.MaxValue).SequenceEqual(model.Skip(start)));

    private static bool SharesItsBeginning(byte common, bool[] ours, bool[] theirs)
    {
        // One history up to a point; from there each side writes in epochs of its own: odd here, even there.
        var beginning = Enumerable.Range(0, common % 20).Select(i => 1L + (i / 4)).ToArray();
        var left = Grown(beginning, ours, 101);
        var right = Grown(beginning, theirs, 102);

        return left.SharedWith(right.Epochs, right.Last)
            == (beginning.Length == 0 ? Position.Zero : Pos(beginning[^1], beginning.Length));
    }

    private static ReplicatedLog Grown(long[] beginning, bool[] steps, long firstEpoch)
    {
        var epoch = firstEpoch;
        return ReplicatedLogTests.LogOf([.. beginning, .. steps.Select(next => epoch += next ? 2 : 0)]);
    }
}
