using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Remote;

namespace Akka.Serialization;

/// <summary>A message inside another one: the number of its own serializer, its manifest, its bytes.</summary>
internal static class NestedMessage
{
    // Nobody nests deeper; without an end, a small frame could use up a thread's stack and end the process.
    private const int Deepest = 8;

    [ThreadStatic]
    private static int _depth;

    public static void Write(FrameWriter bytes, ExtendedActorSystem system, object? value)
    {
        // A bare object is what Status.Success.Instance holds, and what nobody will look at.
        if (value is null || value.GetType() == typeof(object))
        {
            bytes.Byte(0);
            return;
        }

        var serializer = system.Serialization.FindSerializerFor(value);
        bytes.Byte(1);
        bytes.Varint((uint)serializer.Identifier);
        bytes.String(Serialization.ManifestFor(serializer, value));
        if (serializer is DirectSerializer direct)
        {
            var length = direct.Measure(value);
            bytes.Varint((ulong)length);
            bytes.Message(direct, value, length);
            return;
        }

        var content = serializer.ToBinary(value);
        bytes.Varint((ulong)content.Length);
        bytes.Bytes(content);
    }

    public static object Read(ref FrameReader reader, ExtendedActorSystem system)
    {
        if (reader.Byte() == 0)
            return new object();
        var serializer = (int)reader.Varint();
        var manifest = reader.String();
        if (_depth == Deepest)
            throw new SerializationException($"More than {Deepest} messages are nested");
        _depth++;
        try
        {
            return system.Serialization.Deserialize(reader.Bytes(), serializer, manifest);
        }
        finally
        {
            _depth--;
        }
    }
}
