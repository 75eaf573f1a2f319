using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;

namespace Akka.Serialization;

/// <summary>Strings and numbers, little-endian.</summary>
internal sealed class PrimitiveSerializer(ExtendedActorSystem system) : DirectSerializer(system)
{
    public override string Manifest(object o) =>
        o switch
        {
            string => "S",
            int => "I",
            long => "L",
            bool => "B",
            double => "D",
            _ => throw new NotSupportedException($"{o.GetType()} is no primitive type known here"),
        };

    public override int Measure(object message) =>
        message switch
        {
            string text => Encoding.UTF8.GetByteCount(text),
            bool => 1,
            int => 4,
            long or double => 8,
            _ => throw new NotSupportedException($"{message.GetType()} is no primitive type known here"),
        };

    public override void Write(object message, Span<byte> destination)
    {
        switch (message)
        {
            case string text:
                Encoding.UTF8.GetBytes(text, destination);
                break;
            case bool truth:
                destination[0] = truth ? (byte)1 : (byte)0;
                break;
            case int number:
                BinaryPrimitives.WriteInt32LittleEndian(destination, number);
                break;
            case long number:
                BinaryPrimitives.WriteInt64LittleEndian(destination, number);
                break;
            case double number:
                BinaryPrimitives.WriteDoubleLittleEndian(destination, number);
                break;
        }
    }

    public override object Read(ReadOnlySpan<byte> bytes, string manifest) =>
        (manifest, bytes.Length) switch
        {
            ("S", _) => Encoding.UTF8.GetString(bytes),
            ("B", 1) => bytes[0] != 0,
            ("I", 4) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            ("L", 8) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            ("D", 8) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            _ => throw new SerializationException(
                $"No primitive has the manifest [{manifest}] and {bytes.Length} bytes"
            ),
        };
}
