using System.Collections.Immutable;
using Akka.Actor;
using Failover.Core.Store;
using Failover.Messages;

namespace Failover.Node.Replication;

/// <summary>Sends one map in parts, each when the receiver asks for it, so that neither side holds it twice.</summary>
internal sealed class MapSender : ReceiveActor
{
    private const int PartBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IActorRef _receiver;
    private readonly long _id;
    private ImmutableDictionary<string, StoredValue>.Enumerator _rest;

    public MapSender(IActorRef receiver, long id, ImmutableDictionary<string, StoredValue> map)
    {
        _receiver = receiver;
        _id = id;
        _rest = map.GetEnumerator();
        SetReceiveTimeout(Patience);
        Receive<MoreOfMap>(_ => SendPart());
        Receive<ReceiveTimeout>(_ => Context.Stop(Self));
    }

    public static Props Props(IActorRef receiver, long id, ImmutableDictionary<string, StoredValue> map) =>
        ActorProps.From(() => new MapSender(receiver, id, map));

    private void SendPart()
    {
        var entries = ImmutableArray.CreateBuilder<KeyValuePair<string, StoredValue>>();
        var more = true;
        for (var bytes = 0; bytes < PartBytes && (more = _rest.MoveNext()); )
        {
            entries.Add(_rest.Current);
            bytes += _rest.Current.Key.Length + _rest.Current.Value.Json.Length;
        }

        _receiver.Tell(new MapPart(_id, entries.ToImmutable(), Final: !more));
        if (!more)
            Context.Stop(Self);
    }
}
