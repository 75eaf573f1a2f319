namespace Akka;

/// <summary>The value of a task that only says that something is complete.</summary>
public sealed class Done
{
    public static readonly Done Instance = new();

    private Done() { }
}
