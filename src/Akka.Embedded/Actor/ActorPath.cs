using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Akka.Actor;

/// <summary>The name of an actor: its system's address and the names from the root down to it.</summary>
/// <remarks>Equality ignores the uid: two incarnations under one name have equal paths but different references.</remarks>
public abstract class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    /// <summary>The symbols that a name may contain besides letters and digits.</summary>
    public const string ValidSymbols = "\"-_.*$+:@&=,!~';()";

    private readonly int _hash;
    private string? _withoutAddress;
    private string? _text;

    protected ActorPath(Address address, string name)
    {
        Address = address;
        Parent = this;
        Root = this;
        Name = name;
        _hash = HashCode.Combine(address, name);
    }

    internal ActorPath(ActorPath parentPath, string name, long uid)
    {
        Address = parentPath.Address;
        Parent = parentPath;
        Root = parentPath.Root;
        Depth = parentPath.Depth + 1;
        Name = name;
        Uid = uid;
        _hash = HashCode.Combine(parentPath._hash, name);
    }

    public string Name { get; }

    public Address Address { get; }

    /// <summary>Which incarnation under this name; 0 means any.</summary>
    public long Uid { get; }

    /// <summary>The path above; the root is its own parent.</summary>
    internal ActorPath Parent { get; }

    /// <summary>How many names lie between the root and this path, this one included.</summary>
    internal int Depth { get; }

    internal ActorPath Root { get; }

    /// <summary>The names from below the root down to this path.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            var elements = new string[Depth];
            var path = this;
            for (var i = Depth - 1; i >= 0; i--, path = path.Parent)
                elements[i] = path.Name;
            return elements;
        }
    }

    public static ActorPath operator /(ActorPath path, string name) => new ChildActorPath(path, name, 0);

    public static ActorPath operator /(ActorPath path, IEnumerable<string> name) =>
        name.Where(static n => n.Length > 0).Aggregate(path, static (parent, n) => new ChildActorPath(parent, n, 0));

    public static bool operator ==(ActorPath? left, ActorPath? right) => Equals(left, right);

    public static bool operator !=(ActorPath? left, ActorPath? right) => !(left == right);

    public static bool IsValidPathElement(string s)
    {
        if (string.IsNullOrEmpty(s) || s[0] == '$')
            return false;
        for (var i = 0; i < s.Length; i++)
        {
            var c = s[i];
            if (char.IsAsciiLetterOrDigit(c) || ValidSymbols.Contains(c))
                continue;
            if (c != '%' || i + 2 >= s.Length)
                return false;
            if (!char.IsAsciiHexDigit(s[i + 1]) || !char.IsAsciiHexDigit(s[i + 2]))
                return false;
            i += 2;
        }

        return true;
    }

    public static ActorPath Parse(string path) =>
        TryParse(path, out var parsed) ? parsed : throw new UriFormatException($"Can not parse an ActorPath: {path}");

    internal static bool TryParse(string path, [NotNullWhen(true)] out ActorPath? actorPath)
    {
        actorPath = null;
        return Address.TryParse(path.AsSpan(), out var address, out var elements)
            && TryParse(new RootActorPath(address), elements, out actorPath);
    }

    /// <summary>Appends the names of <paramref name="absoluteUri"/> (<c>/a/b#uid</c>) to <paramref name="basePath"/>.</summary>
    internal static bool TryParse(
        ActorPath basePath,
        ReadOnlySpan<char> absoluteUri,
        [NotNullWhen(true)] out ActorPath? actorPath
    )
    {
        actorPath = null;
        var uid = 0L;
        var hash = absoluteUri.IndexOf('#');
        if (hash >= 0)
        {
            var number = absoluteUri[(hash + 1)..];
            if (!long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out uid))
                return false;
            absoluteUri = absoluteUri[..hash];
        }

        var path = basePath;
        foreach (var range in absoluteUri.Split('/'))
        {
            var name = absoluteUri[range];
            if (name.IsEmpty)
                continue;
            path = new ChildActorPath(path, name.ToString(), 0);
        }

        actorPath = uid == 0 ? path : path.WithUid(uid);
        return true;
    }

    internal static string FormatPathElements(IEnumerable<string> pathElements) => "/" + string.Join('/', pathElements);

    internal ActorPath WithUid(long uid) => uid == Uid || Depth == 0 ? this : new ChildActorPath(Parent, Name, uid);

    internal string ToStringWithoutAddress()
    {
        if (_withoutAddress is { } cached)
            return cached;
        if (Depth == 0)
            return _withoutAddress = "/";
        var text = new StringBuilder();
        foreach (var element in Elements)
            text.Append('/').Append(element);
        return _withoutAddress = text.ToString();
    }

    internal string ToStringWithAddress() => ToStringWithAddress(Address);

    /// <summary>With <paramref name="address"/> in place of a local one; a path that has a host keeps it.</summary>
    internal string ToStringWithAddress(Address address) =>
        (Address.HasGlobalScope ? Address : address) + ToStringWithoutAddress();

    internal string ToStringWithUid() => AppendUid(ToStringWithAddress());

    /// <summary>The text that names exactly this incarnation.</summary>
    internal string ToSerializationFormat() => ToStringWithUid();

    internal string ToSerializationFormatWithAddress(Address address) => AppendUid(ToStringWithAddress(address));

    public int CompareTo(ActorPath? other) => other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());

    public bool Equals(ActorPath? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (other is null || _hash != other._hash || Depth != other.Depth)
            return false;
        ActorPath a = this,
            b = other;
        while (a.Depth > 0)
        {
            if (!string.Equals(a.Name, b.Name, StringComparison.Ordinal))
                return false;
            (a, b) = (a.Parent, b.Parent);
            if (ReferenceEquals(a, b))
                return true;
        }

        return Address.Equals(other.Address);
    }

    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    public override int GetHashCode() => _hash;

    public override string ToString() => _text ??= ToStringWithAddress();

    private string AppendUid(string text) =>
        Uid == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text}#{Uid}");
}

/// <summary>The path of a system's root, <c>akka://system/</c>.</summary>
public sealed class RootActorPath : ActorPath
{
    public RootActorPath(Address address, string name = "")
        : base(address, name) { }
}

/// <summary>A path below another one.</summary>
public sealed class ChildActorPath : ActorPath
{
    internal ChildActorPath(ActorPath parentPath, string name, long uid)
        : base(parentPath, name, uid) { }
}

/// <summary>Takes paths without an address apart.</summary>
public static class RelativeActorPath { }
