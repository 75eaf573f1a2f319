namespace Akka.Configuration.Hocon;

/// <summary>One part of a <see cref="HoconValue"/>: text, an array or an object.</summary>
public interface IHoconElement
{
    bool IsString();

    /// <exception cref="ConfigurationException">The element is no text.</exception>
    string? GetString();

    bool IsArray();

    /// <exception cref="ConfigurationException">The element is no array.</exception>
    IList<HoconValue> GetArray();
}

public interface IMightBeAHoconObject
{
    bool IsObject();

    /// <returns>Null when this is no object.</returns>
    HoconObject? GetObject();
}
