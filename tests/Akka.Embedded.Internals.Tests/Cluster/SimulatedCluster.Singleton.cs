using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;

namespace Akka.Embedded.Internals.Tests.Cluster;

/// <summary>The singleton that every process of the simulated cluster may host.</summary>
internal sealed partial class SimulatedCluster
{
    public TimeSpan HandOverRetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long, at most, a process runs before it starts its manager.</summary>
    public TimeSpan ManagerStartsWithin { get; init; }

    /// <summary>How long, at most, an instance takes to stop.</summary>
    public TimeSpan SingletonStopsWithin { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long after the removal of a member that said nothing its instance may still live.</summary>
    public TimeSpan RemovalMargin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the phase may take in which an exiting node hands over.</summary>
    public TimeSpan ExitingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Called whenever an instance starts, with how many live now.</summary>
    public Action<int>? OnSingletonStarted { get; set; }

    /// <summary>Those with a living instance, including processes that have just left the cluster and not stopped yet.</summary>
    public IEnumerable<UniqueAddress> SingletonHosts =>
        _processes.Values.Concat(_stopping).Where(p => p.HostsSingleton).Select(p => p.Node.Self);

    private void StartManager(SimulatedProcess process) =>
        After(
            ManagerStartsWithin * _random.NextDouble(),
            () =>
            {
                if (!process.IsRunning || process.IsExiting)
                    return;

                process.HasManager = true;
                StepManager(process, new SingletonInput.Began([.. process.Node.View.Gossip.Members.Values]));
            }
        );

    private void TellManager(SimulatedProcess process, IEnumerable<ClusterEvent.IMemberEvent> changes)
    {
        foreach (var change in changes)
            StepManager(
                process,
                change is ClusterEvent.MemberRemoved removed
                    ? new SingletonInput.MemberRemoved(removed.Member.UniqueAddress, removed.PreviousStatus)
                    : new SingletonInput.MemberChanged(change.Member)
            );
    }

    private void StepManager(SimulatedProcess process, SingletonInput input)
    {
        if (!process.HasManager || !process.IsRunning)
            return;

        var effects = new List<SingletonEffect>();
        process.Singleton.Step(input, effects);
        foreach (var effect in effects)
            Perform(process, effect);

        var retry = ++process.Retry;
        if (process.Singleton.IsWaiting)
            After(
                HandOverRetryInterval,
                () =>
                {
                    if (process.Retry == retry)
                        StepManager(process, new SingletonInput.RetryDue());
                }
            );
    }

    private void Perform(SimulatedProcess process, SingletonEffect effect)
    {
        var self = process.Node.Self;
        switch (effect)
        {
            case SingletonEffect.Start:
                process.HostsSingleton = true;
                Note($"{self.Address.Port}#{self.Uid} starts the singleton");
                OnSingletonStarted?.Invoke(SingletonHosts.Count());
                break;
            case SingletonEffect.Stop:
                Note($"{self.Address.Port}#{self.Uid} stops the singleton");
                After(SingletonStopsWithin * _random.NextDouble(), () => Stopped(process));
                break;
            case SingletonEffect.AskForHandOver ask:
                Post(
                    process,
                    ask.From.Address,
                    to => StepManager(to, new SingletonInput.HandOverAsked(self, ask.From))
                );
                break;
            case SingletonEffect.ConfirmHandOver confirm:
                Post(process, confirm.To.Address, to => StepManager(to, new SingletonInput.HandedOver(self)));
                break;
            case SingletonEffect.AwaitMargin wait:
                After(RemovalMargin, () => StepManager(process, new SingletonInput.MarginPassed(wait.Node)));
                break;
            case SingletonEffect.Finished:
                process.HasFinished = true;
                if (process.IsExiting)
                    ConfirmExiting(process);
                break;
            default:
                throw new UnreachableException($"Unhandled effect: {effect}");
        }
    }

    private void Stopped(SimulatedProcess process)
    {
        process.HostsSingleton = false;
        StepManager(process, new SingletonInput.SingletonStopped());
    }

    /// <summary>The node has learnt that it is exiting: it leaves once its manager has finished, or takes too long.</summary>
    private void Exit(SimulatedProcess process)
    {
        if (process.IsExiting)
            return;

        process.IsExiting = true;
        if (process.HasFinished || !process.HasManager)
            ConfirmExiting(process);
        else
            After(ExitingTimeout, () => ConfirmExiting(process));
    }

    private void ConfirmExiting(SimulatedProcess process)
    {
        if (process.HasConfirmedExiting)
            return;

        process.HasConfirmedExiting = true;
        Drive(process, (node, effects) => node.ConfirmExiting(Moment, effects));
    }

    /// <summary>A process that is out of the cluster ends, and its instance a moment after.</summary>
    private void StopWith(SimulatedProcess process)
    {
        _stopping.Add(process);
        After(
            SingletonStopsWithin,
            () =>
            {
                process.HostsSingleton = false;
                _stopping.Remove(process);
            }
        );
    }
}
