using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Dispatch;

/// <summary>The dispatchers of one system, made from the configuration when they are first asked for.</summary>
/// <remarks>
/// <c>type</c> is <c>Dispatcher</c> (the process's thread pool), <c>ForkJoinDispatcher</c> (threads of its own, as many as
/// <c>dedicated-thread-pool.thread-count</c>), <c>PinnedDispatcher</c> (one thread of its own), or the name of a class
/// that derives from <see cref="MessageDispatcherConfigurator"/>.
/// </remarks>
public sealed class Dispatchers
{
    public const string DefaultDispatcherId = "akka.actor.default-dispatcher";

    public const string DefaultBlockingDispatcherId = "akka.actor.default-blocking-io-dispatcher";

    private readonly ConcurrentDictionary<string, Lazy<MessageDispatcher>> _dispatchers = new();
    private readonly ActorSystemImpl _system;

    internal Dispatchers(ActorSystemImpl system) => _system = system;

    /// <exception cref="ConfigurationException">There is no such dispatcher in the configuration, or it cannot be made.</exception>
    public MessageDispatcher Lookup(string dispatcherName) =>
        _dispatchers.GetOrAdd(dispatcherName, id => new Lazy<MessageDispatcher>(() => Create(id))).Value;

    internal void Shutdown()
    {
        // One that could not be made, because its settings are wrong, has nothing to end.
        foreach (var dispatcher in _dispatchers.Values.Where(static dispatcher => dispatcher.IsValueCreated))
            dispatcher.Value.Shutdown();
    }

    private MessageDispatcher Create(string id)
    {
        var all = _system.Settings.Config;
        if (!all.HasPath(id))
            throw new ConfigurationException($"Dispatcher [{id}] not configured");
        var fallback = all.GetConfig(DefaultDispatcherId) ?? Config.Empty;
        var config = id == DefaultDispatcherId ? fallback : all.GetConfig(id)!.WithFallback(fallback);
        var throughput = config.GetInt("throughput", MessageDispatcher.DefaultThroughput);
        var span = config.GetTimeSpan("throughput-deadline-time", TimeSpan.Zero);
        long? deadline = span > TimeSpan.Zero ? span.Ticks : null;

        var type = config.GetString("type", "Dispatcher");
        var executor = config.GetString("executor", "default-executor");
        if (type is "PinnedDispatcher")
            return Dedicated(1);
        if (type is "ForkJoinDispatcher" || executor is "fork-join-executor")
        {
            var count = config.GetInt(
                "dedicated-thread-pool.thread-count",
                config.GetInt("fork-join-executor.parallelism-max", Environment.ProcessorCount)
            );
            return Dedicated(count);
        }

        if (type is "Dispatcher" or "TaskDispatcher" or "ChannelExecutor" or "Akka.Dispatch.ThreadPoolDispatcher")
            return new ThreadPoolDispatcher(throughput, deadline, OnFailure);
        return Configured(id, type, config);

        MessageDispatcher Dedicated(int threads) =>
            threads > 0
                ? new DedicatedThreadsDispatcher(throughput, deadline, threads, id, OnFailure)
                : throw new ConfigurationException($"Dispatcher [{id}] needs at least one thread, not {threads}");
    }

    private void OnFailure(Exception failure) => MessageDispatcher.Log(_system, failure);

    private MessageDispatcher Configured(string id, string type, Config config)
    {
        try
        {
            var prerequisites = new DispatcherPrerequisites(_system.Settings);
            return TypeByName.Create<MessageDispatcherConfigurator>(type, config, prerequisites).Dispatcher();
        }
        catch (ConfigurationException unknown)
        {
            throw new ConfigurationException($"Dispatcher [{id}] cannot be made: {unknown.Message}", unknown);
        }
    }
}
