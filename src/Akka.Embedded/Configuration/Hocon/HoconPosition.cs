namespace Akka.Configuration.Hocon;

/// <summary>Where in which text; lines and columns count from 1.</summary>
internal readonly record struct HoconPosition(string Origin, int Line, int Column)
{
    public override string ToString() => $"{Origin}, line {Line}, column {Column}";

    public ConfigurationException Error(string problem, Exception? cause = null) => new($"{problem} ({this})", cause);
}
