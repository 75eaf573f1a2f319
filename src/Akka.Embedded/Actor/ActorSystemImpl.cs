using System.Collections.Concurrent;
using System.Text;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Util;

namespace Akka.Actor;

/// <summary>The one implementation of <see cref="ActorSystem"/>: starts the parts in order and ends them in reverse.</summary>
internal sealed class ActorSystemImpl : ExtendedActorSystem
{
    private readonly ConcurrentDictionary<Type, Lazy<IExtension>> _extensions = new();
    private readonly Stack<Action> _onTermination = new();
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DedicatedThreadScheduler _ownScheduler;
    private readonly LoggerStarter _loggers;
    private int _terminating;
    private long _uid;
    private IActorRef? _deadLetterListener;

    private ActorSystemImpl(string name, Config config)
    {
        if (!IsName(name))
        {
            throw new ArgumentException(
                $"invalid ActorSystem name [{name}], must contain only word characters (i.e. [a-zA-Z0-9] plus non-leading '-')",
                nameof(name)
            );
        }

        Name = name;
        Settings = new Settings(this, config.WithFallback(ConfigurationFactory.Default()));
        EventStream = new EventStream(Settings.DebugEventStream);
        Log = new BusLogging(
            EventStream,
            $"ActorSystem({name})",
            typeof(ActorSystem),
            DefaultLogMessageFormatter.Instance
        );
        _loggers = new LoggerStarter(this);
        _loggers.StartStdout();
        _ownScheduler = new DedicatedThreadScheduler(name, Log);
        Dispatchers = new Dispatchers(this);
        try
        {
            Scheduler = CreateScheduler();
            Provider = CreateProvider();
            Serialization = new Serialization.Serialization(this);
        }
        catch
        {
            // A port in use, an unknown class: nothing may stay behind, the threads least of all.
            (Provider as IDisposable)?.Dispose();
            Dispatchers.Shutdown();
            _ownScheduler.Dispose();
            throw;
        }
    }

    public override Settings Settings { get; }

    public override string Name { get; }

    public override Serialization.Serialization Serialization { get; }

    public override EventStream EventStream { get; }

    public override IActorRef DeadLetters => Provider.DeadLetters;

    public override IActorRef IgnoreRef => Provider.IgnoreRef;

    public override Dispatchers Dispatchers { get; }

    public override IScheduler Scheduler { get; }

    public override ILoggingAdapter Log { get; }

    public override Task WhenTerminated => _terminated.Task;

    public override LocalActorRefProvider Provider { get; }

    /// <summary>The scheduler on real time, also where a test's virtual one takes the place of <see cref="Scheduler"/>.</summary>
    public DedicatedThreadScheduler Timeouts => _ownScheduler;

    public static ActorSystem Start(string name, Config config)
    {
        ArgumentNullException.ThrowIfNull(name);
        var system = new ActorSystemImpl(name, config ?? ConfigurationFactory.Empty);
        try
        {
            system.Run();
            return system;
        }
        catch
        {
            // An unknown extension, a logger that does not answer: as above.
            system.Abort();
            throw;
        }
    }

    /// <summary>A number that tells incarnations of one name apart; never 0, which means any.</summary>
    public long NextUid()
    {
        // Starts anywhere, so that an actor of a restarted process is not mistaken for its predecessor.
        var uid = Interlocked.Increment(ref _uid) & int.MaxValue;
        return uid == 0 ? NextUid() : uid;
    }

    public override IActorRef ActorOf(Props props, string? name = null) => Provider.Guardian.Cell.ActorOf(props, name);

    public override IActorRef SystemActorOf(Props props, string? name = null) =>
        Provider.SystemGuardian.Cell.ActorOf(props, name);

    public override IActorRef SystemActorOf<TActor>(string? name = null) => SystemActorOf(Props.Create<TActor>(), name);

    public override ActorSelection ActorSelection(ActorPath actorPath) => ActorSelectionFactory.Create(this, actorPath);

    public override ActorSelection ActorSelection(string actorPath) =>
        ActorSelectionFactory.Create(this, Provider.Guardian, actorPath);

    public override void Stop(IActorRef actor)
    {
        var parent = actor.Path.Parent;
        if (parent == Provider.Guardian.Path)
            Provider.Guardian.Cell.Stop(actor);
        else if (parent == Provider.SystemGuardian.Path)
            Provider.SystemGuardian.Cell.Stop(actor);
        else
            ((IInternalActorRef)actor).Stop();
    }

    public override object RegisterExtension(IExtensionId extension) =>
        _extensions
            .GetOrAdd(
                extension.ExtensionType,
                static (_, state) =>
                    new Lazy<IExtension>(() => (IExtension)state.extension.CreateExtension(state.system)),
                (extension, system: this)
            )
            .Value;

    public override object GetExtension(IExtensionId extensionId) =>
        _extensions.TryGetValue(extensionId.ExtensionType, out var extension) ? extension.Value : null!;

