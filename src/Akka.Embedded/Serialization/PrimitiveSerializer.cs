using System.Buffers.Binary;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;

namespace Akka.Serialization;

/// <summary>Strings and numbers, little-endian.</summary>
internal sealed class PrimitiveSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
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

    public override byte[] ToBinary(object obj)
    {
        switch (obj)
        {
            case string text:
                return Encoding.UTF8.GetBytes(text);
            case bool truth:
                return [truth ? (byte)1 : (byte)0];
            case int number:
                var four = new byte[4];
                BinaryPrimitives.WriteInt32LittleEndian(four, number);
                return four;
            case long number:
                var eight = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(eight, number);
                return eight;
            case double number:
                var real = new byte[8];
                BinaryPrimitives.WriteDoubleLittleEndian(real, number);
                return real;
            default:
                throw new NotSupportedException($"{obj.GetType()} is no primitive type known here");
        }
    }

    public override object FromBinary(byte[] bytes, string manifest) =>
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
