using Akka.Actor;
using Akka.Event;
using Akka.Remote;

namespace Failover.RemoteFuzz;

/// <summary>Numbered messages between the peer and the victim, both ways, and whoever watches that all arrive.</summary>
internal sealed class LiveTraffic
{
    private const int Window = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FuzzSystems _systems;
    private readonly Counter _changes = new();
    private readonly Leg[] _legs;

    private LiveTraffic(FuzzSystems systems, Leg[] legs)
    {
        _systems = systems;
        _legs = legs;
        Watch(systems.Victim, systems.Peer);
        Watch(systems.Peer, systems.Victim);
    }

    /// <summary>How often the association between the two began, ended or failed since both stand.</summary>
    public long Changes => Volatile.Read(ref _changes.Value);

    public long Sent => _legs.Sum(static leg => leg.Sent);

    public long Missing => _legs.Sum(static leg => leg.Sent - Volatile.Read(ref leg.Seen.Expected));

    public long OutOfOrder => _legs.Sum(static leg => Volatile.Read(ref leg.Seen.Wrong));

    public static async Task<LiveTraffic> StartAsync(FuzzSystems systems)
    {
        Leg[] legs =
        [
            await Leg.StartAsync(systems.Peer, systems.Victim).ConfigureAwait(false),
            await Leg.StartAsync(systems.Victim, systems.Peer).ConfigureAwait(false),
        ];
        return new LiveTraffic(systems, legs);
    }

    /// <summary>Sends until told to stop, and waits for what it sent.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(_legs.Select(leg => leg.RunAsync(stop)));

    private void Watch(ActorSystem here, ActorSystem there)
    {
        var (address, changes) = (FuzzSystems.AddressOf(there), _changes);
        var witness = here.ActorOf(Props.Create(() => new Witness(address, changes)));
        here.EventStream.Subscribe(witness, typeof(AssociationEvent));
        here.EventStream.Subscribe(witness, typeof(QuarantinedEvent));
        here.EventStream.Subscribe(witness, typeof(ThisActorSystemQuarantinedEvent));
        foreach (var leg in _legs.Where(leg => leg.From == here))
            witness.Tell(leg.Verifier);
    }

    internal sealed class Counter
    {
        public long Value;
    }

    internal sealed class Record
    {
        public long Expected;
        public long Wrong;
    }

    private sealed class Leg(ActorSystem from, IActorRef verifier, Record seen)
    {
        public ActorSystem From => from;

        public IActorRef Verifier => verifier;

        public Record Seen => seen;

        public long Sent { get; private set; }

        public static async Task<Leg> StartAsync(ActorSystem from, ActorSystem to)
        {
            var seen = new Record();
            var name = to.ActorOf(Props.Create(() => new VerifierActor(seen)), "verifier").Path.Name;
            var path = FuzzSystems.AddressOf(to) + "/user/" + name;
            return new Leg(from, await from.ActorSelection(path).ResolveOne(Patience).ConfigureAwait(false), seen);
        }

        public async Task RunAsync(CancellationToken stop)
        {
            do
            {
                for (var i = 0; i < Window; i++)
                    verifier.Tell(Sent++, ActorRefs.NoSender);
                // The window opens again when the last one has arrived; a lost one would come to light here, too.
                await verifier.Ask<string>("?", Patience, CancellationToken.None).ConfigureAwait(false);
                await Task.Delay(5, CancellationToken.None).ConfigureAwait(false);
            } while (!stop.IsCancellationRequested);
        }
    }

    private sealed class VerifierActor : ReceiveActor
    {
        public VerifierActor(Record seen)
        {
            Receive<long>(number =>
            {
                if (number != seen.Expected)
                    Volatile.Write(ref seen.Wrong, seen.Wrong + 1);
                Volatile.Write(ref seen.Expected, number + 1);
            });
            Receive<string>(question => Sender.Tell(question));
        }
    }

    /// <summary>Counts what happens between this system and one other.</summary>
    private sealed class Witness : ReceiveActor
    {
        public Witness(Address other, Counter changes)
        {
            Receive<AssociationEvent>(happened =>
            {
                if (happened.RemoteAddress.Equals(other))
                    Interlocked.Increment(ref changes.Value);
            });
            Receive<QuarantinedEvent>(happened =>
            {
                if (happened.Address.Equals(other))
                    Interlocked.Increment(ref changes.Value);
            });
            Receive<ThisActorSystemQuarantinedEvent>(happened =>
            {
                if (happened.RemoteAddress.Equals(other))
                    Interlocked.Increment(ref changes.Value);
            });
            Receive<IActorRef>(watched => Context.Watch(watched));
            Receive<Terminated>(_ => Interlocked.Increment(ref changes.Value));
        }
    }
}
