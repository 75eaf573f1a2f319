using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Values as text that reads back to the same values.</summary>
internal static class HoconWriter
{
    public static string Write(HoconValue value)
    {
        var text = new StringBuilder();
        Append(text, value, indent: 0);
        return text.ToString();
    }

    public static string Write(IHoconElement element) => Write(HoconValue.Of(element));

    public static string Quote(string? text)
    {
        if (text is null)
            return "null";
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    quoted.Append('\\').Append(c);
                    break;
                case < ' ':
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                default:
                    quoted.Append(c);
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }

    private static void Append(StringBuilder text, HoconValue value, int indent)
    {
        if (value.GetObject() is { } nested)
            Append(text, nested, indent);
        else if (value.IsArray())
            Append(text, value.GetArray(), indent);
        else
            text.Append(value.IsNull ? "null" : Quote(string.Concat(value.Values.Select(part => part.GetString()))));
    }

    private static void Append(StringBuilder text, HoconObject nested, int indent)
    {
        if (nested.Items.Count == 0)
        {
            text.Append("{}");
            return;
        }

        text.Append("{\n");
        foreach (var (key, value) in nested.Items)
        {
            text.Append(' ', indent + 2).Append(IsPlain(key) ? key : Quote(key)).Append(" = ");
            Append(text, value, indent + 2);
            text.Append('\n');
        }

        text.Append(' ', indent).Append('}');
    }

    private static void Append(StringBuilder text, IList<HoconValue> items, int indent)
    {
        text.Append('[');
        for (var index = 0; index < items.Count; index++)
        {
            if (index > 0)
                text.Append(", ");
            Append(text, items[index], indent);
        }

        text.Append(']');
    }

    private static bool IsPlain(string key) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
