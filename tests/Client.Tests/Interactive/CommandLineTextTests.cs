using Failover.Client.Interactive;

namespace Failover.Client.Tests.Interactive;

public sealed class CommandLineTextTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("   ", false)]
    [InlineData("put  k v ", false, "put", "k", "v")]
    [InlineData("""put k '{"a": "b c"}'""", false, "put", "k", """{"a": "b c"}""")]
    [InlineData("""put k "it's \"so\"" x\ y""", false, "put", "k", "it's \"so\"", "x y")]
    [InlineData("put k ''", false, "put", "k", "")]
    [InlineData("put k='a b'c", false, "put", "k=a bc")]
    [InlineData("put k 'open", true, "put", "k", "open")]
    public void Words_are_split_as_a_shell_splits_them(string line, bool open, params string[] words)
    {
        Assert.Equal(words, CommandLineText.Split(line, out var isOpen));
        Assert.Equal(open, isOpen);
    }
}
