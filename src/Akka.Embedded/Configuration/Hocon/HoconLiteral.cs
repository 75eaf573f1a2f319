namespace Akka.Configuration.Hocon;

/// <summary>Text: also numbers, booleans, durations and sizes, until somebody asks for one.</summary>
public class HoconLiteral : IHoconElement
{
    /// <summary>Null for the unquoted <c>null</c>.</summary>
    public string? Value { get; set; }

    public bool IsString() => true;

    public string? GetString() => Value;

    public bool IsArray() => false;

    public IList<HoconValue> GetArray() => throw new ConfigurationException($"\"{Value}\" is not a list");

    public override string ToString() => HoconWriter.Quote(Value);
}
