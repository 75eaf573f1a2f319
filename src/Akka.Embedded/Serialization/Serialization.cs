using System.Collections.Concurrent;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Serialization;

/// <summary>Which serializer takes which type, as configured. May be used from any thread.</summary>
/// <remarks>Nothing that comes in bytes is ever used as the name of a class.</remarks>
public class Serialization
{
    [ThreadStatic]
    private static Transport? _transport;

    private readonly ConcurrentDictionary<Type, Serializer> _byType = new();
    private readonly ConcurrentDictionary<int, Serializer> _byId = new();
    private readonly ConcurrentDictionary<string, Serializer> _byName = new();
    private readonly List<(Type Type, Serializer Serializer)> _bindings = [];
    private readonly Lock _binding = new();

    public Serialization(ExtendedActorSystem system)
    {
        System = system;
        var config = system.Settings.Config;
        foreach (var (name, value) in Entries(config, "akka.actor.serializers"))
            AddSerializer(Unquoted(name), CreateSerializer(Unquoted(value.GetString() ?? ""), system));

        foreach (var (name, value) in Entries(config, "akka.actor.serialization-bindings"))
        {
            var serializerName = value.GetString() ?? "";
            if (!_byName.TryGetValue(serializerName, out var serializer))
            {
                throw new ConfigurationException(
                    $"akka.actor.serialization-bindings names the unknown serializer [{serializerName}] for [{name}]"
                );
            }

            AddSerializationMap(TypeByName.Find(Unquoted(name)), serializer);
        }
    }

    public ExtendedActorSystem System { get; }

    public void AddSerializer(string name, Serializer serializer)
    {
        if (_byId.TryGetValue(serializer.Identifier, out var other) && other.GetType() != serializer.GetType())
        {
            throw new ConfigurationException(
                $"Serializers {other.GetType()} and {serializer.GetType()} have the same identifier {serializer.Identifier}"
            );
        }

        _byName[name] = serializer;
        _byId[serializer.Identifier] = serializer;
    }

    /// <summary>From now on objects of <paramref name="type"/> and of types derived from it go to <paramref name="serializer"/>.</summary>
    public void AddSerializationMap(Type type, Serializer serializer)
    {
        lock (_binding)
        {
            _bindings.RemoveAll(binding => binding.Type == type);
            _bindings.Add((type, serializer));
            _byType.Clear();
        }
    }

    public byte[] Serialize(object o) => WithTransport(System, () => FindSerializerFor(o).ToBinary(o));

    /// <exception cref="SerializationException">No serializer has that number, or it does not know the manifest.</exception>
    public object Deserialize(byte[] bytes, int serializerId, string manifest)
    {
        var serializer = SerializerById(serializerId);
        var outer = EnterTransport(_transport ?? new Transport(System.Provider.DefaultAddress));
        try
        {
            return serializer is SerializerWithStringManifest named
                ? named.FromBinary(bytes, manifest)
                : serializer.FromBinary(bytes, null);
        }
        finally
        {
            LeaveTransport(outer);
        }
    }

    /// <summary>As the other one, of bytes that are somebody else's: they are copied only for serializers that want an array.</summary>
    /// <exception cref="SerializationException">No serializer has that number, or it does not know the manifest.</exception>
    internal object Deserialize(ReadOnlySpan<byte> bytes, int serializerId, string manifest) =>
        TrySerializerById(serializerId) is DirectSerializer direct
            ? direct.Read(bytes, manifest)
            : Deserialize(bytes.ToArray(), serializerId, manifest);

    public object Deserialize(byte[] bytes, int serializerId, Type? type)
    {
        var serializer = SerializerById(serializerId);
        return WithTransport(System, () => serializer.FromBinary(bytes, type));
    }

    public Serializer FindSerializerFor(object obj, string? defaultSerializerName = null) =>
        FindSerializerForType(obj.GetType(), defaultSerializerName);

    public Serializer FindSerializerForType(Type objectType, string? defaultSerializerName = null) =>
        _byType.TryGetValue(objectType, out var known) ? known : Bind(objectType, defaultSerializerName);

    /// <remarks>Apart from the above, which would make its closures even when it needs none.</remarks>
    private Serializer Bind(Type objectType, string? defaultSerializerName)
    {
        lock (_binding)
        {
            // The most specific binding that fits: no other fitting one is derived from it.
            var fitting = _bindings.Where(binding => binding.Type.IsAssignableFrom(objectType)).ToList();
            var best = fitting.Find(binding =>
                fitting.TrueForAll(other => other.Type == binding.Type || !binding.Type.IsAssignableFrom(other.Type))
            );
            var serializer = best.Serializer;
            if (serializer is null && defaultSerializerName is not null)
                _byName.TryGetValue(defaultSerializerName, out serializer);
            if (serializer is null)
            {
                throw new SerializationException(
                    $"No serializer found for type [{objectType}]; bind one in akka.actor.serialization-bindings"
                );
            }

            return _byType[objectType] = serializer;
        }
    }

    /// <summary>What the serializer wants to be told when the bytes are read again.</summary>
    public static string ManifestFor(Serializer s, object msg) =>
        s is SerializerWithStringManifest named ? named.Manifest(msg) : "";

    /// <summary>The path of <paramref name="actorRef"/> as another system can use it.</summary>
    public static string SerializedActorPath(IActorRef? actorRef)
    {
        if (actorRef is null)
            return "";
        if (_transport is { } transport)
            return actorRef.Path.ToSerializationFormatWithAddress(transport.Address);
        return actorRef is LocalActorRef local
            ? actorRef.Path.ToSerializationFormatWithAddress(local.Cell.System.Provider.DefaultAddress)
            : actorRef.Path.ToSerializationFormat();
    }

    public IActorRef DeserializeActorRef(string path) => System.Provider.ResolveActorRef(path);

    public static T WithTransport<T>(ActorSystem system, Address address, Func<T> action)
    {
        var outer = _transport;
        _transport = new Transport(address);
        try
        {
            return action();
        }
        finally
        {
            _transport = outer;
        }
    }

    public static T WithTransport<T>(ExtendedActorSystem system, Func<T> action) =>
        _transport is not null ? action() : WithTransport(system, system.Provider.DefaultAddress, action);

    /// <summary>The serializer of that number; null when there is none.</summary>
    internal Serializer? TrySerializerById(int id) => _byId.GetValueOrDefault(id);

    /// <summary>For a loop that serializes much: sets where local references are said to live, without closures.</summary>
    internal static Transport? EnterTransport(Transport transport)
    {
        var outer = _transport;
        _transport = transport;
        return outer;
    }

    internal static void LeaveTransport(Transport? outer) => _transport = outer;

    private Serializer SerializerById(int id) =>
        TrySerializerById(id)
        ?? throw new SerializationException(
            $"Cannot find a serializer with id [{id}]; is it configured on both sides?"
        );

    private static IEnumerable<KeyValuePair<string, Configuration.Hocon.HoconValue>> Entries(
        Config config,
        string path
    ) => config.HasPath(path) ? config.GetConfig(path)!.AsEnumerable() : [];

    private static string Unquoted(string text) => text.Trim('"');

    private static Serializer CreateSerializer(string className, ExtendedActorSystem system)
    {
        var type = TypeByName.Find(className);
        if (type.GetConstructor([typeof(ExtendedActorSystem)]) is not null)
            return TypeByName.Create<Serializer>(className, system);
        return TypeByName.Create<Serializer>(className);
    }

    /// <summary>Under which address this system is known to whom the bytes go.</summary>
    internal sealed record Transport(Address Address);
}
