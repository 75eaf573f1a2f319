using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace Akka.Remote;

/// <summary>How two systems introduce themselves on a new connection.</summary>
internal static class Handshake
{
    private const int Magic = 0x416B4566;
    private const byte Version = 1;
    private const byte BecauseQuarantined = 1;
    private const byte BecauseUnfit = 2;

    public static void WriteHello(FrameWriter output, Address self, int uid, Address target)
    {
        output.Begin(FrameKind.Hello);
        output.Int32(Magic);
        output.Byte(Version);
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

    /// <summary>Who connects; a reason not to let it in, when there is one.</summary>
    /// <exception cref="ProtocolException">It does not speak this protocol at all.</exception>
    public static string? ReadHello(ReadOnlySpan<byte> frame, Address self, out Address from, out int uid)
    {
        var reader = new FrameReader(frame);
        if ((FrameKind)reader.Byte() != FrameKind.Hello || reader.Int32() != Magic)
            throw new ProtocolException("the first frame is no introduction");
        var version = reader.Byte();
        uid = reader.Int32();
        if (!Address.TryParse(reader.String(), out var parsed) || !parsed.HasGlobalScope)
            throw new ProtocolException("the introduction names no address");
        from = parsed;
        if (version != Version)
            return $"protocol version {version} instead of {Version}";
        if (uid == 0)
            return "no uid";
        var target = reader.String();
        return target == self.ToString() ? null : $"{target} was to be reached, this is {self}";
    }

    /// <returns>The other side's uid.</returns>
    public static int ReadAnswer(ReadOnlySpan<byte> frame, Association association)
    {
        var reader = new FrameReader(frame);
        switch ((FrameKind)reader.Byte())
        {
            case FrameKind.Welcome when reader.Byte() == Version:
                return reader.Int32();
            case FrameKind.Refused:
                Refused(ref reader, association);
                return 0;
            default:
                throw new RemoteTransportException($"{association.Address} answered with something unknown");
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
