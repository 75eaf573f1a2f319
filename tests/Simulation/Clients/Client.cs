using System.Collections.Immutable;
using Failover.Core;
using Failover.Core.Replication;
using Failover.Core.Store;
using Failover.Linearizability;
using Failover.Simulation.Machines;

namespace Failover.Simulation.Clients;

/// <summary>Asks one thing after the other, of any node, and asks again under the same session until it is answered or gives up.</summary>
internal sealed class Client(World world, int number, SeededRandom random)
{
    private const int Keys = 3;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly string _name = $"client{number}";
    private readonly bool _hasSession = random.Below(5) != 0;
    private readonly TimeSpan _thinks = TimeSpan.FromMilliseconds(random.Between(1, 60));

    /// <summary>What it last saw of a key: value and version, for conditional writes.</summary>
    private readonly Dictionary<string, StoredValue?> _saw = [];
    private Machine? _favourite;
    private long _lastRequest;
    private long _attempt;
    private Request? _current;

    /// <summary>The request under way.</summary>
    private sealed record Request(PartitionId Partition, Command? Command, string Key, long Number, TimeSpan AskedAt)
    {
        public StoredValue? Saw { get; init; }

        /// <summary>How far the log had come, for all the client knew, before it asked for the first time.</summary>
        public Position Since { get; init; }
        public bool MayHaveHappened { get; set; }
    }

    public int Acknowledged { get; private set; }

    private bool Stopped { get; set; }

    /// <summary>Asks nothing more. What is under way may still happen.</summary>
    public void Stop()
    {
        Stopped = true;
        _attempt++;
        if (_current is { Command: not null } request)
            Record(request, null);
    }

    public void Start() => world.After(_thinks * random.Unit(), AskNext);

    private void AskNext()
    {
        if (Stopped)
            return;
        var partition = new PartitionId(random.Below(world.Scenario.Partitions));
        var key = KeyOf(partition, random.Below(Keys));
        _lastRequest++;
        var request = new Request(partition, NewCommand(partition, key), key, _lastRequest, world.Now)
        {
            Saw = _saw.GetValueOrDefault(key),
            Since = LastHeardOf(partition),
        };
        _current = request;
        Attempt(request);
    }

    /// <summary>Whatever some node knows: its replica may be far behind, or hold what nobody else ever will.</summary>
    private Position LastHeardOf(PartitionId partition) =>
        world.Machines[(int)((number + _lastRequest) % world.Machines.Count)].Process is { } process
        && partition.Value < process.Partitions.Length
            ? process.Partitions[partition.Value].Replica.Last
            : Position.Zero;

    private static string KeyOf(PartitionId partition, int index) => $"p{partition}k{index}";

    private string NewValue() => $"{number:00}-{_lastRequest:00000}";

    private Command? NewCommand(PartitionId partition, string key) =>
        random.Below(10) switch
        {
            < 3 => null,
            < 6 => new Command.Put(key, NewValue()),
            6 => new Command.Put(key, NewValue(), _saw.GetValueOrDefault(key)?.Version ?? 0),
            7 => new Command.Delete(key),
            8 => new Command.Delete(key, _saw.GetValueOrDefault(key)?.Version),
            _ => new Command.Update(
                ImmutableArray.Create(
                    KeyValuePair.Create(KeyOf(partition, 0), NewValue()),
                    KeyValuePair.Create(KeyOf(partition, 1), NewValue())
                )
            ),
        };

    private void Attempt(Request request)
    {
        if (Stopped)
            return;
        if (world.Now - request.AskedAt > _patience)
        {
            GiveUp(request);
            return;
        }

        var attempt = ++_attempt;
        var to = _favourite ?? random.Pick(world.Machines);
        request.MayHaveHappened |= request.Command is not null;
        world.SendFromClient(to, process => Arrive(process, request, attempt));
        world.After(
            TimeSpan.FromMilliseconds(random.Between(100, 400)),
            () =>
            {
                if (attempt == _attempt)
                    AskElsewhere(request);
            }
        );
    }

