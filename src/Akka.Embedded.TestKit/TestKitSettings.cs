using Akka.Actor;
using Akka.Configuration;

namespace Akka.TestKit;

/// <summary>The settings below <c>akka.test</c>.</summary>
public class TestKitSettings : IExtension
{
    public TestKitSettings(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        DefaultTimeout = config.GetTimeSpan("akka.test.default-timeout", allowInfinite: false);
        SingleExpectDefault = config.GetTimeSpan("akka.test.single-expect-default", allowInfinite: false);
        TestEventFilterLeeway = config.GetTimeSpan("akka.test.filter-leeway", allowInfinite: false);
        TestTimeFactor = config.GetDouble("akka.test.timefactor");
        if (TestTimeFactor <= 0)
            throw new ConfigurationException($"Setting akka.test.timefactor: {TestTimeFactor} is not positive");
    }

    /// <summary>How long latches wait.</summary>
    public TimeSpan DefaultTimeout { get; }

    /// <summary>How long one expectation waits when neither it nor a surrounding Within says so.</summary>
    public TimeSpan SingleExpectDefault { get; }

    /// <summary>How long event filters wait for the events after the action.</summary>
    public TimeSpan TestEventFilterLeeway { get; }

    /// <summary>All timeouts are multiplied by it: for slow machines.</summary>
    public double TestTimeFactor { get; }
}
