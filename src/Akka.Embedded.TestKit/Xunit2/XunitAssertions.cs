using System.Globalization;
using Xunit;

namespace Akka.TestKit.Xunit2;

/// <summary>Failures as xunit's.</summary>
public class XunitAssertions : ITestKitAssertions
{
    public void Fail(string format = "", params object?[] args) => Assert.Fail(Text(format, args));

    public void AssertTrue(bool condition, string format = "", params object?[] args) =>
        Assert.True(condition, Text(format, args));

    public void AssertFalse(bool condition, string format = "", params object?[] args) =>
        Assert.False(condition, Text(format, args));

    public void AssertEqual<T>(T expected, T actual, string format = "", params object?[] args) =>
        AssertEqual(expected, actual, EqualityComparer<T>.Default.Equals, format, args);

    public void AssertEqual<T>(
        T expected,
        T actual,
        Func<T, T, bool> comparer,
        string format = "",
        params object?[] args
    )
    {
        ArgumentNullException.ThrowIfNull(comparer);
        if (!comparer(expected, actual))
            Assert.Fail($"{Text(format, args)}\nExpected: {expected}\nActual:   {actual}");
    }

    /// <summary>A text without arguments is no format: it may hold braces.</summary>
    private static string Text(string format, object?[] args) =>
        args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
}
