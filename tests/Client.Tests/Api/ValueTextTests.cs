using System.Text;
using System.Text.Json;
using Failover.Client.Api;

namespace Failover.Client.Tests.Api;

public sealed class ValueTextTests
{
    [Theory]
    [InlineData("5")]
    [InlineData("-1.5e3")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("[1,2]")]
    [InlineData("""{"a":{"b":null}}""")]
    public void Json_that_is_no_string_is_sent_as_it_was_typed(string typed)
    {
        Assert.Equal(typed, Encoding.UTF8.GetString(ValueText.ToJson(typed).Span));
    }

    [Theory]
    [InlineData("Paola")]
    [InlineData("")]
    [InlineData("\"quoted\"")]
    [InlineData("{broken")]
    [InlineData("01234")]
    [InlineData("naïve \\ \"so\" \n🚀")]
    public void Anything_else_arrives_as_the_string_that_was_typed(string typed)
    {
        using var document = JsonDocument.Parse(ValueText.ToJson(typed));
        Assert.Equal(typed, document.RootElement.GetString());
    }
}
