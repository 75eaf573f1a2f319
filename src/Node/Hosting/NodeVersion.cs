namespace Failover.Node.Hosting;

internal static class NodeVersion
{
    /// <summary>The program's version, such as <c>0.1.0</c>.</summary>
    public static string Text { get; } = typeof(NodeVersion).Assembly.GetName().Version!.ToString(3);
}
