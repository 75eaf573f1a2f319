using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Akka.Actor;

/// <summary>Where an actor system lives: protocol, system name and, when it is reachable, host and port.</summary>
public sealed class Address : IEquatable<Address>, IComparable<Address>, IComparable, ICloneable
{
    internal static readonly Address AllSystems = new("akka", "all-systems");

    private readonly int _hash;
    private string? _text;

    public Address(string protocol, string system, string? host = null, int? port = null)
    {
        Protocol = protocol;
        System = system;
        Host = host?.ToLowerInvariant();
        Port = port;
        _hash = HashCode.Combine(Protocol, System, Host, Port);
    }

    public string? Host { get; }

    public int? Port { get; }

    public string System { get; }

    public string Protocol { get; }

    /// <summary>Whether this address can be used from other processes.</summary>
    internal bool HasGlobalScope => Host is not null;

    public static bool operator ==(Address? left, Address? right) => Equals(left, right);

    public static bool operator !=(Address? left, Address? right) => !Equals(left, right);

    public static Address Parse(string address) =>
        TryParse(address, out Address? parsed)
            ? parsed
            : throw new UriFormatException($"[{address}] is not an address of the form protocol://system@host:port");

    public static bool TryParse(string? path, [NotNullWhen(true)] out Address? address) =>
        TryParse(path.AsSpan(), out address, out _);

    /// <summary>Parses the address at the start of <paramref name="span"/> and returns what follows it.</summary>
    internal static bool TryParse(
        ReadOnlySpan<char> span,
        [NotNullWhen(true)] out Address? address,
        out ReadOnlySpan<char> absolutUri
    )
    {
        address = null;
        absolutUri = default;
        var scheme = span.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0 || !span.StartsWith("akka", StringComparison.OrdinalIgnoreCase))
            return false;
        var rest = span[(scheme + 3)..];
        var slash = rest.IndexOf('/');
        var authority = slash < 0 ? rest : rest[..slash];
        if (authority.IsEmpty)
            return false;

        var protocol = span[..scheme].ToString().ToLowerInvariant();
        var at = authority.IndexOf('@');
        if (at < 0)
        {
            if (authority.Contains(':'))
                return false;
            address = new Address(protocol, authority.ToString());
        }
        else if (at > 0 && TryParseHostPort(authority[(at + 1)..], out var host, out var port))
        {
            address = new Address(protocol, authority[..at].ToString(), host, port);
        }
        else
        {
            return false;
        }

        absolutUri = slash < 0 ? "/" : rest[slash..];
        return true;
    }

    private static bool TryParseHostPort(ReadOnlySpan<char> text, out string host, out int port)
    {
        host = "";
        port = 0;
        var colon = text.LastIndexOf(':');
        if (colon <= 0)
            return false;
        host = text[..colon].ToString();
        return int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is >= 0 and <= 65535;
    }

    public int CompareTo(Address? other)
    {
        if (other is null)
            return 1;
        if (ReferenceEquals(this, other))
            return 0;
        var result = string.CompareOrdinal(Protocol, other.Protocol);
        if (result == 0)
            result = string.CompareOrdinal(System, other.System);
        if (result == 0)
            result = string.CompareOrdinal(Host ?? "", other.Host ?? "");
        return result != 0 ? result : (Port ?? 0).CompareTo(other.Port ?? 0);
    }

    int IComparable.CompareTo(object? obj) =>
        obj is null or Address ? CompareTo(obj as Address) : throw new ArgumentException("not an address", nameof(obj));

    public object Clone() => new Address(Protocol, System, Host, Port);

    public Address WithProtocol(string protocol) => new(protocol, System, Host, Port);

    public Address WithPort(int? port = null) => new(Protocol, System, Host, port);

    public bool Equals(Address? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        return other is not null
            && _hash == other._hash
            && Port == other.Port
            && string.Equals(Host, other.Host, StringComparison.Ordinal)
            && string.Equals(System, other.System, StringComparison.Ordinal)
            && string.Equals(Protocol, other.Protocol, StringComparison.Ordinal);
    }

    public override bool Equals(object? obj) => Equals(obj as Address);

    public override int GetHashCode() => _hash;

    public override string ToString() =>
        _text ??= Host is null ? $"{Protocol}://{System}" : $"{Protocol}://{System}@{Host}:{Port ?? 0}";
}
