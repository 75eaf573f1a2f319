namespace Failover.Node.Tests.Storage;

/// <summary>What only Linux offers. Elsewhere it is skipped, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "NOT RUN: this needs a device of Linux's";
    }
}
