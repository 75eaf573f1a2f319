using System.Globalization;
using Failover.Core;

namespace Failover.Node.Metrics;

/// <summary>A partition's number as label text, made once: labels are given with every measurement.</summary>
internal static class PartitionLabel
{
    private static readonly string[] Known =
    [
        .. Enumerable.Range(0, 64).Select(n => n.ToString(CultureInfo.InvariantCulture)),
    ];

    public static string Of(PartitionId partition) =>
        (uint)partition.Value < (uint)Known.Length ? Known[partition.Value] : partition.ToString();
}
