using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Tools.Client;
using Akka.Configuration;
using Akka.Event;
using static Akka.Embedded.Tests.Cluster.ClusterSystems;

namespace Akka.Embedded.Tests.Cluster;

/// <summary>Reaching services in a cluster from a system that is no member of it.</summary>
public sealed class ClusterClientSpecs : IAsyncLifetime
{
    private const string Quick = """
        akka.cluster.client {
          establishing-get-contacts-interval = 200ms
          refresh-contacts-interval = 500ms
          heartbeat-interval = 200ms
          acceptable-heartbeat-pause = 1s
        }
        """;

    private const string WithReceptionist = """
        akka.extensions = ["Akka.Cluster.Tools.Client.ClusterClientReceptionistExtensionProvider, Akka.Cluster.Tools"]
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly ClusterSystems _cluster = new();
    private readonly List<ActorSystem> _outside = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_outside.Select(system => system.Terminate()));
        await _cluster.StopAll();
    }

    [Fact]
    public async Task A_message_reaches_the_service_of_that_path_and_its_answer_comes_back_without_a_sender()
    {
        var nodes = await _cluster.Form(1, WithReceptionist);
        Serve(nodes[0], "service");
        var client = Connect(Outside(), nodes[0]);
        var answered = new TaskCompletionSource<(object Answer, bool FromNobody)>();
        var asker = _outside[0].ActorOf(Props.Create(() => new Asker(client, answered)));

        asker.Tell(new ClusterClient.Send("/user/service", "where"));

        var (answer, fromNobody) = await answered.Task.WaitAsync(Patience);
        Assert.Equal(AddressOf(nodes[0]), answer);
        Assert.True(fromNobody);
    }

    [Fact]
    public async Task A_service_on_another_node_than_the_receptionist_is_reached_too()
    {
        var nodes = await _cluster.Form(2, WithReceptionist);
        Serve(nodes[1], "far");
        var client = Connect(Outside(), nodes[0]);

        Assert.Equal(AddressOf(nodes[1]), await Ask(client, new ClusterClient.Send("/user/far", "where")));
    }

    [Fact]
    public async Task Send_to_all_reaches_every_node_that_has_the_service()
    {
        var nodes = await _cluster.Form(3, WithReceptionist);
        Serve(nodes[0], "service");
        Serve(nodes[2], "service");
        var client = Connect(Outside(), nodes[1]);

        var answers = await Collect(client, new ClusterClient.SendToAll("/user/service", "where"), distinct: 2);

        Assert.Equal(new[] { AddressOf(nodes[0]), AddressOf(nodes[2]) }.Order(), answers.Order());
    }

    [Fact]
    public async Task With_local_affinity_the_receptionists_own_node_is_preferred()
    {
        var nodes = await _cluster.Form(
            2,
            WithReceptionist + "\nakka.cluster.client.receptionist.number-of-contacts = 1"
        );
        Serve(nodes[0], "service");
        Serve(nodes[1], "service");
        var client = Connect(Outside(), nodes[1]);
        await Collect(client, new ClusterClient.SendToAll("/user/service", "where"), distinct: 2);

        for (var i = 0; i < 20; i++)
            Assert.Equal(
                AddressOf(nodes[1]),
                await client.Ask<string>(
                    new ClusterClient.Send("/user/service", "where", localAffinity: true),
                    Patience
                )
            );
    }

    [Fact]
    public async Task Without_it_all_that_have_the_service_get_their_share()
    {
        var nodes = await _cluster.Form(2, WithReceptionist);
        Serve(nodes[0], "service");
        Serve(nodes[1], "service");
        var client = Connect(Outside(), nodes[0]);

        var answers = await Collect(client, new ClusterClient.Send("/user/service", "where"), distinct: 2);

        Assert.Equal(2, answers.Count);
    }

    [Fact]
    public async Task What_is_sent_before_there_is_a_connection_is_kept_and_the_oldest_goes_when_it_is_too_much()
    {
        var port = FreePort();
        var outside = Outside("akka.cluster.client.buffer-size = 2");
        var contact = ActorPath.Parse($"akka.tcp://specs@127.0.0.1:{port}/system/receptionist");
        var client = outside.ActorOf(
            ClusterClient.Props(
                ClusterClientSettings.Create(outside).WithInitialContacts(ImmutableHashSet.Create(contact))
            )
        );
        foreach (var message in new[] { "one", "two", "three" })
            client.Tell(new ClusterClient.Send("/user/recorder", message, localAffinity: true));

        var node = _cluster.Start(port: port);
        var recorded = new TaskCompletionSource<string[]>();
        var recorder = node.ActorOf(Props.Create(() => new Recorder(2, recorded)), "recorder");
        var cluster = Akka.Cluster.Cluster.Get(node);
        await cluster.JoinAsync(cluster.SelfAddress);
        ClusterClientReceptionist.Get(node).RegisterService(recorder);

        Assert.Equal(["two", "three"], await recorded.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_client_finds_another_receptionist_when_the_node_of_its_own_ends()
    {
        var nodes = await _cluster.Form(2, WithReceptionist);
        Serve(nodes[1], "service");
        var client = Connect(Outside(), nodes[0]);
        await Ask(client, new ClusterClient.Send("/user/service", "where"));

        await nodes[0].Terminate();

        Assert.Equal(AddressOf(nodes[1]), await Ask(client, new ClusterClient.Send("/user/service", "where")));
    }

    [Fact]
    public async Task A_client_finds_another_receptionist_when_the_node_of_its_own_dies_without_a_word()
    {
        var nodes = await _cluster.Form(2, WithReceptionist);
        Serve(nodes[1], "service");
        var client = Connect(Outside(), nodes[0]);
        await Ask(client, new ClusterClient.Send("/user/service", "where"));

        await Crash(nodes[0]);

        Assert.Equal(AddressOf(nodes[1]), await Ask(client, new ClusterClient.Send("/user/service", "where")));
    }

    [Fact]
    public async Task A_client_that_finds_nobody_within_the_reconnect_timeout_stops()
    {
        var outside = Outside("akka.cluster.client.reconnect-timeout = 600ms");
        var contact = ActorPath.Parse($"akka.tcp://specs@127.0.0.1:{FreePort()}/system/receptionist");
        var stopped = new TaskCompletionSource();

        outside.ActorOf(
            Props.Create(() =>
                new Mourner(
                    ClusterClient.Props(
                        ClusterClientSettings.Create(outside).WithInitialContacts(ImmutableHashSet.Create(contact))
                    ),
                    stopped
                )
            )
        );

        await stopped.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_service_that_is_unregistered_or_has_stopped_is_reached_no_more()
    {
        var nodes = await _cluster.Form(1, WithReceptionist);
        var (one, two) = (Serve(nodes[0], "one"), Serve(nodes[0], "two"));
        var client = Connect(Outside(), nodes[0]);
        await Ask(client, new ClusterClient.Send("/user/one", "where"));
        await Ask(client, new ClusterClient.Send("/user/two", "where"));

        ClusterClientReceptionist.Get(nodes[0]).UnregisterService(one);
        await two.GracefulStop(Patience);

        await NoAnswer(client, "/user/one");
        await NoAnswer(client, "/user/two");
    }

    [Fact]
    public void Settings_come_from_the_configuration_and_can_be_changed()
    {
        var settings = ClusterClientSettings.Create(
            ConfigurationFactory.ParseString(
                """
                initial-contacts = ["akka.tcp://specs@127.0.0.1:4053/system/receptionist"]
                establishing-get-contacts-interval = 1s
                refresh-contacts-interval = 2s
                heartbeat-interval = 3s
                acceptable-heartbeat-pause = 4s
                buffer-size = 5
                reconnect-timeout = 6s
                receptionist.name = receptionist
                """
            )
        );

        Assert.Equal(
            "akka.tcp://specs@127.0.0.1:4053/system/receptionist",
            Assert.Single(settings.InitialContacts).ToString()
        );
        Assert.Equal(TimeSpan.FromSeconds(1), settings.EstablishingGetContactsInterval);
        Assert.Equal(TimeSpan.FromSeconds(2), settings.RefreshContactsInterval);
        Assert.Equal(TimeSpan.FromSeconds(3), settings.HeartbeatInterval);
        Assert.Equal(TimeSpan.FromSeconds(4), settings.AcceptableHeartbeatPause);
        Assert.Equal(5, settings.BufferSize);
        Assert.Equal(TimeSpan.FromSeconds(6), settings.ReconnectTimeout);
        Assert.Equal(7, settings.WithBufferSize(7).BufferSize);
        Assert.Null(settings.WithReconnectTimeout(null).ReconnectTimeout);
        Assert.Equal(
            TimeSpan.FromSeconds(8),
            settings.WithHeartbeatInterval(TimeSpan.FromSeconds(8)).HeartbeatInterval
        );
    }

    private static string AddressOf(ActorSystem system) => SelfAddress(system).ToString();

    private ActorSystem Outside(string hocon = "")
    {
        var system = ActorSystem.Create(
            "outside",
            ConfigurationFactory
                .ParseString(hocon)
                .WithFallback(ConfigurationFactory.ParseString(Quick))
                .WithFallback(
                    ConfigurationFactory.ParseString(
                        """
                        akka {
                          loglevel = WARNING
                          actor.provider = remote
                          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
                        }
                        """
                    )
                )
        );
        _outside.Add(system);
        return system;
    }

    private static IActorRef Connect(ActorSystem outside, ActorSystem node) =>
        outside.ActorOf(
            ClusterClient.Props(
                ClusterClientSettings
                    .Create(outside)
                    .WithInitialContacts(
                        ImmutableHashSet.Create(new RootActorPath(SelfAddress(node)) / "system" / "receptionist")
                    )
            ),
            "client"
        );

    private static IActorRef Serve(ActorSystem node, string name)
    {
        var service = node.ActorOf(Props.Create(() => new Where()), name);
        ClusterClientReceptionist.Get(node).RegisterService(service);
        return service;
    }

    /// <summary>Asks again when there is no answer: a message may get lost, and a new service has to become known.</summary>
    private static async Task<string> Ask(IActorRef client, object message)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await client.Ask<string>(message, TimeSpan.FromMilliseconds(500));
            }
            catch (AskTimeoutException) when (attempt < 30) { }
    }

    private static async Task NoAnswer(IActorRef client, string path) =>
        await Assert.ThrowsAsync<AskTimeoutException>(() =>
            client.Ask<string>(new ClusterClient.Send(path, "where"), TimeSpan.FromMilliseconds(700))
        );

    /// <summary>Sends the message again and again until so many different answers have come.</summary>
    private async Task<ImmutableHashSet<string>> Collect(IActorRef client, object message, int distinct)
    {
        var collected = new TaskCompletionSource<ImmutableHashSet<string>>();
        _outside[0].ActorOf(Props.Create(() => new Collector(client, message, distinct, collected)));
        return await collected.Task.WaitAsync(Patience);
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        socket.Start();
        return ((System.Net.IPEndPoint)socket.LocalEndpoint).Port;
    }

    private sealed class Where : ReceiveActor
    {
        public Where() =>
            Receive<string>(_ => Sender.Tell(Akka.Cluster.Cluster.Get(Context.System).SelfAddress.ToString()));
    }

    private sealed class Asker : ReceiveActor
    {
        public Asker(IActorRef client, TaskCompletionSource<(object, bool)> answered)
        {
            Receive<ClusterClient.Send>(send => client.Tell(send));
            ReceiveAny(answer => answered.TrySetResult((answer, Sender.Equals(Context.System.DeadLetters))));
        }
    }

    private sealed class Recorder : ReceiveActor
    {
        private readonly List<string> _messages = [];

        public Recorder(int expected, TaskCompletionSource<string[]> recorded) =>
            Receive<string>(message =>
            {
                _messages.Add(message);
                if (_messages.Count == expected)
                    recorded.TrySetResult([.. _messages]);
            });
    }

    private sealed class Collector : ReceiveActor
    {
        private ImmutableHashSet<string> _answers = [];

        public Collector(
            IActorRef client,
            object message,
            int distinct,
            TaskCompletionSource<ImmutableHashSet<string>> collected
        )
        {
            client.Tell(message);
            SetReceiveTimeout(TimeSpan.FromMilliseconds(300));
            Receive<ReceiveTimeout>(_ => client.Tell(message));
            Receive<string>(answer =>
            {
                _answers = _answers.Add(answer);
                if (_answers.Count >= distinct)
                    collected.TrySetResult(_answers);
                else
                    client.Tell(message);
            });
        }
    }

    private sealed class Mourner : ReceiveActor
    {
        public Mourner(Props props, TaskCompletionSource stopped)
        {
            Context.Watch(Context.ActorOf(props));
            Receive<Terminated>(_ => stopped.TrySetResult());
        }
    }
}
