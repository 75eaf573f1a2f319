using System.Globalization;

namespace Failover.Core.Detection;

/// <summary>When an application's failing checks become trouble, and when they end to be.</summary>
/// <param name="failures">So many in a row make it unhealthy. At least 1.</param>
/// <param name="recoveries">So many good ones in a row make it healthy again. At least 1.</param>
/// <param name="check">What fails, as the subject of a sentence.</param>
/// <remarks>Healthy until proven otherwise: a node that has just started has not been asked yet.</remarks>
public sealed class ApplicationHealth(int failures, int recoveries, string check = "the application's health check")
{
    private int _failed;
    private int _passed;

    /// <summary>Why the application counts as unhealthy, for the node's report; null while it is healthy.</summary>
    public string? Trouble { get; private set; }

    public void Passed()
    {
        _failed = 0;
        _passed++;
        if (_passed >= recoveries)
            Trouble = null;
    }

    /// <param name="reason">What the check said, on one line.</param>
    public void Failed(string reason)
    {
        _passed = 0;
        _failed++;
        // The sentence stays as it was first found: one that counts on would be news with every check.
        if (_failed == failures)
            Trouble ??= string.Create(CultureInfo.InvariantCulture, $"{check} failed {Times(_failed)}: {reason}");
    }

    private static string Times(int count) =>
        count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count} times");
}
