namespace Akka.Configuration.Hocon;

/// <summary>A whole document, substitutions resolved.</summary>
public class HoconRoot(HoconValue value)
{
    internal HoconValue Value { get; } = value;
}
