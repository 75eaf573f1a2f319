using Failover.Messages.Wire;

namespace Failover.Messages;

internal static class IntroductionCodec
{
    public static IntroductionPb ToWire(Introduction introduction) =>
        new()
        {
            AnswerWanted = introduction.AnswerWanted,
            Node = new()
            {
                Node = introduction.Node.Node.Value,
                Incarnation = introduction.Node.Incarnation.Value,
                Roles = { introduction.Node.Roles },
                Address = introduction.Node.Address,
                Http = introduction.Node.Http,
                ProbeHost = introduction.Node.ProbeHost,
                ProbePort = introduction.Node.ProbePort,
                Version = introduction.Node.Version,
                Pbm = introduction.Node.Pbm,
                Uid = introduction.Node.Uid,
            },
        };

    public static Introduction FromWire(IntroductionPb wire) =>
        new(
            new NodeInfo(
                new(wire.Node.Node),
                new(wire.Node.Incarnation),
                [.. wire.Node.Roles],
                wire.Node.Address,
                wire.Node.Http,
                wire.Node.ProbeHost,
                wire.Node.ProbePort,
                wire.Node.Version
            )
            {
                Pbm = wire.Node.Pbm,
                Uid = wire.Node.Uid,
            },
            wire.AnswerWanted
        );
}