    private void Arrive(Process process, Request request, long attempt)
    {
        void Reply(RequestOutcome outcome) =>
            world.SendToClient(() => OnAnswer(request, attempt, process.Machine, outcome));
        if (request.Partition.Value >= process.Partitions.Length)
        {
            Reply(RequestOutcome.NotPrimary.Instance);
            return;
        }

        process.Asked();
        process
            .Partitions[request.Partition.Value]
            .Ask(
                token =>
                    request.Command is { } command
                        ? new ReplicaInput.Write(token, command, Stamp(request))
                        : new ReplicaInput.Read(token, request.Key),
                Reply
            );
    }

    private SessionStamp? Stamp(Request request) =>
        _hasSession ? new SessionStamp(_name, request.Number, request.Number, request.Since) : null;

    private void OnAnswer(Request request, long attempt, Machine from, RequestOutcome outcome)
    {
        if (attempt != _attempt)
            return;
        switch (outcome)
        {
            case RequestOutcome.Written written:
                _favourite = from;
                if (written.Result is CommandResult.SessionExpired)
                {
                    OnForgotten(request);
                    break;
                }

                Acknowledged++;
                Record(request, written.Result);
                Finish();
                break;
            case RequestOutcome.ReadOne read:
                _favourite = from;
                _saw[request.Key] = read.Value;
                world.History.Add(
                    new Operation(
                        world.NextOperation(),
                        OperationKind.Read,
                        request.Key,
                        request.AskedAt.Ticks,
                        world.Now.Ticks
                    )
                    {
                        Found = read.Value?.Json,
                    }
                );
                Finish();
                break;
            default:
                AskElsewhere(request);
                break;
        }
    }

    /// <summary>Refused because it may have been carried out before: nobody knows.</summary>
    private void OnForgotten(Request request)
    {
        if (world.Scenario.SessionCapacity >= world.Scenario.Clients)
            throw new Violation("exactly once", $"{_name} was told that its own request {request.Number} has expired");
        GiveUp(request);
    }

    private void AskElsewhere(Request request)
    {
        _favourite = null;
        _attempt++;
        if (Stopped)
            return;
        if (request.Command is not null && !_hasSession)
            GiveUp(request);
        else
            world.After(TimeSpan.FromMilliseconds(random.Between(1, 20)), () => Attempt(request));
    }

    private void GiveUp(Request request)
    {
        if (request.MayHaveHappened)
            Record(request, null);
        Finish();
    }

    private void Finish()
    {
        _current = null;
        _attempt++;
        world.After(_thinks * (2 * random.Unit()), AskNext);
    }

    /// <param name="result">Null: nobody knows.</param>
    private void Record(Request request, CommandResult? result)
    {
        long? returned = result is null ? null : world.Now.Ticks;
        Operation Of(OperationKind kind, string key) =>
            new(world.NextOperation(), kind, key, request.AskedAt.Ticks, returned);
        switch (request.Command)
        {
            case Command.Put put:
                world.History.Add(
                    Of(put.IfVersion is null ? OperationKind.Write : OperationKind.CompareAndSet, put.Key) with
                    {
                        Value = put.Value,
                        Expected = request.Saw?.Json,
                        Succeeded = result is CommandResult.Stored,
                    }
                );
                if (result is CommandResult.Stored stored)
                    _saw[put.Key] = new StoredValue(put.Value, stored.Version);
                break;
            case Command.Delete delete:
                world.History.Add(
                    Of(
                        delete.IfVersion is null ? OperationKind.Delete : OperationKind.CompareAndDelete,
                        delete.Key
                    ) with
                    {
                        Expected = request.Saw?.Json,
                        Succeeded = result is CommandResult.Deleted,
                    }
                );
                if (result is not null)
                    _saw.Remove(delete.Key);
                break;
            case Command.Update update:
                foreach (var (key, value) in update.Entries)
                    world.History.Add(Of(OperationKind.Write, key) with { Value = value });
                break;
        }
    }
}
