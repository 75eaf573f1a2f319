using Failover.Client.Output;
using Spectre.Console;

namespace Failover.Client.Tests.Output;

public sealed class TextTableTests
{
    private readonly TextTable _table = new("Name", "Wide", "Last") { Dispensable = ["Last", "Wide"] };

    public TextTableTests() => _table.Add("a", new TableCell("twenty characters or", Color.Red), "z");

    [Theory]
    [InlineData(80, "Name", "Wide", "Last")]
    [InlineData(34, "Name", "Wide")]
    [InlineData(20, "Name")]
    [InlineData(1, "Name")]
    public void A_narrow_terminal_gets_fewer_columns_instead_of_broken_ones(int width, params string[] headings)
    {
        using var written = new StringWriter();
        var console = Surroundings.Plain(written);

        console.Write(_table.ToStyled(width));

        Assert.Equal(
            headings,
            written
                .ToString()
                .Split('\n')
                .First(line => line.Contains("Name", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        );
    }

    [Fact]
    public void A_file_gets_all_columns_aligned()
    {
        using var written = new StringWriter();

        _table.WritePlain(written);

        Assert.Equal(
            "Name  Wide                  Last\na     twenty characters or  z\n",
            written.ToString().ReplaceLineEndings("\n")
        );
    }
}