    public override T GetExtension<T>() =>
        _extensions.TryGetValue(typeof(T), out var extension) ? (T)extension.Value : null!;

    public override bool HasExtension(Type type) => _extensions.ContainsKey(type);

    public override bool HasExtension<T>() => HasExtension(typeof(T));

    public override void RegisterOnTermination(Action code)
    {
        lock (_onTermination)
        {
            if (_terminated.Task.IsCompleted)
                throw new InvalidOperationException("The system has terminated already");
            _onTermination.Push(code);
        }
    }

    public override Task Terminate()
    {
        if (Settings.CoordinatedShutdownRunByActorSystemTerminate)
            CoordinatedShutdown.Get(this).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        else
            FinalTerminate();
        return WhenTerminated;
    }

    public override void Abort() => FinalTerminate();

    /// <summary>Ends the actors, now.</summary>
    public Task FinalTerminate()
    {
        if (Interlocked.Exchange(ref _terminating, 1) != 0)
            return WhenTerminated;
        if (!Settings.LogDeadLettersDuringShutdown && _deadLetterListener is { } listener)
            Stop(listener);
        Provider.Guardian.Stop();
        return WhenTerminated;
    }

    /// <summary>What must be over before the actors of the engine itself end.</summary>
    public async Task EndSystemActorsAsync()
    {
        await Provider.Shutdown().ConfigureAwait(false);
        // Last, so that they have seen all the rest.
        await _loggers.StopLoggersAsync().ConfigureAwait(false);
    }

    public override string PrintTree()
    {
        var tree = new StringBuilder();
        Print(Provider.RootGuardian, 0);
        return tree.ToString();

        void Print(IInternalActorRef actor, int depth)
        {
            if (actor is not LocalActorRef local)
                return;
            tree.Append(' ', depth * 2).Append(local.Path.Name is "" ? "/" : local.Path.Name);
            tree.Append(" (").Append(local.Cell.Props.Type.Name).Append(", ");
            tree.Append(local.Cell.Mailbox.Count).AppendLine(" waiting)");
            foreach (var child in local.Cell.ChildRefs())
                Print(child, depth + 1);
        }
    }

    private static bool IsName(string name) =>
        name.Length > 0
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    private void Run()
    {
        Provider.SystemGuardian.Tell(new RootGuardian.Watched(Provider.Guardian), ActorRefs.NoSender);
        Provider.RootGuardian.Tell(new RootGuardian.Watched(Provider.SystemGuardian), ActorRefs.NoSender);
        Provider.TerminationTask.ContinueWith(_ => Ended(), TaskScheduler.Default);
        EventStream.StartUnsubscriber(this);
        _loggers.StartLoggers();
        if (Settings.LogDeadLetters > 0)
        {
            var limit = Settings.LogDeadLetters;
            _deadLetterListener = SystemActorOf(Props.From(() => new DeadLetterListener(limit)), "deadLetterListener");
        }

        if (Settings.LogConfigOnStart)
            Log.Info(Settings.Config.ToString()!);
        Provider.Start();
        CoordinatedShutdown.Get(this);
        foreach (var name in Settings.Config.GetStringList("akka.extensions"))
            RegisterExtension(TypeByName.Create<IExtensionId>(name));
        // The cluster is an extension like others, except that the provider asks for it.
        if (Settings.HasCluster)
            RegisterExtension(TypeByName.Create<IExtensionId>("Akka.Cluster.ClusterExtension"));
    }

    private void Ended()
    {
        Action[] hooks;
        lock (_onTermination)
            hooks = [.. _onTermination];
        foreach (var hook in hooks)
        {
            try
            {
                hook();
            }
            catch (Exception e)
            {
                Log.Error(e, "A termination hook failed");
            }
        }

        Dispatchers.Shutdown();
        if (!ReferenceEquals(Scheduler, _ownScheduler))
            (Scheduler as IDisposable)?.Dispose();
        _ownScheduler.Dispose();
        lock (_onTermination)
            _terminated.TrySetResult();
    }

    private IScheduler CreateScheduler()
    {
        var name = Settings.SchedulerClass;
        return name.Length == 0 || name.StartsWith("Akka.Actor.HashedWheelTimerScheduler", StringComparison.Ordinal)
            ? _ownScheduler
            : TypeByName.Create<IScheduler>(name, Settings.Config.GetConfig("akka.scheduler"), Log);
    }

    private LocalActorRefProvider CreateProvider()
    {
        _uid = Random.Shared.Next(1, int.MaxValue / 2);
        return Settings.ProviderClass switch
        {
            "local" => new LocalActorRefProvider(this),
            "remote" or "cluster" => new Remote.RemoteActorRefProvider(this),
            var other => throw new ConfigurationException(
                $"akka.actor.provider must be local, remote or cluster, not [{other}]"
            ),
        };
    }
}
