namespace Akka.Cluster.Detection;

/// <summary>`akka.cluster.failure-detector`, as the reference configuration describes it.</summary>
internal sealed record DetectionOptions
{
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);
    public double Threshold { get; init; } = 8;
    public int MaxSampleSize { get; init; } = 1000;
    public TimeSpan MinStandardDeviation { get; init; } = TimeSpan.FromMilliseconds(100);
    public TimeSpan AcceptableHeartbeatPause { get; init; } = TimeSpan.FromSeconds(3);
    public TimeSpan ExpectedResponseAfter { get; init; } = TimeSpan.FromSeconds(1);
    public int MonitoredByNrOfMembers { get; init; } = 9;
}
