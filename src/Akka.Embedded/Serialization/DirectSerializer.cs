using Akka.Actor;

namespace Akka.Serialization;

/// <summary>For messages that never change: written when and where their bytes are needed, read from where those lie.</summary>
/// <remarks>Other serializers hand over and get an array of their own for each message, as Akka.NET has it.</remarks>
internal abstract class DirectSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>How many bytes <see cref="Write"/> takes.</summary>
    public abstract int Measure(object message);

    /// <param name="message">What to write.</param>
    /// <param name="destination">As long as <see cref="Measure"/> says.</param>
    public abstract void Write(object message, Span<byte> destination);

    public abstract object Read(ReadOnlySpan<byte> bytes, string manifest);

    public sealed override byte[] ToBinary(object obj)
    {
        var bytes = new byte[Measure(obj)];
        Write(obj, bytes);
        return bytes;
    }

    public sealed override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest);
}
