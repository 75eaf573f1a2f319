using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Splits a dotted path into keys; quotes keep the dots of a key.</summary>
internal static class HoconPath
{
    public static string[] Parse(string path)
    {
        if (!path.Contains('"', StringComparison.Ordinal))
        {
            var plain = path.Split('.', StringSplitOptions.TrimEntries);
            return plain.Contains("") ? throw Malformed(path) : plain;
        }

        var reader = new HoconReader(path, path);
        var keys = ReadKeys(reader);
        return reader.AtEnd ? keys : throw Malformed(path);
    }

    /// <summary>Reads keys up to the first character that can be in none.</summary>
    public static string[] ReadKeys(HoconReader reader)
    {
        List<string> keys = [];
        do
        {
            keys.Add(ReadKey(reader));
        } while (reader.TryTake('.'));

        return [.. keys];
    }

    private static string ReadKey(HoconReader reader)
    {
        var start = reader.Position;
        var key = new StringBuilder();
        var quoted = false;
        // Spaces inside a key belong to it (a b = 1), those around it do not.
        var spaces = "";
        while (true)
        {
            var skipped = reader.TakeBlanks();
            spaces = key.Length == 0 && !quoted ? "" : spaces + skipped;
            string part;
            if (reader.Peek() == '"')
            {
                part = reader.TakeQuoted();
                quoted = true;
            }
            else
            {
                part = reader.TakeUnquoted(endsAtDot: true);
                if (part.Length == 0)
                    break;
            }

            key.Append(spaces).Append(part);
            spaces = "";
        }

        if (key.Length == 0 && !quoted)
            throw start.Error($"A key is expected, not {reader.Describe()}");
        return key.ToString();
    }

    private static ConfigurationException Malformed(string path) => new($"\"{path}\" is not a path of keys");
}
