using System.Globalization;
using Akka.Actor;

namespace Akka.Serialization;

/// <summary>Turns objects into bytes and back.</summary>
public abstract class Serializer
{
    // Named as in Akka.NET, for those who derive from it.
    protected readonly ExtendedActorSystem system;
    private readonly Lazy<int> _identifier;

    protected Serializer(ExtendedActorSystem system)
    {
        this.system = system;
        _identifier = new Lazy<int>(ConfiguredIdentifier);
    }

    /// <summary>The number of this serializer on the wire.</summary>
    public virtual int Identifier => _identifier.Value;

    /// <summary>Whether the type must be known to read the bytes.</summary>
    public abstract bool IncludeManifest { get; }

    public abstract byte[] ToBinary(object obj);

    /// <summary>As <see cref="ToBinary"/>, with local references written under <paramref name="address"/>.</summary>
    public byte[] ToBinaryWithAddress(Address address, object obj) =>
        Serialization.WithTransport(system, address, () => ToBinary(obj));

    public abstract object FromBinary(byte[] bytes, Type? type);

    public T FromBinary<T>(byte[] bytes) => (T)FromBinary(bytes, typeof(T));

    private int ConfiguredIdentifier()
    {
        const string path = "akka.actor.serialization-identifiers";
        var type = GetType();
        var identifiers = system.Settings.Config.GetConfig(path) ?? Configuration.Config.Empty;
        foreach (var (name, value) in identifiers.AsEnumerable())
        {
            var className = name.Trim('"');
            if (className == type.FullName || className.StartsWith(type.FullName + ",", StringComparison.Ordinal))
                return int.Parse(value.GetString() ?? "", CultureInfo.InvariantCulture);
        }

        throw new Configuration.ConfigurationException($"{path} has no number for {type.FullName}");
    }
}

/// <summary>A serializer that names types itself, so that names of classes never travel.</summary>
public abstract class SerializerWithStringManifest : Serializer
{
    protected SerializerWithStringManifest(ExtendedActorSystem system)
        : base(system) { }

    public sealed override bool IncludeManifest => true;

    public sealed override object FromBinary(byte[] bytes, Type? type) =>
        FromBinary(bytes, type is null ? "" : type.AssemblyQualifiedName!);

    /// <summary>Reads what was written with <paramref name="manifest"/>.</summary>
    public abstract object FromBinary(byte[] bytes, string manifest);

    /// <summary>The name, of this serializer's choice, under which <paramref name="o"/>'s type travels.</summary>
    public abstract string Manifest(object o);
}

/// <summary>Leaves byte arrays as they are.</summary>
public class ByteArraySerializer : Serializer
{
    public ByteArraySerializer(ExtendedActorSystem system)
        : base(system) { }

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) =>
        obj as byte[] ?? throw new NotSupportedException($"{obj.GetType()} is not a byte array");

    public override object FromBinary(byte[] bytes, Type? type) => bytes;
}
