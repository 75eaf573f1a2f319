using System.Globalization;

namespace Akka.Event;

/// <summary>Makes a text of a template and its arguments.</summary>
public interface ILogMessageFormatter
{
    string Format(string format, params object[] args);
}

/// <summary>Formats as <see cref="string.Format(string, object[])"/> does.</summary>
public class DefaultLogMessageFormatter : ILogMessageFormatter
{
    internal static readonly DefaultLogMessageFormatter Instance = new();

    private protected DefaultLogMessageFormatter() { }

    public string Format(string format, params object[] args) =>
        args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
}

/// <summary>A template and its arguments, formatted when the text is asked for.</summary>
public abstract class LogMessage
{
    internal readonly ILogMessageFormatter Formatter;

    internal LogMessage(ILogMessageFormatter formatter, string format)
    {
        Formatter = formatter;
        Format = format;
    }

    internal string Format { get; }
}

/// <summary>A template with any number of arguments.</summary>
internal sealed class FormattedLogMessage(ILogMessageFormatter formatter, string format, object[] arguments)
    : LogMessage(formatter, format)
{
    public IReadOnlyList<object> Arguments => arguments;

    public override string ToString()
    {
        try
        {
            return Formatter.Format(Format, arguments);
        }
        catch (FormatException e)
        {
            // A log statement with a wrong template must still say what it was about.
            return $"{Format} [{string.Join(", ", arguments)}] ({e.Message})";
        }
    }
}
