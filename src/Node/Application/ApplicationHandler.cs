using Akka.Actor;
using Failover.Core;
using Failover.Core.Application;
using Failover.Node.Configuration;
using Failover.Node.Membership;

namespace Failover.Node.Application;

/// <summary>The operator's two programs that put an application into its role.</summary>
internal sealed class ApplicationHandler
{
    private readonly OperatorProgram _becomePrimary;
    private readonly OperatorProgram _becomeStandby;
    private readonly PeerDirectory _directory;

    /// <exception cref="SettingsException">There is no such program.</exception>
    public ApplicationHandler(NodeId node, HandlerSettings settings, PeerDirectory directory)
    {
        const string Root = "failover.application";
        _directory = directory;
        _becomePrimary = new($"{Root}.become-primary", node, settings.BecomePrimary, settings.Timeout, true);
        _becomeStandby = new($"{Root}.become-standby", node, settings.BecomeStandby, settings.Timeout, true);
    }

    public HandlerRun Start(RoleWish wish)
    {
        var isPrimary = wish.Role == ApplicationRole.Primary;
        var run = (isPrimary ? _becomePrimary : _becomeStandby).Start(
            new("FAILOVER_ROLE", isPrimary ? "primary" : "standby"),
            new("FAILOVER_EPOCH", wish.Epoch.ToString()),
            new("FAILOVER_PRIMARY", wish.Primary?.Value ?? ""),
            new("FAILOVER_PRIMARY_HOST", Host(wish.Primary) ?? "")
        );
        return new HandlerRun(run.Ended, run.Abort);
    }

    private string? Host(NodeId? node) =>
        node is { } primary && _directory.Find(primary) is { } info ? Address.Parse(info.Address).Host : null;
}
