using Failover.Client.Api;

namespace Failover.Client.Tests.Api;

public sealed class UpdateFileTests
{
    [Fact]
    public void Entries_keep_their_order_and_everything_after_the_first_equals_sign()
    {
        Assert.Equal(
            [new("id", "999"), new("formula", "a=b=c"), new("empty", ""), new("name", " Paola ")],
            Parse("id=999\nformula=a=b=c\nempty=\n name = Paola ")
        );
    }

    [Fact]
    public void Comments_blank_lines_and_windows_line_ends_are_no_part_of_the_entries()
    {
        Assert.Equal(
            [new("id", "1"), new("note", "#2")],
            Parse("# a comment\r\n\r\n   # another\r\nid=1\r\nnote=#2\r\n")
        );
    }

    [Theory]
    [InlineData("id=1\nnonsense\n", "f:2: expected key=value but found 'nonsense'; nothing was applied")]
    [InlineData("\n# x\n=5", "f:3: the key before '=' is missing in '=5'; nothing was applied")]
    [InlineData("a=1\nb=2\na=3", "f:3: key 'a' is already set on line 1; nothing was applied")]
    public void A_line_that_cannot_be_understood_is_named_by_its_number(string text, string message)
    {
        Assert.Equal(message, Assert.Throws<CommandException>(() => Parse(text)).Message);
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Parse(string text) =>
        UpdateFile.Parse(new StringReader(text), "f");
}
