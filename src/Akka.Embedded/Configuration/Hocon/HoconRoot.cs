namespace Akka.Configuration.Hocon;

/// <summary>A whole document, substitutions resolved.</summary>
public class HoconRoot(HoconValue value)
{
    public HoconValue Value { get; } = value;
}
