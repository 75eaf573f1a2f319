using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

/// <summary>The part of a system that talks to other systems: listens, and keeps an association with each.</summary>
/// <remarks>May be used from any thread.</remarks>
internal sealed class Remoting : IDisposable
{
    private readonly LogBudget _rejected = new(20, TimeSpan.FromSeconds(1));
    private readonly LogBudget _failures = new(20, TimeSpan.FromSeconds(1));
    private readonly LogBudget _unreachable = new(5, TimeSpan.FromSeconds(10));
    private readonly CancellationTokenSource _stopping = new();

    public Remoting(RemoteActorRefProvider provider, RemotingSettings settings)
    {
        Provider = provider;
        System = provider.System;
        Settings = settings;
        Stopping = _stopping.Token;
        Uid = AddressUidExtension.Uid(System);
        Sockets = new TcpSockets(settings);
        Associations = new Associations(this);
        Inbound = new Inbound(this);
        Address = new Address("akka.tcp", System.Name, "unbound", 0);
        Transport = new Serialization.Serialization.Transport(Address);
    }

    public RemoteActorRefProvider Provider { get; }

    public ActorSystemImpl System { get; }

    public RemotingSettings Settings { get; }

    public TcpSockets Sockets { get; }

    public Associations Associations { get; }

    public Inbound Inbound { get; }

    public int Uid { get; }

    /// <summary>Under which others reach this system; known once it listens.</summary>
    public Address Address { get; private set; }

    public Serialization.Serialization.Transport Transport { get; private set; }

    public CancellationToken Stopping { get; }

    /// <exception cref="RemoteTransportException">The port is taken, or the host is not this one.</exception>
    public void Listen()
    {
        Sockets.Listen();
        Address = new Address(
            Settings.Ssl is not null ? "akka.ssl.tcp" : "akka.tcp",
            System.Name,
            Settings.PublicHostname is { Length: > 0 } name ? name : Sockets.ListensOn,
            Settings.PublicPort > 0 ? Settings.PublicPort : Sockets.Port
        );
        Transport = new Serialization.Serialization.Transport(Address);
    }

    /// <summary>Lets others in; before this they wait in the listener's backlog.</summary>
    public void Accept()
    {
        Track(Inbound.AcceptAsync());
        Publish(new RemotingListenEvent([Address]));
    }

    public Association AssociationWith(Address address) => Associations.At(address);

    public void Quarantine(Address address, int uid)
    {
        AssociationWith(address).Quarantine(uid);
        Inbound.CloseFrom(address, uid);
    }

    /// <summary>Sends what is queued, within the configured time, and closes everything.</summary>
    public async Task ShutdownAsync()
    {
        Sockets.StopListening();
        var associations = Associations.All;
        var flushed = Task.WhenAll(associations.Select(static association => association.FlushAsync()));
        await Task.WhenAny(flushed, Task.Delay(Settings.FlushWait)).ConfigureAwait(false);
        Publish(new RemotingShutdownEvent());
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var association in associations)
            association.Close();
        Inbound.Close();
        Dispose();
    }

    public void Dispose()
    {
        Sockets.StopListening();
        _stopping.Dispose();
    }

    /// <summary>Looks after work that nobody waits for: it handles its failures, so that one that comes here is a bug.</summary>
    public void Track(Task work)
    {
        if (work.IsCompletedSuccessfully)
            return;
        work.ContinueWith(
            static (failed, state) =>
                ((Remoting)state!).System.Log.Error(
                    failed.Exception,
                    "Remoting failed unexpectedly: {0}",
                    failed.Exception!.Message
                ),
            this,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default
        );
    }

    public void Publish(RemotingLifecycleEvent happened)
    {
        if (Stopping.IsCancellationRequested)
            return;
        System.EventStream.Publish(happened);
        if (Settings.LogLifecycle)
            System.Log.Log(happened.LogLevel(), null, happened.ToString()!);
    }

    public void Drop(IActorRef recipient, object message, IActorRef? sender, string reason) =>
        System.EventStream.Publish(new Dropped(message, reason, sender ?? System.DeadLetters, recipient));

    /// <summary>How many messages were not accepted.</summary>
    public long RejectedSoFar => _rejected.Total;

    /// <summary>Logs what was not accepted, unless it is too much of it, and counts it.</summary>
    public void Rejected(string what, Address from)
    {
        if (_rejected.Spend(out var note))
            System.Log.Warning("Dropped {0} from {1}{2}", what, from, note);
    }

    /// <summary>Logs that a connection cannot be made.</summary>
    public void WarnOfFailure(string failure)
    {
        if (_failures.Spend(out var note))
            System.Log.Warning("{0}; it is tried again from time to time{1}", failure, note);
    }

    /// <summary>Logs that an address has a protocol that is not spoken here: TLS is on at one side only, most likely.</summary>
    public void Unreachable(Address address)
    {
        if (_unreachable.Spend(out var note))
        {
            System.Log.Warning("{0} cannot be reached: this system speaks {1}{2}", address, Address.Protocol, note);
        }
    }

    /// <returns>Null when nobody here knows such messages, which is logged.</returns>
    public object? TryDeserialize(ReadOnlySpan<byte> bytes, int serializer, string manifest, Address from)
    {
        try
        {
            return System.Serialization.Deserialize(bytes, serializer, manifest);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Serializers throw all kinds of exceptions at bytes that they do not understand.
            Rejected(
                $"a message (serializer {serializer}, manifest [{manifest}]): {e.GetType().Name}, {e.Message}",
                from
            );
            return null;
        }
    }

    public void Deliver(IInternalActorRef recipient, object message, IActorRef? sender)
    {
        if (Settings.Untrusted && !IsHarmless(recipient, message))
        {
            Rejected($"{message.GetType().Name} for {recipient} in untrusted mode", sender?.Path.Address ?? Address);
            return;
        }

        if (message is ActorSelectionMessage selection)
            selection.Deliver(recipient, sender);
        else
            recipient.Tell(message, sender);
    }

    private bool IsHarmless(IInternalActorRef recipient, object message)
    {
        if (message is not ActorSelectionMessage selection)
            return message is not (IPossiblyHarmful or Kill);
        if (selection.Message is IPossiblyHarmful or Kill)
            return false;
        var steps = recipient.Path.Elements.Concat(selection.Elements.Select(static step => step.ToString()!));
        return Settings.TrustedSelectionPaths.Contains(ActorPath.FormatPathElements(steps));
    }
}
