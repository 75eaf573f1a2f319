using Failover.Client.Interactive;

namespace Failover.Client.Tests.Interactive;

public sealed class LineBufferTests
{
    private readonly LineBuffer _line = new(["status", "put k v"]);

    [Fact]
    public void Typing_inserts_at_the_cursor()
    {
        Type("statu");
        Press(ConsoleKey.Home);
        Type("x");
        Press(ConsoleKey.Delete);

        Assert.Equal(("xtatu", 1), (_line.Text, _line.Cursor));
    }

    [Fact]
    public void Going_up_recalls_and_going_down_returns_to_what_was_being_typed()
    {
        Type("half");

        Assert.Equal("put k v", After(ConsoleKey.UpArrow));
        Assert.Equal("status", After(ConsoleKey.UpArrow));
        Assert.Equal("status", After(ConsoleKey.UpArrow));
        Assert.Equal("put k v", After(ConsoleKey.DownArrow));
        Assert.Equal("half", After(ConsoleKey.DownArrow));
        Assert.Equal("half", After(ConsoleKey.DownArrow));
    }

    [Fact]
    public void The_keys_of_a_shell_cut_words_and_the_rest_of_the_line()
    {
        Type("put key value");

        Assert.Equal("put key ", After(ConsoleKey.W, ConsoleModifiers.Control));
        Press(ConsoleKey.LeftArrow, ConsoleModifiers.Control);
        Assert.Equal("put ", After(ConsoleKey.K, ConsoleModifiers.Control));
        Assert.Equal("", After(ConsoleKey.U, ConsoleModifiers.Control));
    }

    [Fact]
    public void Control_d_ends_the_input_only_on_an_empty_line()
    {
        Type("x");
        Press(ConsoleKey.Home);

        Assert.Equal(LineOutcome.Editing, Press(ConsoleKey.D, ConsoleModifiers.Control));
        Assert.Equal("", _line.Text);
        Assert.Equal(LineOutcome.EndOfInput, Press(ConsoleKey.D, ConsoleModifiers.Control));
    }

    [Theory]
    [InlineData(ConsoleKey.Enter, ConsoleModifiers.None, nameof(LineOutcome.Accepted))]
    [InlineData(ConsoleKey.Tab, ConsoleModifiers.None, nameof(LineOutcome.CompletionWanted))]
    [InlineData(ConsoleKey.C, ConsoleModifiers.Control, nameof(LineOutcome.Abandoned))]
    [InlineData(ConsoleKey.L, ConsoleModifiers.Control, nameof(LineOutcome.ClearScreen))]
    [InlineData(ConsoleKey.Escape, ConsoleModifiers.None, nameof(LineOutcome.Editing))]
    public void Some_keys_are_questions_to_the_reader(ConsoleKey key, ConsoleModifiers modifiers, string outcome)
    {
        Type("x");

        Assert.Equal(outcome, Press(key, modifiers).ToString());
        Assert.Equal("x", _line.Text);
    }

    private void Type(string text)
    {
        foreach (var c in text)
            _line.Press(new ConsoleKeyInfo(c, ConsoleKey.NoName, false, false, false));
    }

    private string After(ConsoleKey key, ConsoleModifiers modifiers = 0)
    {
        Press(key, modifiers);
        return _line.Text;
    }

    private LineOutcome Press(ConsoleKey key, ConsoleModifiers modifiers = 0) =>
        _line.Press(new ConsoleKeyInfo('\0', key, false, false, modifiers.HasFlag(ConsoleModifiers.Control)));
}
