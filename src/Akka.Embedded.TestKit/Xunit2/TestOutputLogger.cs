using Akka.Actor;
using Akka.Event;
using Xunit.Abstractions;

namespace Akka.TestKit.Xunit2;

/// <summary>Writes log events into the output of one test.</summary>
internal sealed class TestOutputLogger : ReceiveActor
{
    public TestOutputLogger(ITestOutputHelper output, string prefix)
    {
        Receive<LogEvent>(logged =>
        {
            try
            {
                output.WriteLine(prefix + logged);
            }
            catch (InvalidOperationException)
            {
                // The test has ended; what its system says while it ends belongs to no test.
            }
        });
        Receive<InitializeLogger>(initialize =>
        {
            initialize.LoggingBus.Subscribe(Self, typeof(LogEvent));
            Sender.Tell(new LoggerInitialized());
        });
    }
}
