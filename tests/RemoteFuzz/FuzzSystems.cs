using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Internals.Tests.Remote;
using Akka.Remote;

namespace Failover.RemoteFuzz;

/// <summary>The system that is attacked, its peer, and the systems in whose name the attackers speak.</summary>
internal sealed class FuzzSystems : IAsyncDisposable
{
    private readonly Certificates? _certificates;
    private readonly List<ActorSystem> _all = [];

    public FuzzSystems(bool tls)
    {
        _certificates = tls ? new Certificates() : null;
        Victim = Start("victim", _certificates);
        Peer = Start("peer", _certificates);
        Foreign = [.. Enumerable.Range(0, 4).Select(i => Start($"foreign{i}", _certificates))];
        Sink = Victim.ActorOf(Props.Create(() => new SinkActor()), "sink");
    }

    public ActorSystem Victim { get; }

    public ActorSystem Peer { get; }

    public ActorSystem[] Foreign { get; }

    /// <summary>Whom the attackers' messages are for.</summary>
    public IActorRef Sink { get; }

    /// <summary>What attackers inside of TLS use; null without TLS.</summary>
    public Tls? Certificate =>
        _certificates is null ? null : new Tls(new SslSettings(ConfigurationFactory.ParseString(Ssl(_certificates))));

    public static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    public static Remoting RemotingOf(ActorSystem system) =>
        ((RemoteActorRefProvider)((ExtendedActorSystem)system).Provider).Remoting;

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_all.Select(static system => system.Terminate())).ConfigureAwait(false);
        _certificates?.Delete();
    }

    /// <summary>A system without TLS, whose traffic is recorded.</summary>
    public ActorSystem StartPlain(string name) => Start(name, null);

    private ActorSystem Start(string name, Certificates? certificates)
    {
        var system = ActorSystem.Create(
            name,
            ConfigurationFactory.ParseString(
                $$"""
                akka {
                  loggers = []
                  loglevel = WARNING
                  stdout-loglevel = OFF
                  log-dead-letters = off
                  actor {
                    provider = remote
                    serializers.failover = "Failover.Messages.WireSerializer, Failover.Messages"
                    serialization-bindings."Failover.Messages.IWireMessage, Failover.Messages" = failover
                  }
                  remote {
                    log-remote-lifecycle-events = off
                    dot-netty.tcp {
                      hostname = "127.0.0.1"
                      port = 0
                      connection-timeout = 5 s
                      enable-ssl = {{(certificates is null ? "off" : "on")}}
                      ssl { {{(certificates is null ? "" : Ssl(certificates))}} }
                    }
                  }
                }
                """
            )
        );
        _all.Add(system);
        return system;
    }

    private static string Ssl(Certificates certificates) =>
        $$"""certificate { path = "{{certificates.FileFor()}}", password = {{Certificates.Password}} }""";

    /// <summary>Takes everything and answers nothing.</summary>
    private sealed class SinkActor : ReceiveActor
    {
        public SinkActor() => ReceiveAny(static _ => { });
    }
}
