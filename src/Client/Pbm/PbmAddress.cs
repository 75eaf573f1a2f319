using System.Globalization;
using System.Net;
using Failover.Client.Local;

namespace Failover.Client.Pbm;

/// <summary>Where a node's inspection port is.</summary>
internal sealed record PbmAddress(string Host, int Port)
{
    public static PbmAddress Default { get; } = new("127.0.0.1", UpRequest.DefaultPbmPort);

    public static PbmAddress? TryParse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (
            colon <= 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is < 1 or > IPEndPoint.MaxPort
        )
            return null;
        var host = text[..colon].Trim('[', ']');
        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : new PbmAddress(host, port);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}");
}
