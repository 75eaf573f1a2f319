using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Xunit.Abstractions;

namespace Akka.TestKit.Xunit2;

/// <summary>The test kit as the base class of xunit tests: the system ends with the test.</summary>
public class TestKit : TestKitBase, IDisposable
{
    private bool _isDisposed;

    /// <param name="system">The system to test in, which ends with the test; null starts one.</param>
    /// <param name="output">Where log events go besides the loggers of the system.</param>
    public TestKit(ActorSystem? system = null, ITestOutputHelper? output = null)
        : base(Assertions, system)
    {
        Output = output;
        InitializeLogger(Sys);
    }

    public TestKit(Config config, string? actorSystemName = null, ITestOutputHelper? output = null)
        : base(Assertions, config, actorSystemName)
    {
        Output = output;
        InitializeLogger(Sys);
    }

    public TestKit(string config, ITestOutputHelper? output = null)
        : this(ConfigurationFactory.ParseString(config), output: output) { }

    public static new Config DefaultConfig => TestKitBase.DefaultConfig;

    public static new Config FullDebugConfig => TestKitBase.FullDebugConfig;

    protected static XunitAssertions Assertions { get; } = new();

    [SuppressMessage("Design", "CA1051", Justification = "Akka.NET's tests know it as a field")]
    protected readonly ITestOutputHelper? Output;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Called once, when the test has ended and its system has not.</summary>
    protected virtual void AfterAll() => Shutdown();

    /// <summary>Lets log events of <paramref name="system"/> appear in the test's output, too.</summary>
    protected void InitializeLogger(ActorSystem system) => InitializeLogger(system, prefix: "");

    protected void InitializeLogger(ActorSystem system, string prefix)
    {
        if (Output is null)
            return;
        var logger = ((ExtendedActorSystem)system).SystemActorOf(
            Props.Create(() => new TestOutputLogger(Output, prefix)),
            "log-test"
        );
        logger
            .Ask<LoggerInitialized>(new InitializeLogger(system.EventStream), TestKitSettings.DefaultTimeout)
            .GetAwaiter()
            .GetResult();
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (disposing)
            AfterAll();
    }
}
