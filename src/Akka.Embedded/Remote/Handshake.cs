using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace Akka.Remote;

/// <summary>Who connects, as it says.</summary>
/// <param name="From">Under which address it can be reached.</param>
/// <param name="Uid">Which incarnation of the system there it is.</param>
/// <param name="Lane">What for.</param>
/// <param name="Target">Whom it wants to reach.</param>
internal sealed record Hello(Address From, int Uid, Lane Lane, string Target);

/// <summary>How two systems introduce themselves on a new connection.</summary>
internal static class Handshake
{
    /// <summary>In bytes. Until both sides know each other, nothing larger is read.</summary>
    public const int LargestFrame = 2048;

    private const int Magic = 0x416B4566;
    private const byte Version = 2;
    private const byte BecauseQuarantined = 1;
    private const byte BecauseUnfit = 2;

    public static void WriteHello(FrameWriter output, Lane lane, Address self, int uid, Address target)
    {
        output.Begin(FrameKind.Hello);
        output.Int32(Magic);
        output.Byte(Version);
        output.Byte((byte)lane);
        output.Int32(uid);
        output.String(self.ToString());
        output.String(target.ToString());
        output.End();
    }

    public static void WriteWelcome(FrameWriter output, int uid)
    {
        output.Begin(FrameKind.Welcome);
        output.Byte(Version);
        output.Int32(uid);
        output.End();
    }

    public static void WriteRefused(FrameWriter output, string reason, bool quarantined)
    {
        output.Begin(FrameKind.Refused);
        output.Byte(quarantined ? BecauseQuarantined : BecauseUnfit);
        output.String(reason);
        output.End();
    }

    /// <exception cref="ProtocolException">It does not speak this protocol, or another version of it.</exception>
    public static Hello ReadHello(ReadOnlySpan<byte> frame)
    {
        var reader = new FrameReader(frame);
        if ((FrameKind)reader.Byte() != FrameKind.Hello || reader.Int32() != Magic)
            throw new ProtocolException("the first frame is no introduction");
        if (reader.Byte() is var version && version != Version)
            throw new ProtocolException($"protocol version {version} instead of {Version}");
        var lane = (Lane)reader.Byte();
        var uid = reader.Int32();
        if (uid == 0 || !Enum.IsDefined(lane))
            throw new ProtocolException($"an introduction with uid {uid} for lane {lane}");
        if (!Address.TryParse(reader.String(), out var from) || !from.HasGlobalScope)
            throw new ProtocolException("the introduction names no address");
        return new Hello(from, uid, lane, reader.String());
    }

    /// <returns>The other side's uid.</returns>
    public static int ReadAnswer(ReadOnlySpan<byte> frame, Association association)
    {
        var reader = new FrameReader(frame);
        switch ((FrameKind)reader.Byte())
        {
            case FrameKind.Welcome when reader.Byte() == Version && reader.Int32() is var uid and not 0:
                return uid;
            case FrameKind.Refused:
                Refused(ref reader, association);
                return 0;
            default:
                throw new ProtocolException("an unknown answer");
        }
    }

    [DoesNotReturn]
    private static void Refused(ref FrameReader reader, Association association)
    {
        var quarantined = reader.Byte() == BecauseQuarantined;
        var reason = reader.String();
        if (quarantined)
        {
            association.Remoting.Publish(
                new ThisActorSystemQuarantinedEvent(association.Remoting.Address, association.Address)
            );
        }

        throw new RemoteTransportException($"{association.Address} refuses the connection: {reason}");
    }
}
