using System.Diagnostics;

namespace Akka.Embedded.Internals.Tests.Remote;

/// <summary>Some seconds of what <c>tests/RemoteFuzz</c> does for minutes, in a process of its own so that its memory can be told.</summary>
public sealed class FuzzTests
{
    [Fact]
    public Task Garbage_of_every_kind_harms_nobody_else() => Fuzz("--seconds", "10", "--seed", "4711");

    [Fact]
    public Task Garbage_that_nobody_chose_harms_nobody_else() => Fuzz("--seconds", "10");

    [Fact]
    public Task Garbage_inside_and_outside_of_tls_harms_nobody_else() => Fuzz("--seconds", "10", "--tls");

    private static async Task Fuzz(params string[] options)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Failover.RemoteFuzz.dll");
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["exec", program, .. options])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, await output + await errors);
    }
}
