using Akka.Actor;
using Akka.Cluster.Daemon;
using Akka.Cluster.Detection;
using Akka.Cluster.Gossiping;
using Akka.Cluster.Membership;
using Akka.Cluster.Node;
using Akka.Cluster.SBR;

namespace Akka.Cluster;

public partial class Cluster
{
    /// <summary>The daemon tells how far this node has come; called after the events were published.</summary>
    internal void Reached(ClusterView view)
    {
        if (!view.Gossip.Members.TryGetValue(SelfUniqueAddress, out var self))
            return;

        if (self.Status is MemberStatus.Up)
            _up.TrySetResult();

        // Whoever asked for it, an exiting node ends in order: its singletons move before it goes.
        if (self.Status is MemberStatus.Exiting && _exiting.TrySetResult())
            CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
    }

    internal void Terminated() => _isTerminated = true;

    internal void Gone(MemberStatus last)
    {
        Ended();
        if (last == MemberStatus.Down && Settings.RunCoordinatedShutdownWhenDown)
            CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterDowningReason.Instance);
    }

    internal void JoinFailed()
    {
        _up.TrySetException(new ClusterJoinFailedException("No seed node let this node join in time"));
        ObserveFailureOf(_up.Task);
        CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterJoinUnsuccessfulReason.Instance);
    }

    /// <summary>From now on this node is in no cluster, whichever way it came to that.</summary>
    internal void Ended()
    {
        Terminated();
        _up.TrySetException(new ClusterJoinFailedException("The cluster has ended on this node before it was Up"));
        ObserveFailureOf(_up.Task);
        _exiting.TrySetResult();
        _gone.TrySetResult();
    }

    /// <summary>Nobody may be waiting for this node to be Up; that is no unobserved failure.</summary>
    private static void ObserveFailureOf(Task task) => _ = task.Exception;

    private void TakePartInShutdown()
    {
        var shutdown = CoordinatedShutdown.Get(System);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterLeave, "leave", () => Task.FromResult(BeginLeaving()));
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExiting, "wait-exiting", WaitUntilExiting);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterExitingDone, "exiting-completed", ConfirmExiting);
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShutdown, "stop", () => Task.FromResult(Stop()));
    }

    private Done BeginLeaving()
    {
        if (IsInCluster)
            Leave(SelfAddress);
        return Done.Instance;
    }

    private async Task<Done> WaitUntilExiting()
    {
        if (IsInCluster)
            await _exiting.Task.ConfigureAwait(false);
        return Done.Instance;
    }

    private async Task<Done> ConfirmExiting()
    {
        if (!IsInCluster)
            return Done.Instance;

        _daemon.Tell(new DaemonCommand.ConfirmExiting(), ActorRefs.NoSender);
        await _gone.Task.ConfigureAwait(false);
        return Done.Instance;
    }

    private Done Stop()
    {
        System.Stop(_daemon);
        return Done.Instance;
    }

    private bool IsInCluster => !_isTerminated && SelfMember.Status != MemberStatus.Removed;

    private IDowningProvider CreateDowningProvider() =>
        (IDowningProvider)Activator.CreateInstance(Settings.DowningProviderType, System, this)!;

    private NodeOptions CreateNodeOptions()
    {
        var detection = Settings.FailureDetectorConfig;
        return new NodeOptions
        {
            Membership = new MembershipOptions
            {
                Self = SelfUniqueAddress,
                Roles = Settings.Roles,
                AppVersion = Settings.AppVersion,
                MinNrOfMembers = Settings.MinNrOfMembers,
                MinNrOfMembersOfRole = Settings.MinNrOfMembersOfRole,
                WeaklyUpAfter = Settings.AllowWeaklyUpMembers ? Settings.WeaklyUpAfter : null,
            },
            Detection = new DetectionOptions
            {
                HeartbeatInterval = Settings.HeartbeatInterval,
                Threshold = detection.GetDouble("threshold"),
                MaxSampleSize = detection.GetInt("max-sample-size"),
                MinStandardDeviation = detection.GetTimeSpan("min-std-deviation"),
                AcceptableHeartbeatPause = detection.GetTimeSpan("acceptable-heartbeat-pause"),
                ExpectedResponseAfter = Settings.HeartbeatExpectedResponseAfter,
                MonitoredByNrOfMembers = Settings.MonitoredByNrOfMembers,
            },
            SplitBrain = (DowningProvider as SplitBrainResolverProvider)?.Options,
            GossipInterval = Settings.GossipInterval,
            ReaperInterval = Settings.UnreachableNodesReaperInterval,
            SeedNodeTimeout = Settings.SeedNodeTimeout,
            RetryUnsuccessfulJoinAfter = Settings.RetryUnsuccessfulJoinAfter,
            ShutdownAfterUnsuccessfulJoin = Settings.ShutdownAfterUnsuccessfulJoinSeedNodes,
        };
    }
}
